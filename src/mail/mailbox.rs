//! [`Mailbox`]: where mails go while somebody develops and no server is set up. It is in memory,
//! and of its oldest mails it forgets as many as it takes to stay small.

use std::collections::VecDeque;

use parking_lot::Mutex;
use serde::Serialize;

use crate::clock::DateTime;
use crate::mail::Message;

/// Mails that are kept.
const MAX_MAILS: usize = 100;
/// Bytes that are kept.
const MAX_BYTES: usize = 8 << 20;

/// A mail as superusers see it in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownMail {
    id: String,
    sent: String,
    from: String,
    to: String,
    subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// The mails that were kept, the newest first, without what they say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownMails {
    /// Whether mails come here now, instead of being sent.
    pub enabled: bool,
    /// Mails.
    pub items: Vec<ShownMail>,
}

/// See the module.
#[derive(Default)]
pub(super) struct Mailbox(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    mails: VecDeque<ShownMail>,
    bytes: usize,
}

impl Mailbox {
    pub fn add(&self, message: &Message, from: String, now: DateTime) {
        let mail = ShownMail {
            id: message.id.clone(),
            sent: now.to_string(),
            from,
            to: message.to.clone(),
            subject: message.subject.reveal().to_owned(),
            html: Some(message.html.reveal().to_owned()),
            text: Some(message.text.reveal().to_owned()),
        };
        let mut kept = self.0.lock();
        kept.bytes += size(&mail);
        kept.mails.push_front(mail);
        while kept.mails.len() > MAX_MAILS || (kept.bytes > MAX_BYTES && kept.mails.len() > 1) {
            let gone = kept.mails.pop_back();
            kept.bytes -= gone.as_ref().map_or(0, size);
        }
    }

    pub fn list(&self) -> Vec<ShownMail> {
        let brief = |mail: &ShownMail| ShownMail { html: None, text: None, ..mail.clone() };
        self.0.lock().mails.iter().map(brief).collect()
    }

    pub fn find(&self, id: &str) -> Option<ShownMail> {
        self.0.lock().mails.iter().find(|mail| mail.id == id).cloned()
    }

    pub fn clear(&self) {
        *self.0.lock() = Kept::default();
    }
}

fn size(mail: &ShownMail) -> usize {
    let bodies = [&mail.html, &mail.text].into_iter().flatten().map(String::len);
    bodies.sum::<usize>() + mail.subject.len() + mail.to.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_when_there_are_too_many_or_they_are_too_large() {
        let (mailbox, now) = (Mailbox::default(), DateTime::from_unix_ms(0));
        let add = |subject: &str, bytes: usize| {
            let message = Message::new("a@b.c", subject, "x".repeat(bytes));
            mailbox.add(&message, "Acme".to_owned(), now);
        };
        (0..MAX_MAILS + 5).for_each(|n| add(&n.to_string(), 1));
        let list = mailbox.list();
        assert_eq!((list.len(), list[0].subject.as_str()), (MAX_MAILS, "104"));
        add("large", MAX_BYTES);
        let list = mailbox.list();
        assert_eq!((list.len(), list[0].subject.as_str()), (1, "large"));
        assert!(list[0].html.is_none());
        let whole = mailbox.find(&list[0].id).unwrap();
        assert_eq!(whole.html.unwrap().len(), MAX_BYTES);
        mailbox.clear();
        assert!(mailbox.list().is_empty() && mailbox.find(&list[0].id).is_none());
    }
}
