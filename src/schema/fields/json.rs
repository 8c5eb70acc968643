//! Field kind `json`: any JSON value.

use serde::{Deserialize, Serialize};
use serde_json::Value as Input;

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};
use crate::json;
use crate::schema::field::require;
use crate::schema::{Field, FieldKind, Place, cast, checks};
use crate::sql::{ColumnType, Value, ValueRef};

/// Any JSON value. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Json {
    /// `max_size`.
    pub max_size: i64,
}

impl Json {
    /// Bytes where the options say nothing.
    pub const DEFAULT_MAX_SIZE: i64 = 1 << 20;
    /// Levels of lists and objects. Answers put a value some twenty levels deep, and all of an
    /// answer must stay within [`json::MAX_DEPTH`] to be read again.
    pub const MAX_LEVELS: usize = 100;
}

/// How many lists and objects stand within each other.
fn levels(value: &Input) -> usize {
    match value {
        Input::Array(items) => 1 + items.iter().map(levels).max().unwrap_or(0),
        Input::Object(members) => 1 + members.values().map(levels).max().unwrap_or(0),
        _ => 0,
    }
}

/// Text that is itself JSON is kept as it is; other text becomes a JSON string.
fn column_of_text(text: &str) -> String {
    let may_be_json = matches!(text, "null" | "true" | "false")
        || text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '"' | '[' | '{'));
    if may_be_json && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
        text.to_owned()
    } else {
        json::to_string(&Input::String(text.to_owned()))
    }
}

/// Appends JSON text without the white space between its parts.
fn write_compact(text: &str, out: &mut Vec<u8>) {
    let mut is_string = false;
    let mut is_escaped = false;
    out.extend(text.bytes().filter(|&byte| {
        if is_string {
            is_string = is_escaped || byte != b'"';
            is_escaped = !is_escaped && byte == b'\\';
            return true;
        }
        is_string = byte == b'"';
        !byte.is_ascii_whitespace()
    }));
}

/// Appends a float. From 2^53 it has an exponent: its digits would say more than a float knows.
fn write_real(real: f64, out: &mut Vec<u8>) {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match format!("{real:e}").split_once('e') {
        Some((digits, power)) if real.is_finite() && real.abs() >= EXACT => {
            out.extend_from_slice(format!("{digits}e+{power}").as_bytes());
        }
        _ => json::write_f64(out, real),
    }
}

impl FieldKind for Json {
    fn column(&self) -> ColumnType {
        ColumnType::Json
    }

    fn zero(&self) -> Value {
        Value::Null
    }

    fn cast(&self, input: &Input) -> Value {
        match input {
            Input::Null => Value::Null,
            Input::String(text) => Value::Text(column_of_text(text)),
            other => Value::Text(json::to_string(other)),
        }
    }

    fn validate(&self, field: &Field, value: &Value) -> Result<(), Issue> {
        let text = match value {
            Value::Null => "null".into(),
            other => cast::text_of(other.as_ref()),
        };
        let max = if self.max_size > 0 { self.max_size } else { Self::DEFAULT_MAX_SIZE };
        if text.len() as u64 > max.unsigned_abs() {
            let message = format!("The maximum allowed JSON size is {max} bytes.");
            return Err(Issue::with_message(Code::JsonSizeLimit, message).param("maxSize", max));
        }
        if json::parse_whole(&text).map_or(true, |parsed| levels(&parsed) > Self::MAX_LEVELS) {
            return Err(Issue::new(Code::InvalidJson));
        }
        require(field, !matches!(&*text, "null" | "\"\"" | "[]" | "{}"))
    }

    /// The column has no type of its own: whole and real numbers come back as numbers.
    fn write_json(&self, value: ValueRef<'_>, out: &mut Vec<u8>) {
        match value {
            ValueRef::Null | ValueRef::Text("") => out.extend_from_slice(b"null"),
            ValueRef::Int(int) => json::write_int(out, int),
            ValueRef::Real(real) => write_real(real, out),
            ValueRef::Text(text) => {
                if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
                    write_compact(text, out);
                } else {
                    json::write_str(out, text);
                }
            }
        }
    }

    fn check_options(&self, _: &Place<'_>, errors: &mut FieldErrors) {
        checks::at_least(errors, "maxSize", self.max_size, 0);
        checks::at_most(errors, "maxSize", self.max_size, checks::MAX_SAFE_INT);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::FieldType;
    use crate::schema::fields::testing::{code_of, field};

    #[test]
    fn json_is_cast_as_observed() {
        for (input, expected) in [
            (json!("123"), "123"),
            (json!("- 1"), "\"- 1\""),
            (json!("01"), "\"01\""),
            (json!("1.50"), "1.50"),
            (json!("tru"), "\"tru\""),
            (json!("true"), "true"),
            (json!("true "), "\"true \""),
            (json!("null"), "null"),
            (json!("123abc"), "\"123abc\""),
            (json!(" [1]"), "\" [1]\""),
            (json!(""), "\"\""),
            (json!("[1, 2]"), "[1, 2]"),
            (json!({"b": 1.10, "a": 2}), r#"{"a":2,"b":1.1}"#),
            (json!(12_345_678_901_234_567_890_u64), "12345678901234567000"),
        ] {
            assert_eq!(Json::default().cast(&input), Value::from(expected), "{input}");
        }
        assert_eq!(Json::default().cast(&json!(null)), Value::Null);
    }

    #[test]
    fn json_is_shown_compact_and_numbers_as_the_disk_holds_them() {
        for (column, expected) in [
            (ValueRef::Null, "null"),
            (ValueRef::Int(5), "5"),
            (ValueRef::Real(1e21), "1e+21"),
            (ValueRef::Real(9_223_372_036_854_775_808.0), "9.223372036854776e+18"),
            (ValueRef::Real(-1234567.5), "-1234567.5"),
            (ValueRef::Text(r#"{ "a b": "c \\\" d" }"#), r#"{"a b":"c \\\" d"}"#),
            (ValueRef::Text("not json"), "\"not json\""),
        ] {
            let mut out = Vec::new();
            Json::default().write_json(column, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn size_form_and_presence_are_checked() {
        let field = field(FieldType::Json(Json { max_size: 10 }));
        assert_eq!(code_of(&field, &json!("{\"a\":1}")), None);
        assert_eq!(code_of(&field, &json!([1, 2, 3, 4, 5, 6])), Some("validation_json_size_limit"));
        let double = json!(r#"{"":1,"":1}"#);
        let roomy = Field { kind: FieldType::Json(Json::default()), ..field.clone() };
        assert_eq!(code_of(&roomy, &double), Some("validation_invalid_json"));
        let nested = |levels: usize| json!("[".repeat(levels) + &"]".repeat(levels));
        assert_eq!(code_of(&roomy, &nested(100)), None);
        assert_eq!(code_of(&roomy, &nested(101)), Some("validation_invalid_json"));
        let required = Field { required: true, ..field };
        for empty in [json!(null), json!("null"), json!(""), json!([]), json!({})] {
            assert_eq!(code_of(&required, &empty), Some("validation_required"), "{empty}");
        }
        assert_eq!(code_of(&required, &json!(0)), None);
    }
}
