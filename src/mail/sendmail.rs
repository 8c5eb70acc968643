//! Mails through the `sendmail` of the machine, for when no SMTP server is set up.

use std::error::Error as _;
use std::io;

use lettre::transport::sendmail::Error;
use lettre::{AsyncSendmailTransport, AsyncTransport as _, Tokio1Executor};

use crate::mail::MailError;

/// By `PATH` first, then where it is as a rule: services often have a short path.
const COMMANDS: [&str; 4] =
    ["sendmail", "/usr/sbin/sendmail", "/usr/lib/sendmail", "/usr/local/sbin/sendmail"];

/// Hands a mail to `sendmail` and waits for its word.
pub(super) async fn send(mail: lettre::Message) -> Result<(), MailError> {
    let (envelope, text) = (mail.envelope().clone(), mail.formatted());
    for command in COMMANDS {
        let transport = AsyncSendmailTransport::<Tokio1Executor>::new_with_command(command);
        match transport.send_raw(&envelope, &text).await {
            Ok(()) => return Ok(()),
            Err(error) if is_missing(&error) => {}
            Err(error) => return Err(MailError::Failed(format!("sendmail: {error}."))),
        }
    }
    let why = "No SMTP server is set up, and this machine has no sendmail.";
    Err(MailError::Failed(why.to_owned()))
}

fn is_missing(error: &Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::NotFound)
}
