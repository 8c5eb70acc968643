//! What is asked of an import.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::codes::Code;
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::schema::index::Index;
use crate::schema::{Collection, FieldType};

/// How the rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Cells with commas between them, or another delimiter.
    Csv,
    /// Cells with tabs between them.
    Tsv,
    /// A JSON object for each line.
    Ndjson,
    /// A JSON list of objects.
    Json,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Tsv, Self::Ndjson, Self::Json];

    /// The word on the wire, which is also how names of files end.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
        }
    }

    /// The format of a word.
    pub fn parse(word: &str) -> Option<Self> {
        if word.eq_ignore_ascii_case("jsonl") {
            return Some(Self::Ndjson);
        }
        Self::ALL.into_iter().find(|format| format.as_str().eq_ignore_ascii_case(word))
    }

    /// The format that a `Content-Type` names.
    pub fn of_content_type(text: &str) -> Option<Self> {
        match text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "text/csv" => Some(Self::Csv),
            "text/tab-separated-values" => Some(Self::Tsv),
            "application/x-ndjson" | "application/jsonl" => Some(Self::Ndjson),
            "application/json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Which column goes where.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Mapping {
    /// To the field of its name, in any case.
    #[default]
    ByName,
    /// Columns by their name; of those that are not named, as [`Mapping::ByName`].
    Named(BTreeMap<String, Option<String>>),
    /// Columns by their place.
    Placed(Vec<Option<String>>),
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportOrder {
    /// How the rows are written.
    pub format: Format,
    /// What stands between the cells of a CSV file.
    pub delimiter: u8,
    /// Whether the first line of a file of cells names the columns.
    pub has_header: bool,
    /// What stands between the items of a cell; without it such a cell holds a JSON list.
    pub separator: Option<char>,
    /// Which column goes where.
    pub mapping: Mapping,
    /// The field by which a record is found that is there already, and is changed then.
    pub upsert: Option<String>,
    /// Whether nothing is kept.
    pub dry_run: bool,
    /// Whether rows that are refused are left out, instead of ending the import.
    pub skips: bool,
}

impl ImportOrder {
    /// Reads the parameters, each by its name on the wire; `get` gives `None` for one that is not
    /// there.
    ///
    /// # Errors
    /// 400 with the parameter at fault.
    pub fn parse<'q>(
        get: impl Fn(&str) -> Option<&'q str>,
        guessed: Option<Format>,
    ) -> Result<Self> {
        let get = |name| get(name).filter(|text| !text.is_empty());
        let mut errors = FieldErrors::default();
        let format = match get("format") {
            Some(word) => Format::parse(word),
            None => guessed,
        };
        if format.is_none() {
            refuse(&mut errors, "format", "Must be one of csv, tsv, ndjson and json.");
        }
        let format = format.unwrap_or(Format::Csv);
        let mut flag = |name, default| match get(name) {
            None => default,
            Some("1" | "true") => true,
            Some("0" | "false") => false,
            Some(_) => {
                refuse(&mut errors, name, "Must be true or false.");
                default
            }
        };
        let (has_header, dry_run) = (flag("header", true), flag("dryRun", false));
        let delimiter = match (get("delimiter").map(str::as_bytes), format) {
            (None, Format::Tsv) | (Some(b"\\t"), _) => b'\t',
            (None, _) => b',',
            (Some([one @ (b'\t' | b' '..=b'~')]), _) => *one,
            (Some(_), _) => {
                refuse(&mut errors, "delimiter", "Must be one character.");
                b','
            }
        };
        let separator = get("separator").and_then(|text| {
            let mut characters = text.chars();
            let first = characters.next();
            if characters.next().is_some() {
                refuse(&mut errors, "separator", "Must be one character.");
            }
            first
        });
        let skips = match get("onError") {
            None | Some("stop") => false,
            Some("skip") => true,
            Some(_) => {
                refuse(&mut errors, "onError", "Must be stop or skip.");
                false
            }
        };
        let mapping = get("mapping").map_or(Some(Mapping::ByName), Mapping::parse);
        if mapping.is_none() {
            refuse(&mut errors, "mapping", "Must be an object or a list of names of fields.");
        }
        let mapping = mapping.unwrap_or_default();
        let upsert = get("upsert").map(str::to_owned);
        let order = Self {
            ..Self { format, delimiter, has_header, separator, mapping, upsert, dry_run, skips }
        };
        errors.into_result(FAILED)?;
        Ok(order)
    }

    /// Checks what only shows beside the collection.
    ///
    /// # Errors
    /// 400 for a view, and with the parameter at fault.
    pub fn check(&self, collection: &Collection) -> Result<()> {
        if collection.is_view() {
            return Err(Error::bad_request("A view takes no records."));
        }
        let mut errors = FieldErrors::default();
        let is_cells = matches!(self.format, Format::Csv | Format::Tsv);
        if is_cells && !self.has_header && !matches!(self.mapping, Mapping::Placed(_)) {
            refuse(&mut errors, "mapping", "A file without names needs a list of fields.");
        }
        let unknown = self.mapping.fields().find(|name| collection.field(name).is_none());
        if let Some(unknown) = unknown {
            let message = format!("There is no field \"{unknown}\".");
            refuse(&mut errors, "mapping", message);
        }
        if let Some(key) = &self.upsert
            && !finds_one(collection, key)
        {
            let message = "Must be the id, or a field with a unique index of its own.";
            refuse(&mut errors, "upsert", message);
        }
        errors.into_result(FAILED)
    }
}

