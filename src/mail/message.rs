//! [`Message`]: a mail that is to be sent. Who it is from is known when it is.

use serde::{Deserialize, Serialize};

use crate::clock::DateTime;
use crate::crypto::{ID_ALPHABET, Secret, random_text};
use crate::mail::plain_text;

/// Characters of a subject.
const MAX_SUBJECT: usize = 500;
/// Characters of the shortest code.
const SHORTEST_SECRET: usize = 4;
/// Characters of an id.
const ID_LENGTH: usize = 24;

/// A mail to one address. It serialises as the queue keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Stays the same from attempt to attempt, so that a mail sent twice can be told.
    pub(super) id: String,
    pub(super) to: String,
    pub(super) subject: Secret,
    pub(super) html: Secret,
    pub(super) text: Secret,
    /// Milliseconds since 1970 from which on nobody can use it.
    pub(super) ends: Option<i64>,
}

impl Message {
    /// A mail of HTML; its plain text is made of that.
    pub fn new(to: impl Into<String>, subject: &str, html: String) -> Self {
        Self {
            id: random_text(ID_LENGTH, ID_ALPHABET),
            to: to.into(),
            subject: Secret::new(one_line(subject, MAX_SUBJECT)),
            text: Secret::new(plain_text::read(&html)),
            html: Secret::new(html),
            ends: None,
        }
    }

    /// The same mail to another address.
    #[must_use]
    pub fn to(self, address: impl Into<String>) -> Self {
        Self { to: address.into(), ..self }
    }

    /// The words of a mail server without what could be of this mail: some servers repeat what
    /// they do not like. What looks like a token or a code and is in the mail becomes dots.
    pub(super) fn kept_out_of(&self, words: &str) -> String {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '=');
        let is_ours = |part: &str| {
            part.len() >= SHORTEST_SECRET
                && part.bytes().any(|b| b.is_ascii_digit())
                && [&self.text, &self.html, &self.subject].iter().any(|t| t.reveal().contains(part))
        };
        let mut out = String::with_capacity(words.len());
        for piece in words.split_inclusive(|c| !is_part(c)) {
            let part = piece.trim_end_matches(|c| !is_part(c));
            if is_ours(part.trim_end_matches('.')) {
                out.push('…');
                out.push_str(&piece[part.len()..]);
            } else {
                out.push_str(piece);
            }
        }
        out
    }

    /// The same mail, not sent any more from `end` on: what it carries is worthless then.
    #[must_use]
    pub fn until(self, end: DateTime) -> Self {
        Self { ends: Some(end.unix_ms()), ..self }
    }
}

/// The text on one line, without characters that a header cannot have.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let words: Vec<&str> = text.split(|c: char| c.is_control() || c.is_whitespace()).collect();
    let kept: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    kept.join(" ").chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line_whatever_it_is_made_of() {
        for (subject, expected) in [
            ("Hello", "Hello"),
            ("Hello\r\nBcc: eve@example.com", "Hello Bcc: eve@example.com"),
            (" a\n\u{85}\u{2028}\tb\0c ", "a b c"),
        ] {
            let message = Message::new("a@b.c", subject, String::new());
            assert_eq!(message.subject.reveal(), expected);
        }
    }

    #[test]
    fn a_server_that_repeats_the_mail_gives_nothing_away() {
        let html = "<p>Code 483920, <a href=\"http://a.b/#/x/eyJ0.eyJ1.c2ln\">x</a> 5.7</p>";
        let message = Message::new("a@b.c", "Code 483920", html.to_owned());
        for (words, expected) in [
            ("554 5.7.1 spam: http://a.b/#/x/eyJ0.eyJ1.c2ln.", "554 5.7.1 spam: http://a.b/#/x/…"),
            ("bad word \"483920\" in subject", "bad word \"…\" in subject"),
            ("550 no such user", "550 no such user"),
            ("", ""),
        ] {
            assert_eq!(message.kept_out_of(words), expected);
        }
    }

    #[test]
    fn a_message_does_not_print_what_it_carries() {
        let message = Message::new("a@b.c", "Your code is 123456", "<p>123456</p>".to_owned());
        assert!(!format!("{message:?}").contains("123456"));
    }
}
