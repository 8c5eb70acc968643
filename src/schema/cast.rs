//! How what a client sent becomes a text, a number, a truth or a list (contract §5). Nothing here
//! fails: what makes no sense becomes the zero value.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde_json::Value as Json;

use crate::json;
use crate::sql::{Value, ValueRef};

/// Text as it is, numbers without exponent, truths as words; anything else is empty.
pub fn text(input: &Json) -> String {
    match input {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.as_f64().map_or_else(String::new, |f| f.to_string()),
        Json::Bool(fact) => fact.to_string(),
        Json::Null | Json::Array(_) | Json::Object(_) => String::new(),
    }
}

/// A number, or text that spells one; anything else is zero.
pub fn number(input: &Json) -> f64 {
    match input {
        Json::Number(number) => number.as_f64().unwrap_or(0.0),
        Json::String(text) => parse_number(text),
        Json::Bool(fact) => f64::from(u8::from(*fact)),
        Json::Null | Json::Array(_) | Json::Object(_) => 0.0,
    }
}

/// `1 t T true TRUE True` and every number but zero are true.
pub fn truth(input: &Json) -> bool {
    match input {
        Json::Bool(fact) => *fact,
        Json::Number(number) => number.as_f64().is_some_and(|f| f != 0.0),
        Json::String(text) => matches!(text.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True"),
        Json::Null | Json::Array(_) | Json::Object(_) => false,
    }
}

/// A list of distinct texts. One value is a list of one; text that holds a JSON list of texts is
/// that list; a list with anything nested is empty.
pub fn list(input: &Json) -> Vec<String> {
    distinct(match input {
        Json::Array(items) if items.iter().any(|i| i.is_array() || i.is_object()) => Vec::new(),
        Json::Array(items) => items.iter().map(text).collect(),
        Json::String(text) if text.contains('[') => texts_in(text),
        scalar => vec![text(scalar)],
    })
}

/// Like [`list`], but each item may be a list of its own.
pub fn flat_list(input: &Json) -> Vec<String> {
    match input {
        Json::Array(items) => distinct(items.iter().flat_map(list)),
        single => list(single),
    }
}

/// `items` without what is empty or said already.
fn distinct(items: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for item in items {
        if !item.is_empty() && !distinct.contains(&item) {
            distinct.push(item);
        }
    }
    distinct
}

/// The texts of a JSON list, `null` being an empty one. Text that breaks off, or holds anything
/// else, adds itself: it is no valid item, so that what was meant as a list is not taken as less.
fn texts_in(text: &str) -> Vec<String> {
    let mut items = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = Texts(&mut items).deserialize(&mut deserializer);
    if read.and_then(|()| deserializer.end()).is_err() {
        items.push(text.to_owned());
    }
    items
}

/// Takes the texts of a list one by one.
struct Texts<'a>(&'a mut Vec<String>);

impl<'de> DeserializeSeed<'de> for Texts<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Texts<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of texts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(item) = seq.next_element::<Option<String>>()? {
            self.0.push(item.unwrap_or_default());
        }
        Ok(())
    }
}

/// `items` as a column keeps them: a JSON list, or for a field of one value the last of them, or
/// what that holds in turn.
pub fn column_of(mut items: Vec<String>, is_multiple: bool) -> Value {
    if is_multiple {
        return Value::Text(list_json(&items));
    }
    Value::Text(match items.pop() {
        Some(last) if last.contains('[') => distinct(texts_in(&last)).pop().unwrap_or_default(),
        last => last.unwrap_or_default(),
    })
}

/// The items of a column that holds a list, or one text.
pub fn items_of(column: ValueRef<'_>, is_multiple: bool) -> Vec<String> {
    match column {
        ValueRef::Null => Vec::new(),
        ValueRef::Text("") => Vec::new(),
        ValueRef::Text(text) if is_multiple || text.contains('[') => {
            list(&Json::String(text.to_owned()))
        }
        ValueRef::Text(text) => vec![text.to_owned()],
        ValueRef::Int(_) | ValueRef::Real(_) => vec![text_of(column).into_owned()],
    }
}