const FAILED: &str = "The import cannot begin.";

fn refuse(
    errors: &mut FieldErrors,
    name: &str,
    message: impl Into<std::borrow::Cow<'static, str>>,
) {
    errors.add(name, Issue::with_message(Code::InvalidValue, message));
}

/// True for a field of which each value is that of one record, and is found fast.
fn finds_one(collection: &Collection, name: &str) -> bool {
    let Some(field) = collection.field(name) else { return false };
    let has_index = collection
        .indexes
        .iter()
        .any(|text| Index::parse(text).is_some_and(|index| index.unique_column() == Some(name)));
    let is_secret = matches!(field.kind, FieldType::Password(_)) || name == "tokenKey";
    !is_secret && (name == "id" || has_index)
}

impl Mapping {
    /// `{"Full name": "name", "Notes": null}` or `["name", null, "age"]`.
    fn parse(text: &str) -> Option<Self> {
        let field = |value: &Json| match value {
            Json::Null => Some(None),
            Json::String(name) if name.is_empty() => Some(None),
            Json::String(name) => Some(Some(name.clone())),
            _ => None,
        };
        match serde_json::from_str(text).ok()? {
            Json::Object(named) => {
                let named = named.iter().map(|(column, to)| Some((column.clone(), field(to)?)));
                named.collect::<Option<_>>().map(Self::Named)
            }
            Json::Array(placed) => {
                placed.iter().map(field).collect::<Option<_>>().map(Self::Placed)
            }
            _ => None,
        }
    }

    fn fields(&self) -> Box<dyn Iterator<Item = &String> + '_> {
        match self {
            Self::ByName => Box::new(std::iter::empty()),
            Self::Named(named) => Box::new(named.values().flatten()),
            Self::Placed(placed) => Box::new(placed.iter().flatten()),
        }
    }

    /// Where a column goes: a field's place in the collection.
    pub(super) fn field_of(
        &self,
        collection: &Collection,
        at: usize,
        column: &str,
    ) -> Option<usize> {
        let position = |name: &str| collection.fields.iter().position(|field| field.name == name);
        match self {
            Self::Placed(placed) => position(placed.get(at)?.as_deref()?),
            Self::Named(named) if named.contains_key(column) => {
                position(named.get(column)?.as_deref()?)
            }
            Self::ByName | Self::Named(_) => position(column).or_else(|| {
                let column = column.trim();
                let mut fields = collection.fields.iter();
                fields.position(|field| field.name.eq_ignore_ascii_case(column))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &[(&str, &'static str)]) -> Result<ImportOrder> {
        let query = query.to_vec();
        let get = |name: &str| query.iter().find(|(key, _)| *key == name).map(|(_, text)| *text);
        ImportOrder::parse(get, None)
    }

    #[test]
    fn parameters_are_read_and_refused_by_name() {
        let order = parse(&[("format", "TSV"), ("onError", "skip"), ("dryRun", "1")]).unwrap();
        assert_eq!((order.delimiter, order.skips, order.dry_run), (b'\t', true, true));
        for (name, value) in [
            ("format", "xlsx"),
            ("header", "yes"),
            ("delimiter", "ab"),
            ("separator", "ab"),
            ("onError", "ask"),
            ("mapping", "1"),
            ("mapping", r#"{"a":1}"#),
        ] {
            let error = parse(&[("format", "csv"), (name, value)][usize::from(name == "format")..])
                .unwrap_err();
            assert!(error.data().get(name).is_some(), "{name}={value}");
        }
    }

    #[test]
    fn columns_are_mapped_by_name_or_place() {
        let mapping = Mapping::parse(r#"{"Full name":"name","x":null}"#).unwrap();
        let Mapping::Named(named) = &mapping else { panic!("an object") };
        assert_eq!(named["Full name"].as_deref(), Some("name"));
        assert_eq!(named["x"], None);
        let placed = Mapping::parse(r#"["a",null]"#).unwrap();
        assert_eq!(placed, Mapping::Placed(vec![Some("a".to_owned()), None]));
    }
}
