//! JSON as the wire wants it: strict on the way in (no duplicate keys, no broken text), and written
//! with sorted keys and the contract's number format on the way out (contract §1.2, §1.8).

use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Deepest nesting of a document that is read.
pub const MAX_DEPTH: usize = 127;

/// Reads the first JSON value of `bytes`; what follows it is ignored, as the contract says.
///
/// # Errors
/// Broken JSON, duplicate keys, lone surrogates, text that is not UTF-8, numbers past f64.
pub fn parse(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    Strict.deserialize(&mut serde_json::Deserializer::from_slice(bytes))
}

/// Like [`parse`], but nothing except white space may follow the value.
pub fn parse_whole(text: &str) -> Result<Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Strict.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// A [`Value`] that refuses duplicate keys.
struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value without duplicate keys")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Strict)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(Strict)?;
            if object.insert(key, value).is_some() {
                return Err(de::Error::custom("duplicate object key"));
            }
        }
        Ok(Value::Object(object))
    }
}

/// What serde says of a value of the wrong type, without the value: it may be a password, and the
/// text goes to the log.
pub fn without_value(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(", expected ") {
        Some((_, wanted)) => format!("a value has the wrong type, expected {wanted}"),
        None if text.starts_with("missing field") => text,
        None => "a value has the wrong type".to_owned(),
    }
}

/// Reads a typed form whose names match in any case (`IDENTITY` is `identity`).
///
/// `names` are the form's own spellings. Of two keys that fold to one name the later wins.
///
/// # Errors
/// What serde says of a value of the wrong type.
pub fn from_folded<T: for<'de> Deserialize<'de>>(
    object: Map<String, Value>,
    names: &[&str],
) -> Result<T, serde_json::Error> {
    let folded = object
        .into_iter()
        .map(|(key, value)| {
            let own = names.iter().find(|name| name.eq_ignore_ascii_case(&key));
            (own.map_or(key, |name| (*name).to_owned()), value)
        })
        .collect();
    serde_json::from_value(Value::Object(folded))
}

/// Appends `value` compactly: sorted keys, contract numbers, no HTML escapes.
pub fn write(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_str(out, text),
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(out, item);
            }
            out.push(b']');
        }
        Value::Object(object) => {
            out.push(b'{');
            for (i, (key, item)) in object.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_str(out, key);
                out.push(b':');
                write(out, item);
            }
            out.push(b'}');
        }
    }
}

/// `value` as [`write`] writes it.
pub fn to_string(value: &Value) -> String {
    let mut out = Vec::new();
    write(&mut out, value);
    String::from_utf8(out).unwrap_or_default()
}

/// Appends `text` in quotes.
pub fn write_str(out: &mut Vec<u8>, text: &str) {
    // Writing to memory cannot fail, and a str has nothing JSON cannot say.
    let _ = serde_json::to_writer(out, text);
}

fn write_number(out: &mut Vec<u8>, number: &Number) {
    const EXACT: u64 = 1 << 53;
    match (number.as_i64(), number.as_u64()) {
        (Some(int), _) if int.unsigned_abs() <= EXACT => write_int(out, int),
        _ => write_f64(out, number.as_f64().unwrap_or(0.0)),
    }
}

/// Appends an integer exactly.
pub fn write_int(out: &mut Vec<u8>, int: i64) {
    use std::io::Write as _;
    let _ = write!(out, "{int}");
}

/// Appends a float: plain digits from 1e-6 up to 1e21, else with an exponent; `-0` keeps its sign.
pub fn write_f64(out: &mut Vec<u8>, float: f64) {
    use std::io::Write as _;
    let size = float.abs();
    let _ = if !float.is_finite() {
        out.write_all(b"null")
    } else if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{float:e}");
        match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => {
                write!(out, "{digits}e+{exponent}")
            }
            _ => out.write_all(text.as_bytes()),
        }
    } else {
        write!(out, "{float}")
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_contract_says() {
        for (text, expected) in [
            ("1.0", "1"),
            ("1.10", "1.1"),
            ("12345678901234567890", "12345678901234567000"),
            ("1e21", "1e+21"),
            ("1e-7", "1e-7"),
            ("-0.0", "-0"),
            ("0.000001", "0.000001"),
            ("9007199254740993", "9007199254740992"),
        ] {
            assert_eq!(to_string(&parse(text.as_bytes()).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn broken_documents_are_refused() {
        for text in [r#"{"a":1,"a":2}"#, r#""\ud800""#, "1e999", "{", "", "nul"] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(parse(b"\"\xff\"").is_err());
        assert!(parse(b"{\"\xff\":1}").is_err());
        assert!(parse("[".repeat(1000).as_bytes()).is_err());
    }

    #[test]
    fn a_value_of_the_wrong_type_is_not_repeated() {
        let wrong = |value: Value| serde_json::from_value::<String>(value).unwrap_err();
        for (error, expected) in [
            (wrong(918_273_645.into()), "a value has the wrong type, expected a string"),
            (wrong(Value::Null), "a value has the wrong type, expected a string"),
            (
                serde_json::from_value::<i64>(", expected hunter2".into()).unwrap_err(),
                "a value has the wrong type, expected i64",
            ),
        ] {
            assert_eq!(without_value(&error), expected);
        }
    }

    #[test]
    fn what_follows_the_first_value_is_ignored() {
        assert_eq!(parse(b"{} xx").unwrap(), Value::Object(Map::new()));
        assert_eq!(parse(b"{}\xff").unwrap(), Value::Object(Map::new()));
        assert!(parse_whole("{} xx").is_err());
    }
}
