/** Where the mail services that many use can be reached, as their manuals say. */
export interface SmtpPreset {
  name: string;
  host: string;
  port: number;
  tls: boolean;
}

export const smtpPresets: readonly SmtpPreset[] = [
  { name: 'Brevo', host: 'smtp-relay.brevo.com', port: 587, tls: false },
  { name: 'Fastmail', host: 'smtp.fastmail.com', port: 465, tls: true },
  { name: 'Gmail', host: 'smtp.gmail.com', port: 465, tls: true },
  { name: 'Mailgun', host: 'smtp.mailgun.org', port: 587, tls: false },
  { name: 'Microsoft 365', host: 'smtp.office365.com', port: 587, tls: false },
  { name: 'Postmark', host: 'smtp.postmarkapp.com', port: 587, tls: false },
  { name: 'Resend', host: 'smtp.resend.com', port: 465, tls: true },
  { name: 'SendGrid', host: 'smtp.sendgrid.net', port: 587, tls: false },
];
