//! A cell, or a JSON value, as the field takes it. What the field would quietly turn into something
//! else is refused: in a file of a hundred thousand rows nobody would see it.

use serde_json::{Number, Value as Json};

use crate::codes::Code;
use crate::error::Issue;
use crate::json;
use crate::schema::{Field, FieldType};

/// What a cell of text says; `None` for an empty one of which the server makes the value.
pub(super) fn of_cell(
    field: &Field,
    cell: &str,
    separator: Option<char>,
) -> Result<Option<Json>, Issue> {
    let trimmed = cell.trim();
    if trimmed.is_empty() {
        return Ok(of_empty(field, cell));
    }
    let value = match &field.kind {
        FieldType::Number(_) => number(trimmed)?,
        FieldType::Bool(_) => Json::Bool(truth(trimmed)?),
        FieldType::Json(_) => Json::String(json_text(trimmed, cell)?),
        FieldType::GeoPoint(_) => point(&parsed(trimmed)?)?,
        FieldType::Date(_) | FieldType::Autodate(_) => moment(field, trimmed)?,
        FieldType::Select(_) | FieldType::Relation(_) | FieldType::File(_) => {
            return items(field, trimmed, separator).map(Some);
        }
        FieldType::Text(_)
        | FieldType::Email(_)
        | FieldType::Url(_)
        | FieldType::Editor(_)
        | FieldType::Password(_) => Json::from(cell),
    };
    Ok(Some(value))
}

fn of_empty(field: &Field, cell: &str) -> Option<Json> {
    match &field.kind {
        FieldType::Password(_) | FieldType::Autodate(_) => None,
        FieldType::Text(text) if text.primary_key => None,
        FieldType::Text(_) | FieldType::Editor(_) => Some(Json::from(cell)),
        FieldType::Bool(_) => Some(Json::Bool(false)),
        _ => Some(Json::Null),
    }
}

/// What a JSON value says.
pub(super) fn of_json(field: &Field, value: Json) -> Result<Option<Json>, Issue> {
    let value = match (&field.kind, value) {
        (FieldType::Json(_), Json::Null) => Json::Null,
        // As text of JSON, so that the text "1" does not become a number.
        (FieldType::Json(_), value) => Json::String(json::to_string(&value)),
        (FieldType::Password(_) | FieldType::Autodate(_), Json::Null) => return Ok(None),
        (FieldType::Password(_) | FieldType::Autodate(_), Json::String(text))
            if text.is_empty() =>
        {
            return Ok(None);
        }
        (FieldType::Text(text), Json::Null) if text.primary_key => return Ok(None),
        (_, Json::Null) => Json::Null,
        (FieldType::Number(_), Json::String(text)) if text.trim().is_empty() => Json::Null,
        (FieldType::Number(_), Json::String(text)) => number(text.trim())?,
        (FieldType::Number(_), value @ Json::Number(_)) => value,
        (FieldType::Number(_), Json::Bool(fact)) => Json::from(u8::from(fact)),
        (FieldType::Number(_), _) => return Err(Issue::new(Code::NotANumber)),
        (FieldType::Bool(_), value @ (Json::Bool(_) | Json::Number(_))) => value,
        (FieldType::Bool(_), Json::String(text)) if text.trim().is_empty() => Json::Bool(false),
        (FieldType::Bool(_), Json::String(text)) => Json::Bool(truth(text.trim())?),
        (FieldType::Bool(_), _) => return Err(Issue::new(Code::InvalidValue)),
        (FieldType::GeoPoint(_), Json::String(text)) if text.is_empty() => Json::Null,
        (FieldType::GeoPoint(_), Json::String(text)) => point(&parsed(&text)?)?,
        (FieldType::GeoPoint(_), value) => point(&value)?,
        (FieldType::Date(_) | FieldType::Autodate(_), Json::String(text)) if text.is_empty() => {
            Json::String(text)
        }
        (FieldType::Date(_) | FieldType::Autodate(_), Json::String(text)) => moment(field, &text)?,
        (FieldType::Date(_) | FieldType::Autodate(_), _) => {
            return Err(Issue::new(Code::InvalidValue));
        }
        (
            FieldType::Text(_)
            | FieldType::Email(_)
            | FieldType::Url(_)
            | FieldType::Editor(_)
            | FieldType::Password(_),
            Json::Array(_) | Json::Object(_),
        ) => return Err(Issue::new(Code::InvalidValue)),
        (_, value) => value,
    };
    Ok(Some(value))
}

fn number(text: &str) -> Result<Json, Issue> {
    let float: f64 = text.parse().map_err(|_| Issue::new(Code::NotANumber))?;
    Number::from_f64(float).map(Json::Number).ok_or_else(|| Issue::new(Code::NotANumber))
}

