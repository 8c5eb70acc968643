//! Records as lines of a file.

use std::io::Write;

use serde_json::Value as Json;

use crate::error::{Error, Result};
use crate::exports::Format;
use crate::json;
use crate::query::Projection;
use crate::records::Export;
use crate::schema::{Collection, FieldType};

/// Columns of a CSV file at most.
const MAX_COLUMNS: usize = 2000;

/// A column of a CSV file.
struct Column {
    name: String,
    path: Vec<String>,
    /// Always written as JSON, so that `null`, `""` and `"null"` stay what they are.
    is_json: bool,
}

/// Writes records in one format.
pub(super) struct Sheet<W: Write> {
    out: Out<W>,
    projection: Option<Projection>,
    count: u64,
}

enum Out<W: Write> {
    Csv(Box<csv::Writer<W>>, Vec<Column>),
    Lines(W),
    List(W),
}

impl<W: Write> Sheet<W> {
    /// Begins a file of what `fields` picks of the records.
    pub fn begin(out: W, format: Format, export: &Export, fields: &str) -> Result<Self> {
        let projection = Projection::parse(fields)?;
        let out = match format {
            Format::Csv => {
                let columns = columns(export, fields)?;
                let mut writer = csv::Writer::from_writer(out);
                writer.write_record(columns.iter().map(|c| &c.name)).map_err(failed)?;
                Out::Csv(Box::new(writer), columns)
            }
            Format::Ndjson => Out::Lines(out),
            Format::Json => Out::List(out),
        };
        Ok(Self { out, projection, count: 0 })
    }

    /// Appends a record.
    pub fn write(&mut self, record: &[u8]) -> Result<()> {
        self.count += 1;
        match &mut self.out {
            Out::Csv(writer, columns) => {
                let value = projected(record, self.projection.as_ref())?;
                let cells = columns.iter().map(|column| column.cell(&value));
                return writer.write_record(cells).map_err(failed);
            }
            Out::Lines(out) => {
                write_json(out, record, self.projection.as_ref())?;
                out.write_all(b"\n")
            }
            Out::List(out) => {
                let before: &[u8] = if self.count == 1 { b"[\n" } else { b",\n" };
                out.write_all(before).map_err(Error::internal)?;
                write_json(out, record, self.projection.as_ref())?;
                Ok(())
            }
        }
        .map_err(Error::internal)
    }

    /// Ends the file; tells how many records it has.
    pub fn end(self) -> Result<u64> {
        match self.out {
            Out::Csv(mut writer, _) => writer.flush(),
            Out::Lines(mut out) => out.flush(),
            Out::List(mut out) => {
                let end: &[u8] = if self.count == 0 { b"[]\n" } else { b"\n]\n" };
                out.write_all(end).and_then(|()| out.flush())
            }
        }
        .map_err(Error::internal)?;
        Ok(self.count)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "stands in map_err")]
fn failed(error: csv::Error) -> Error {
    Error::internal(error.to_string())
}

fn projected(record: &[u8], projection: Option<&Projection>) -> Result<Json> {
    let mut value = serde_json::from_slice(record).map_err(Error::internal)?;
    if let Some(projection) = projection {
        projection.apply(&mut value);
    }
    Ok(value)
}

fn write_json(out: &mut impl Write, record: &[u8], picked: Option<&Projection>) -> Result<()> {
    if picked.is_none() {
        return out.write_all(record).map_err(Error::internal);
    }
    let value = projected(record, picked)?;
    out.write_all(json::to_string(&value).as_bytes()).map_err(Error::internal)
}

/// The columns: what `fields` names in its order, else all fields.
fn columns(export: &Export, fields: &str) -> Result<Vec<Column>> {
    let collection = export.collection();
    let mut all = export.fields();
    if export.expands() {
        all.push("expand".to_owned());
    }
    let mut columns: Vec<Column> = Vec::new();
    let mut add = |name: &str| {
        if !columns.iter().any(|column| column.name == name) {
            columns.push(Column::new(collection, name));
        }
    };
    let named: Vec<&str> = top_level(fields);
    if named.is_empty() {
        all.iter().for_each(|name| add(name));
    }
    for name in named {
        match name.split(':').next().unwrap_or_default().trim().trim_end_matches('.') {
            "*" => all.iter().for_each(|name| add(name)),
            path => add(path),
        }
    }
    if columns.len() > MAX_COLUMNS {
        return Err(Error::bad_request("These are more columns than a file may have."));
    }
    Ok(columns)
}

/// The items of a list, whose commas in brackets do not count.
fn top_level(text: &str) -> Vec<&str> {
    let (mut depth, mut from, mut items) = (0_i32, 0, Vec::new());
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                items.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    items.push(&text[from..]);
    items.into_iter().map(str::trim).filter(|item| !item.is_empty()).collect()
}

impl Column {
    fn new(collection: &Collection, name: &str) -> Self {
        let field = collection.field(name);
        let is_json = field.is_some_and(|field| matches!(field.kind, FieldType::Json(_)));
        let path = name.split('.').map(str::to_owned).collect();
        Self { name: name.to_owned(), path, is_json: is_json && !collection.is_view() }
    }

    fn cell(&self, record: &Json) -> String {
        match find(record, &self.path) {
            Some(value) if self.is_json => json::to_string(&value),
            Some(Json::String(text)) => text,
            None | Some(Json::Null) => String::new(),
            Some(value) => json::to_string(&value),
        }
    }
}

/// What lies at a path; of a list, what lies there in each item.
fn find(value: &Json, path: &[String]) -> Option<Json> {
    let Some((name, rest)) = path.split_first() else { return Some(value.clone()) };
    match value {
        Json::Object(object) => find(object.get(name)?, rest),
        Json::Array(items) => {
            Some(Json::Array(items.iter().filter_map(|item| find(item, path)).collect()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_of_fields_is_split_outside_of_brackets() {
        assert_eq!(top_level(" a, b:excerpt(1,true) ,,c.d"), ["a", "b:excerpt(1,true)", "c.d"]);
        assert!(top_level("").is_empty());
    }

    #[test]
    fn a_path_goes_through_lists() {
        let record = json!({"expand": {"tags": [{"label": "a"}, {"label": "b"}], "one": {"n": 1}}});
        let at = |path: &str| {
            let path: Vec<String> = path.split('.').map(str::to_owned).collect();
            find(&record, &path)
        };
        assert_eq!(at("expand.tags.label"), Some(json!(["a", "b"])));
        assert_eq!(at("expand.one.n"), Some(json!(1)));
        assert_eq!(at("expand.nope.n"), None);
    }
}
