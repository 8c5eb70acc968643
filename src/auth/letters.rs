//! Letters: the mails to auth records, out of the templates of their collection (contract §4.4).
//!
//! Links lead to the application URL of the settings and nowhere else; nothing of a request is in
//! a letter but what the caller of [`Auth::letter`] puts there.

use std::borrow::Cow;
use std::sync::Arc;

use crate::auth::parts::Auth;
use crate::error::Result;
use crate::mail::Message;
use crate::records::Record;
use crate::schema::{Collection, EmailTemplate, FieldType};
use crate::settings::Meta;
use crate::sql::Value;
use crate::store::Tx;

/// Characters of a placeholder, braces aside.
const MAX_NAME: usize = 300;
const FIELD: &str = "RECORD:";

/// What stands around the body of every letter.
const HEAD: &str = "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<style>
body { margin: 0; padding: 24px 12px; background: #f3f4f6; color: #1c1f24;
  font: 16px/1.5 system-ui, -apple-system, \"Segoe UI\", Roboto, sans-serif; }
.letter { max-width: 520px; margin: 0 auto; padding: 24px 28px; background: #fff;
  border: 1px solid #dfe2e7; border-radius: 8px; overflow-wrap: anywhere; }
p { margin: 0 0 16px; }
p:last-child { margin-bottom: 0; }
a { color: #1055c9; }
a.btn { display: inline-block; padding: 10px 18px; border-radius: 6px; background: #1055c9;
  color: #fff; font-weight: 600; text-decoration: none; }
small { color: #5c6470; font-size: 13px; }
</style>
</head>
<body>
<div class=\"letter\">
";
const TAIL: &str = "\n</div>\n</body>\n</html>\n";

/// Placeholders that only one kind of letter has, such as `("TOKEN", …)`.
pub(super) type Own<'a> = &'a [(&'a str, &'a str)];

impl Auth {
    /// The letter of `template` to a record; `None` when there is no such record any more. It is
    /// to be given to [`crate::mail::Mail::queue`] in the same transaction.
    ///
    /// # Errors
    /// The store fails.
    pub(super) fn letter(
        &self,
        tx: &Tx<'_>,
        collection: &Arc<Collection>,
        id: &str,
        template: &EmailTemplate,
        own: Own<'_>,
    ) -> Result<Option<Message>> {
        let record = self.records.stored(tx, collection, id)?;
        Ok(record.map(|record| self.letter_to(collection, &record, template, own)))
    }

    /// As [`Auth::letter`], for a record that was read with all its fields.
    pub(super) fn letter_to(
        &self,
        collection: &Collection,
        record: &Record,
        template: &EmailTemplate,
        own: Own<'_>,
    ) -> Message {
        let settings = self.settings.load();
        let words = Words { meta: &settings.meta, collection, record, own };
        let subject = words.fill(&template.subject, Form::Plain);
        let body = words.fill(&template.body, Form::Html);
        Message::new(record.text("email"), &subject, [HEAD, &body, TAIL].concat())
    }
}

/// Where a value is put.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Html,
    Plain,
}

/// What placeholders stand for.
struct Words<'a> {
    meta: &'a Meta,
    collection: &'a Collection,
    record: &'a Record,
    own: Own<'a>,
}

impl Words<'_> {
    /// Replaces each placeholder once: what a value says is never read as a placeholder again.
    fn fill(&self, template: &str, form: Form) -> String {
        let mut out = String::with_capacity(template.len() * 2);
        let mut rest = template;
        while let Some(at) = rest.find('{') {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            let name = from.find(['}', '\n']).filter(|end| *end <= MAX_NAME);
            let name = name.filter(|end| from.as_bytes()[*end] == b'}').map(|end| &from[1..end]);
            match name.and_then(|name| Some((name, self.value(name, form)?))) {
                Some((name, value)) => {
                    out.push_str(&value);
                    rest = &from[name.len() + 2..];
                }
                None => {
                    out.push('{');
                    rest = &from[1..];
                }
            }
        }
        out.push_str(rest);
        out
    }

    fn value(&self, name: &str, form: Form) -> Option<Cow<'_, str>> {
        let text = match name {
            "APP_NAME" => Cow::Borrowed(self.meta.app_name.as_str()),
            "APP_URL" => Cow::Borrowed(self.meta.app_url.trim_end_matches('/')),
            _ => match name.strip_prefix(FIELD) {
                Some(field) => self.field(field)?,
                None => Cow::Borrowed(self.own.iter().find(|(own, _)| *own == name)?.1),
            },
        };
        Some(if form == Form::Html { Cow::Owned(escaped(&text)) } else { text })
    }

    /// The text of a field that is not hidden.
    fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        let field = self.collection.field(name).filter(|field| !field.hidden)?;
        let value = self.record.get(name)?;
        Some(match (&field.kind, value) {
            (FieldType::Bool(_), value) => {
                Cow::Borrowed(if value.as_ref().is_true() { "true" } else { "false" })
            }
            (kind, Value::Text(list)) if kind.is_multiple() => {
                let items: Vec<String> = serde_json::from_str(list).unwrap_or_default();
                Cow::Owned(items.join(", "))
            }
            (_, Value::Text(text)) => Cow::Borrowed(text),
            (kind, value) => {
                let mut shown = Vec::new();
                kind.write_json(value.as_ref(), &mut shown);
                Cow::Owned(String::from_utf8(shown).unwrap_or_default())
            }
        })
    }
}

/// Text that is only text in HTML, in attributes too.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
