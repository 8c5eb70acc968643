// Mail servers to talk to: real SMTP, with TLS of a certificate authority of our own.
import assert from "node:assert/strict";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { eventually } from "./server.mjs";

/** A mail server; `mails` are those it took, `logins` who signed in, and how. */
export class MailServer {
  constructor(options = {}) {
    this.options = options;
    this.mails = [];
    this.logins = [];
  }

  static async start(options, port = 0) {
    const server = new MailServer(options);
    await server.listen(port);
    return server;
  }

  async listen(port) {
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      ...this.options,
      onAuth: (auth, session, done) => {
        const { method, username, password } = auth;
        this.logins.push({ method, username, password, secure: session.secure });
        done(null, { user: username });
      },
      onData: (stream, session, done) => {
        simpleParser(stream).then((mail) => {
          const { mailFrom, rcptTo } = session.envelope;
          const envelope = { from: mailFrom.address, to: rcptTo.map((to) => to.address) };
          this.mails.push({ ...mail, envelope, secure: session.secure });
          done();
        }, done);
      },
    });
    // A client that breaks off is not this test's failure.
    this.server.on("error", () => {});
    await new Promise((resolve) => this.server.listen(port, "127.0.0.1", resolve));
    this.port = this.server.server.address().port;
  }

  /** Settings that lead here. */
  settings(smtp = {}) {
    return { smtp: { enabled: true, host: "localhost", port: this.port, ...smtp } };
  }

  /** The newest mail to an address whose subject has this in it. */
  async mail(to, subject, timeout) {
    const found = () => this.mails.findLast((m) => m.to.text === to && m.subject.includes(subject));
    return eventually(`a mail to ${to}`, found, { timeout });
  }

  async close() {
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** The token in the link of a mail: the same in HTML and in plain text. */
export function token(mail, page) {
  const link = new RegExp(`/_/#/auth/${page}/([\\w.-]+)`);
  const [, fromText] = mail.text.match(link);
  const [, fromHtml] = mail.html.match(link);
  assert.equal(fromText, fromHtml);
  return fromText;
}
