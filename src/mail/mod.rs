//! Mail: what is to be sent is a job of the durable queue, and leaves by SMTP or `sendmail`.
//!
//! # Invariants
//! - A mail is queued in the transaction of the change it tells of, and goes with it.
//! - Nobody waits for a mail server: a request ends when the mail is queued.
//! - Mails carry tokens and codes. Their text is in no log, no list of jobs and no error, and is
//!   removed from the queue when it was sent. With `--dev` and no SMTP server they are shown, to
//!   superusers and in the console: that is what they are for there.
//! - In the queue they are sealed with the key of the settings, if there is one.
//! - No text can add a header or a recipient.
//! - Each conversation has a limit of time, and so many at a time are held.

mod compose;
mod mailbox;
mod message;
mod plain_text;
mod sendmail;
mod service;
mod smtp;

pub use mailbox::{ShownMail, ShownMails};
pub use message::Message;
pub use service::{KIND as JOB_KIND, Mail, MailError, MailParts};