fn truth(text: &str) -> Result<bool, Issue> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "t" | "true" | "y" | "yes" => Ok(true),
        "0" | "f" | "false" | "n" | "no" => Ok(false),
        _ => Err(Issue::with_message(Code::InvalidValue, "Must be true or false.")),
    }
}

fn parsed(text: &str) -> Result<Json, Issue> {
    json::parse_whole(text).map_err(|_| Issue::new(Code::InvalidJson))
}

/// Text of JSON as it is; words that begin like none are a text.
fn json_text(trimmed: &str, cell: &str) -> Result<String, Issue> {
    if json::parse_whole(trimmed).is_ok() {
        return Ok(trimmed.to_owned());
    }
    if trimmed.starts_with(['{', '[', '"']) {
        return Err(Issue::new(Code::InvalidJson));
    }
    Ok(json::to_string(&Json::from(cell)))
}

fn point(value: &Json) -> Result<Json, Issue> {
    let is_number = |key| value.get(key).is_none_or(|degrees| degrees.is_number());
    let has_any = value.get("lon").is_some() || value.get("lat").is_some();
    let is_point = value.is_object() && has_any && is_number("lon") && is_number("lat");
    if is_point { Ok(value.clone()) } else { Err(Issue::new(Code::InvalidValue)) }
}

fn moment(field: &Field, text: &str) -> Result<Json, Issue> {
    let read = field.kind.cast(&Json::from(text));
    if read.text().is_empty() {
        return Err(Issue::with_message(Code::InvalidValue, "Must be a date."));
    }
    Ok(Json::from(text))
}

/// A JSON list, or text with the separator between its items, or one item.
fn items(field: &Field, text: &str, separator: Option<char>) -> Result<Json, Issue> {
    if !field.kind.is_multiple() {
        return Ok(Json::from(text));
    }
    if text.starts_with('[')
        && let Ok(list @ Json::Array(_)) = json::parse_whole(text)
    {
        return Ok(list);
    }
    let Some(separator) = separator else { return Ok(Json::from(text)) };
    let items = text.split(separator).map(str::trim).filter(|item| !item.is_empty());
    Ok(items.map(Json::from).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::fields::{Bool, Date, GeoPoint, Json as JsonField, Number, Select, Text};

    fn field(kind: FieldType) -> Field {
        Field { name: "f".to_owned(), ..Field::of(kind) }
    }

    #[test]
    fn cells_are_read_by_the_kind_of_their_field() {
        let number = field(FieldType::Number(Number::default()));
        let bool = field(FieldType::Bool(Bool::default()));
        let json = field(FieldType::Json(JsonField::default()));
        let point = field(FieldType::GeoPoint(GeoPoint {}));
        let date = field(FieldType::Date(Date::default()));
        let text = field(FieldType::Text(Text::default()));
        let options = Select { values: vec!["a".into(), "b".into()], max_select: 2 };
        let select = field(FieldType::Select(options));
        for (field, cell, expected) in [
            (&number, " 1.5 ", Some(json!(1.5))),
            (&number, "1e3", Some(json!(1000.0))),
            (&number, "", Some(json!(null))),
            (&number, "many", None),
            (&number, "NaN", None),
            (&bool, "Yes", Some(json!(true))),
            (&bool, "", Some(json!(false))),
            (&bool, "maybe", None),
            (&json, "null", Some(json!("null"))),
            (&json, "", Some(json!(null))),
            (&json, "\"\"", Some(json!("\"\""))),
            (&json, "plain words", Some(json!("\"plain words\""))),
            (&json, "{\"a\":", None),
            (&point, r#"{"lon":1,"lat":2}"#, Some(json!({"lon": 1, "lat": 2}))),
            (&point, "1,2", None),
            (&date, "2026-01-02", Some(json!("2026-01-02"))),
            (&date, "tomorrow", None),
            (&text, " x ", Some(json!(" x "))),
            (&select, r#"["a","b"]"#, Some(json!(["a", "b"]))),
            (&select, "a; b", Some(json!(["a", "b"]))),
            (&select, "a", Some(json!(["a"]))),
        ] {
            let read = of_cell(field, cell, Some(';')).ok().flatten();
            assert_eq!(read, expected, "{cell}");
        }
    }

    #[test]
    fn json_values_keep_their_kind() {
        let number = field(FieldType::Number(Number::default()));
        let json = field(FieldType::Json(JsonField::default()));
        let text = field(FieldType::Text(Text::default()));
        for (field, value, expected) in [
            (&number, json!("12"), Some(json!(12.0))),
            (&number, json!("twelve"), None),
            (&number, json!({}), None),
            (&json, json!("1"), Some(json!("\"1\""))),
            (&json, json!(false), Some(json!("false"))),
            (&text, json!({"a": 1}), None),
            (&text, json!(5), Some(json!(5))),
        ] {
            assert_eq!(of_json(field, value.clone()).ok().flatten(), expected, "{value}");
        }
    }
}