/// A JSON list of texts.
pub fn list_json(items: &[String]) -> String {
    let mut out = Vec::with_capacity(2 + items.len() * 20);
    write_list(items.iter().map(String::as_str), &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// The text of a column; numbers, which only another program can have put there, as text.
pub fn text_of(column: ValueRef<'_>) -> Cow<'_, str> {
    match column {
        ValueRef::Text(text) => Cow::Borrowed(text),
        ValueRef::Null => Cow::Borrowed(""),
        ValueRef::Int(int) => Cow::Owned(int.to_string()),
        ValueRef::Real(real) => Cow::Owned(real.to_string()),
    }
}

/// Appends a column that holds one text.
pub fn write_text(column: ValueRef<'_>, out: &mut Vec<u8>) {
    json::write_str(out, &text_of(column));
}

/// Appends a column that holds one text or a list of them.
pub fn write_items(column: ValueRef<'_>, is_multiple: bool, out: &mut Vec<u8>) {
    if !is_multiple {
        return write_text(column, out);
    }
    match serde_json::from_str::<Vec<Cow<'_, str>>>(column.text()) {
        Ok(items) => write_list(items.iter().map(AsRef::as_ref), out),
        Err(_) => write_list(items_of(column, true).iter().map(String::as_str), out),
    }
}

fn write_list<'a>(items: impl Iterator<Item = &'a str>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        json::write_str(out, item);
    }
    out.push(b']');
}

/// Decimal floats with `_` between digits, and the names of what is no number.
fn parse_number(text: &str) -> f64 {
    let digits = if text.contains('_') {
        let bytes = text.as_bytes();
        let is_hex = hex_parts(text).is_some();
        let is_digit = |byte: &u8| byte.is_ascii_digit() || (is_hex && byte.is_ascii_hexdigit());
        let is_between_digits = |at: usize| {
            let before = at.checked_sub(1).map(|before| bytes[before]);
            before.is_some_and(|b| is_digit(&b) || (is_hex && matches!(b, b'x' | b'X')))
                && bytes.get(at + 1).is_some_and(is_digit)
        };
        if !(0..bytes.len()).all(|i| bytes[i] != b'_' || is_between_digits(i)) {
            return 0.0;
        }
        Cow::Owned(text.replace('_', ""))
    } else {
        Cow::Borrowed(text)
    };
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_infinite = ["inf", "infinity"].iter().any(|name| unsigned.eq_ignore_ascii_case(name));
    if is_infinite || text.eq_ignore_ascii_case("nan") {
        // Told apart from zero when the value is validated.
        return f64::NAN;
    }
    let read = match hex_parts(&digits) {
        Some((sign, hex)) => hex_float(hex).map(|f| sign * f),
        None => digits.parse().ok(),
    };
    read.filter(|f: &f64| f.is_finite()).unwrap_or(0.0)
}

/// The sign of a hexadecimal float, and what follows its `0x`.
fn hex_parts(text: &str) -> Option<(f64, &str)> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")).map(|hex| (sign, hex))
}

