//! The overlay of a TOML file: tables below `[settings]`.

use std::path::Path;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::settings::overlay::{Overlay, OverlayError, Place, read_text};

/// The only table at the top.
const TOP: &str = "settings";

/// The text of the file, to tell lines from.
struct Source<'s> {
    file: &'s Path,
    text: &'s str,
}

/// Reads `file` into `overlay`.
pub(super) fn read(file: &Path, overlay: &mut Overlay) -> Result<(), OverlayError> {
    overlay.files.push(file.to_owned());
    let text = read_text(file)
        .map_err(|e| OverlayError::new(file.display(), format!("cannot be read: {e}")))?;
    let source = Source { file, text: &text };
    let root = DeTable::parse(&text).map_err(|e| {
        let at = e.span().map_or(0, |span| span.start);
        OverlayError::new(source.place(at), e.message().replace('\n', ", "))
    })?;
    for (name, value) in root.get_ref() {
        let place = source.place(name.span().start);
        let table = value.get_ref().as_table().filter(|_| name.get_ref() == TOP);
        let table = table.ok_or_else(|| {
            let what =
                format!("'{}' means nothing here; settings stand below [{TOP}]", name.get_ref());
            OverlayError::new(&place, what)
        })?;
        descend(&source, table, &mut Vec::new(), overlay)?;
    }
    Ok(())
}

fn descend(
    source: &Source<'_>,
    table: &DeTable<'_>,
    names: &mut Vec<String>,
    overlay: &mut Overlay,
) -> Result<(), OverlayError> {
    for (name, value) in table {
        names.push(name.get_ref().to_string());
        match value.get_ref() {
            DeValue::Table(inner) => descend(source, inner, names, overlay)?,
            _ => {
                let place = source.place(name.span().start);
                overlay.add(names, source.json(value)?, &place)?;
            }
        }
        names.pop();
    }
    Ok(())
}

impl Source<'_> {
    fn place(&self, at: usize) -> Place {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Place::File {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    fn json(&self, value: &Spanned<DeValue<'_>>) -> Result<Value, OverlayError> {
        let wrong = |what: &str| OverlayError::new(self.place(value.span().start), what);
        Ok(match value.get_ref() {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Boolean(fact) => Value::Bool(*fact),
            DeValue::Integer(number) => {
                let number = i64::from_str_radix(number.as_str(), number.radix());
                Value::from(number.map_err(|_| wrong("the number is too large"))?)
            }
            DeValue::Float(_) => return Err(wrong("no setting is a fraction")),
            DeValue::Datetime(_) => return Err(wrong("no setting is a date: put it in quotes")),
            DeValue::Array(items) => {
                let items = items.iter().map(|item| self.json(item));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            DeValue::Table(table) => {
                let mut object = serde_json::Map::new();
                for (name, item) in table {
                    object.insert(name.get_ref().replace(['_', '-'], ""), self.json(item)?);
                }
                Value::Object(object)
            }
        })
    }
}
