//! Mails through the `sendmail` of the machine, for when no SMTP server is set up.

use std::path::Path;

use lettre::{AsyncSendmailTransport, AsyncTransport as _, Tokio1Executor};

use crate::mail::MailError;

/// Where it is as a rule; elsewhere it is looked for in `PATH`.
const PLACES: [&str; 3] = ["/usr/sbin/sendmail", "/usr/bin/sendmail", "/usr/lib/sendmail"];

/// Hands a mail to `sendmail` and waits for its word.
pub(super) async fn send(mail: lettre::Message) -> Result<(), MailError> {
    let command = PLACES.iter().find(|place| Path::new(place).exists()).unwrap_or(&"sendmail");
    let transport = AsyncSendmailTransport::<Tokio1Executor>::new_with_command(*command);
    transport.send(mail).await.map_err(|error| {
        MailError::Failed(format!("No SMTP server is set up, and sendmail failed: {error}."))
    })
}