/// `1.8p-2`: hexadecimal digits, and a power of two that must not be missing.
fn hex_float(text: &str) -> Option<f64> {
    let (digits, power) = text.split_once(['p', 'P'])?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.len() + fraction.len() == 0 {
        return None;
    }
    let mut float = 0.0;
    for digit in whole.chars().chain(fraction.chars()) {
        float = float * 16.0 + f64::from(digit.to_digit(16)?);
    }
    let power: i32 = power.parse().ok()?;
    let shift = i32::try_from(fraction.len()).ok()?.checked_mul(4)?;
    Some(float * f64::from(power.checked_sub(shift)?).exp2())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_cast_as_observed() {
        for (input, expected) in [
            (json!(1.0), "1"),
            (json!(1e21), "1000000000000000000000"),
            (json!(1e-7), "0.0000001"),
            (json!(12_345_678_901_234_567_890_u64), "12345678901234567000"),
            (json!(true), "true"),
            (json!(null), ""),
            (json!([]), ""),
            (json!({}), ""),
            (json!("  x "), "  x "),
        ] {
            assert_eq!(text(&input), expected, "{input}");
        }
    }

    #[test]
    fn numbers_are_cast_as_observed() {
        for (input, expected) in [
            (json!("12.5"), 12.5),
            (json!("1e3"), 1000.0),
            (json!(".5"), 0.5),
            (json!("5."), 5.0),
            (json!("+5"), 5.0),
            (json!("1_000.5"), 1000.5),
            (json!("1__0"), 0.0),
            (json!("_1"), 0.0),
            (json!("1_"), 0.0),
            (json!("0x10"), 0.0),
            (json!("0x1p-2"), 0.25),
            (json!("-0x_1.8p4"), -24.0),
            (json!("0xp1"), 0.0),
            (json!("0x1p"), 0.0),
            (json!("1e999"), 0.0),
            (json!(" 5"), 0.0),
            (json!("1e"), 0.0),
            (json!("i"), 0.0),
            (json!(""), 0.0),
            (json!(true), 1.0),
            (json!(null), 0.0),
            (json!([5]), 0.0),
            (json!({}), 0.0),
        ] {
            assert_eq!(number(&input), expected, "{input}");
        }
        for name in ["inf", "-Inf", "nan", "Infinity", "+INF"] {
            assert!(number(&json!(name)).is_nan(), "{name}");
        }
        assert_eq!(number(&json!("+nan")), 0.0);
        assert_eq!(number(&json!("--inf")), 0.0);
    }

    #[test]
    fn truths_are_cast_as_observed() {
        for input in [json!("1"), json!("t"), json!("True"), json!(1), json!(0.5), json!(-1)] {
            assert!(truth(&input), "{input}");
        }
        for input in [json!("tRUE"), json!("yes"), json!(0), json!("2"), json!([true]), json!({})] {
            assert!(!truth(&input), "{input}");
        }
    }

    #[test]
    fn lists_are_cast_as_observed() {
        for (input, expected) in [
            (json!("a"), r#"["a"]"#),
            (json!("[\"a\",\"b\"]"), r#"["a","b"]"#),
            (json!(" [\"a\"]"), r#"["a"]"#),
            (json!("[x"), r#"["[x"]"#),
            (json!("[1]"), r#"["[1]"]"#),
            (json!("[null]"), "[]"),
            (json!("[\"a\",null]"), r#"["a"]"#),
            (json!("[\"a\",1,\"b\"]"), r#"["a","[\"a\",1,\"b\"]"]"#),
            (json!("[\"a\""), r#"["a","[\"a\""]"#),
            (json!(1.5), r#"["1.5"]"#),
            (json!(true), r#"["true"]"#),
            (json!(null), "[]"),
            (json!(""), "[]"),
            (json!({"a": 1}), "[]"),
            (json!([1, true, null, "a", "a", ""]), r#"["1","true","a"]"#),
            (json!(["a", ["b"]]), "[]"),
            (json!(["a", {}]), "[]"),
            (json!("  "), r#"["  "]"#),
            (json!("{}"), r#"["{}"]"#),
        ] {
            assert_eq!(list_json(&list(&input)), expected, "{input}");
        }
    }

    #[test]
    fn of_a_list_a_single_field_keeps_the_last() {
        assert_eq!(column_of(list(&json!(["a", "b"])), false), Value::from("b"));
        assert_eq!(column_of(Vec::new(), false), Value::from(""));
        assert_eq!(column_of(list(&json!(["x", "[\"a\"]"])), false), Value::from("a"));
        assert_eq!(column_of(Vec::new(), true), Value::from("[]"));
    }

    #[test]
    fn lists_of_other_programs_are_shown_as_lists() {
        for (column, expected) in [
            (ValueRef::Text("[\"a\", \"b\"]"), r#"["a","b"]"#),
            (ValueRef::Text("a"), r#"["a"]"#),
            (ValueRef::Text(""), "[]"),
            (ValueRef::Null, "[]"),
            (ValueRef::Int(5), r#"["5"]"#),
        ] {
            let mut out = Vec::new();
            write_items(column, true, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{column:?}");
        }
    }
}
