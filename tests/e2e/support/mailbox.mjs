// A real SMTP server that keeps what it is given.
import assert from "node:assert/strict";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { eventually } from "../../sdk/support/server.mjs";

export class Mailbox {
  mails = [];

  static async open() {
    const mailbox = new Mailbox();
    mailbox.server = new SMTPServer({
      disabledCommands: ["STARTTLS", "AUTH"],
      onData: (stream, _session, done) => {
        simpleParser(stream).then((mail) => {
          mailbox.mails.push(mail);
          done();
        }, done);
      },
    });
    await new Promise((resolve, reject) => {
      mailbox.server.once("error", reject);
      mailbox.server.listen(0, "127.0.0.1", resolve);
    });
    mailbox.port = mailbox.server.server.address().port;
    return mailbox;
  }

  /** The first mail to this address whose subject matches, and which nobody has taken yet. */
  take(to, subject) {
    const isIt = (mail) => mail.to.text.includes(to) && subject.test(mail.subject);
    return eventually(
      `a mail to ${to} about ${subject}`,
      () => {
        const at = this.mails.findIndex(isIt);
        return at >= 0 && this.mails.splice(at, 1)[0];
      },
      { timeout: 60_000, pause: 50 },
    );
  }

  close() {
    return new Promise((resolve) => this.server.close(resolve));
  }
}

/** Where the button of a mail leads. The text of the mail must name the same. */
export function linkIn(mail) {
  const [, link] = mail.html.match(/href="([^"]+)"/) ?? [];
  assert.ok(link, `no link in ${mail.html}`);
  return link.replaceAll("&amp;", "&");
}
