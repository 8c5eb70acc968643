import { countOf } from '../format/numbers';

/** Sentences of the mailbox of a server under development. */
export const mailStrings = {
  title: 'Mails',
  lead: 'While this server is under development it shows mails here instead of sending them.',
  none: 'No mail yet',
  noneText: 'Ask for a password reset or a one-time code: the mail shows up here at once.',
  off: 'This server sends its mails',
  offText: 'They are shown here only with --dev and without an SMTP server.',
  settings: 'Settings of mail',
  pick: 'Choose a mail to read it.',
  failed: 'The mails could not be loaded.',
  gone: 'This mail is not kept any more.',
  clear: 'Forget all',
  cleared: 'The mails are forgotten',
  count: (count: number) => countOf(count, 'mail'),
  to: 'To',
  from: 'From',
  sent: 'Sent',
  view: 'How to show it',
  views: { html: 'As a mail', text: 'As text' },
  links: 'Links in it',
  content: (subject: string) => `Mail: ${subject}`,
};
