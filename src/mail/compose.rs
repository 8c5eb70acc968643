//! From a [`Message`] to the text that goes over the wire: HTML with its plain text beside it.

use std::time::{Duration, UNIX_EPOCH};

use lettre::Address;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};

use crate::clock::DateTime;
use crate::mail::message::one_line;
use crate::mail::{MailError, Message};
use crate::settings::Meta;

/// Characters of a sender's name.
const MAX_NAME: usize = 255;

/// Tells programs that answer mails by themselves not to.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The mail as it is sent, from whom the settings say.
pub(super) fn compose(
    message: &Message,
    meta: &Meta,
    now: DateTime,
) -> Result<lettre::Message, MailError> {
    let address = |text: &str, whose: &str| {
        text.parse::<Address>().map_err(|_| MailError::Refused(format!("{whose} is no address.")))
    };
    let sender = address(&meta.sender_address, "The sender's address in the settings")?;
    let id = format!("<{}@{}>", message.id, sender.domain());
    let name = one_line(&meta.sender_name, MAX_NAME);
    let from = Mailbox::new(Some(name).filter(|name| !name.is_empty()), sender);
    let to = Mailbox::new(None, address(&message.to, "The recipient's address")?);
    let since = Duration::from_millis(now.unix_ms().try_into().unwrap_or(0));
    lettre::Message::builder()
        .from(from)
        .to(to)
        .subject(message.subject.reveal())
        .date(UNIX_EPOCH + since)
        .message_id(Some(id))
        .header(AutoSubmitted)
        .multipart(MultiPart::alternative_plain_html(
            message.text.reveal().to_owned(),
            message.html.reveal().to_owned(),
        ))
        .map_err(|error| MailError::Refused(format!("The mail cannot be written: {error}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta(name: &str, address: &str) -> Meta {
        Meta { sender_name: name.into(), sender_address: address.into(), ..Meta::default() }
    }

    fn headers(message: &Message, meta: &Meta) -> String {
        let mail = compose(message, meta, DateTime::from_unix_ms(0)).unwrap();
        let text = String::from_utf8(mail.formatted()).unwrap();
        text.split("\r\n\r\n").next().unwrap().to_owned()
    }

    #[test]
    fn no_text_adds_a_header() {
        let evil = "x\r\nBcc: eve@example.com\r\n\r\n<p>";
        let message = Message::new("a@example.com", evil, "<p>Hello</p>".to_owned());
        let text = headers(&message, &meta(evil, "b@example.com"));
        let names: Vec<&str> = text
            .lines()
            .filter(|l| !l.starts_with(' '))
            .filter_map(|l| l.split(':').next())
            .collect();
        assert!(!names.contains(&"Bcc"), "{text}");
        assert!(names.contains(&"Auto-Submitted") && names.contains(&"Message-ID"), "{text}");
        assert!(text.contains("Subject: x Bcc: eve@example.com <p>"), "{text}");
    }

    #[test]
    fn a_recipient_is_one_address() {
        for to in ["a@example.com, b@example.com", "a@example.com\r\nBcc: b@c.d", "<a@b.c>", ""] {
            let message = Message::new(to, "x", String::new());
            let composed =
                compose(&message, &meta("x", "b@example.com"), DateTime::from_unix_ms(0));
            assert!(matches!(composed, Err(MailError::Refused(_))), "{to}");
        }
    }

    #[test]
    fn the_id_stays_from_attempt_to_attempt() {
        let message = Message::new("a@example.com", "x", String::new());
        let ids: Vec<String> = (0..2)
            .map(|_| headers(&message, &meta("x", "b@example.org")))
            .map(|text| text.lines().find(|l| l.starts_with("Message-ID")).unwrap().to_owned())
            .collect();
        assert_eq!(ids[0], ids[1]);
        assert!(ids[0].ends_with("@example.org>"), "{}", ids[0]);
    }
}
