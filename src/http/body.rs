//! Bodies: read within a limit, then understood by content type (contract §1.8).

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::Version;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::{Error, Kind, Result};
use crate::files::Files;
use crate::http::intake::Reception;
use crate::http::limits::{BodyLimits, MAX_PARTS, VALUE_SIZE};
use crate::http::multipart;
use crate::http::request::is_well_escaped;
use crate::json;
use crate::records::Input;

/// The body of a route that is not about records.
#[derive(Debug, Default)]
pub struct Form {
    /// What was sent, by name.
    pub values: Map<String, Value>,
    /// True when the client said itself which value is text and which a number.
    is_typed: bool,
}

impl Form {
    /// The form as `T`; names match in any case, and `null` counts as not sent.
    ///
    /// # Errors
    /// 400 for a value of the wrong type.
    pub fn read<T: for<'de> Deserialize<'de>>(&self, names: &[&str]) -> Result<T> {
        let sent = self.values.iter().filter(|(_, value)| !value.is_null());
        let values: Map<String, Value> = sent.map(|(k, v)| (k.clone(), v.clone())).collect();
        let read = match json::from_folded(values.clone(), names) {
            // Only text can be sent here: what was taken for a number may have been meant as text.
            Err(_) if !self.is_typed => json::from_folded(as_texts(values), names),
            read => read,
        };
        read.map_err(|e| unreadable().with_source(json::without_value(&e)))
    }
}

impl Form {
    /// The form, with a single value of these names as a list of one: a form of text has no other
    /// way to send one.
    #[must_use]
    pub fn with_lists(mut self, names: &[&str]) -> Self {
        if !self.is_typed {
            for name in names {
                if let Some(value) = self.values.get_mut(*name).filter(|value| !value.is_array()) {
                    *value = Value::Array(vec![value.take()]);
                }
            }
        }
        self
    }
}

/// 400: a body that is not what the route asks for.
fn unreadable() -> Error {
    Error::bad_request("An error occurred while loading the submitted data.")
}

/// The values as they were typed.
fn as_texts(values: Map<String, Value>) -> Map<String, Value> {
    let text = |value: Value| match value {
        Value::Number(_) | Value::Bool(_) => Value::String(json::to_string(&value)),
        other => other,
    };
    values.into_iter().map(|(name, value)| (name, text(value))).collect()
}

/// What the `Content-Type` says a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Multipart,
    Urlencoded,
    Xml,
    Other,
}

fn format(request: &HttpRequest) -> Format {
    let header = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let starts = |prefix: &str| header.is_some_and(|text| text.starts_with(prefix));
    if starts("application/json") {
        Format::Json
    } else if starts("multipart/form-data") {
        Format::Multipart
    } else if starts("application/x-www-form-urlencoded") {
        Format::Urlencoded
    } else if starts("text/xml") || starts("application/xml") {
        Format::Xml
    } else {
        Format::Other
    }
}

/// Refuses at once what announces more than `limit` bytes.
///
/// # Errors
/// 413.
pub fn check_length(request: &HttpRequest, limit: usize) -> Result<()> {
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(Error::too_large());
    }
    Ok(())
}

/// True where the headers rule out a body.
fn is_empty(request: &HttpRequest) -> bool {
    let headers = request.headers();
    match headers.get(CONTENT_LENGTH) {
        Some(length) => length.as_bytes() == b"0",
        None => request.version() <= Version::HTTP_11 && !headers.contains_key(TRANSFER_ENCODING),
    }
}

/// A body that is about to be read.
pub struct Incoming<'r> {
    /// What announced it.
    pub http: &'r HttpRequest,
    /// Its bytes.
    pub payload: &'r mut Payload,
    /// What it may take.
    pub reception: &'r mut Reception,
}

impl Incoming<'_> {
    /// Reads the body of a record write. Without `files`, what is a file is read over.
    ///
    /// # Errors
    /// 400 for broken or unknown content, 408 for a client that is too slow, 413 past the limits,
    /// 503 when there is no memory for it.
    pub async fn record(mut self, limits: BodyLimits, files: Option<&Files>) -> Result<Input> {
        check_length(self.http, limits.whole)?;
        if format(self.http) == Format::Multipart {
            if is_empty(self.http) {
                return Ok(Input::default());
            }
            return multipart::read(self, limits, files).await;
        }
        Ok(self.plain(limits.text).await?.into())
    }

    /// Reads the body of any other route.
    ///
    /// # Errors
    /// As [`Incoming::record`].
    pub async fn form(self, limit: usize) -> Result<Form> {
        let format = format(self.http);
        match self.record(BodyLimits::all(limit), None).await {
            Ok(body) => Ok(Form { values: body.values, is_typed: format == Format::Json }),
            // A known format that cannot be read is the form's fault; an unknown one says so.
            Err(e) if e.kind() == Kind::BadRequest && format != Format::Other => {
                Err(unreadable().with_source(e))
            }
            Err(e) => Err(e),
        }
    }

    async fn plain(&mut self, limit: usize) -> Result<Map<String, Value>> {
        let body = self.collect(limit).await?;
        if body.is_empty() {
            return Ok(Map::new());
        }
        match format(self.http) {
            Format::Json => {
                self.reception.hold(parsed_size(&body))?;
                object(&body)
            }
            Format::Urlencoded => {
                self.reception.hold(body.len())?;
                let mut fields = FormFields::default();
                if !body.split(|byte| *byte == b'&').all(is_readable) {
                    return Err(Error::invalid_request());
                }
                for (key, text) in url::form_urlencoded::parse(&body) {
                    fields.add(&key, &text)?;
                }
                fields.finish()
            }
            Format::Multipart | Format::Xml => Err(Error::invalid_request()),
            Format::Other => Err(Error::bad_request("Unsupported Content-Type.")),
        }
    }

    async fn collect(&mut self, limit: usize) -> Result<Bytes> {
        let mut body = BytesMut::new();
        while let Some(chunk) = self.reception.wait(self.payload.next()).await? {
            let chunk = chunk.map_err(|e| Error::invalid_request().with_source(e.to_string()))?;
            if body.len() + chunk.len() > limit {
                return Err(Error::too_large());
            }
            self.reception.hold(chunk.len())?;
            self.reception.came(chunk.len());
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

/// About what a JSON document takes once it is read, beside its text.
pub(super) fn parsed_size(text: &[u8]) -> usize {
    let values = text.iter().filter(|byte| matches!(byte, b',' | b':' | b'[' | b'{')).count();
    text.len().saturating_add(values.saturating_mul(VALUE_SIZE))
}

fn is_readable(pair: &[u8]) -> bool {
    std::str::from_utf8(pair).is_ok_and(is_well_escaped)
}

fn object(bytes: &[u8]) -> Result<Map<String, Value>> {
    match json::parse(bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => Err(Error::invalid_request()),
        Err(e) => Err(Error::invalid_request().with_source(e)),
    }
}

/// Collects the text values of a form: once is a value, more often a list.
#[derive(Default)]
pub(super) struct FormFields {
    values: Map<String, Value>,
    /// Objects to be laid over the values, or `null`, in their order.
    payloads: Vec<Value>,
    seen: usize,
}

/// A form field that holds a JSON object to be laid over the others.
const JSON_PAYLOAD: &str = "@jsonPayload";

impl FormFields {
    pub fn add(&mut self, key: &str, text: &str) -> Result<()> {
        self.seen += 1;
        if self.seen > MAX_PARTS {
            return Err(Error::invalid_request());
        }
        if key == JSON_PAYLOAD {
            let payload = json::parse(text.as_bytes());
            match payload.map_err(|e| Error::invalid_request().with_source(e))? {
                payload @ (Value::Object(_) | Value::Null) => self.payloads.push(payload),
                _ => return Err(Error::invalid_request()),
            }
            return Ok(());
        }
        let value = infer(text);
        match self.values.get_mut(key) {
            None => {
                self.values.insert(key.to_owned(), value);
            }
            Some(Value::Array(items)) => items.push(value),
            Some(first) => {
                let items = vec![first.take(), value];
                *first = Value::Array(items);
            }
        }
        Ok(())
    }

    pub fn finish(self) -> Result<Map<String, Value>> {
        let mut values = Value::Object(self.values);
        for payload in self.payloads {
            lay_over(&mut values, payload)?;
        }
        match values {
            Value::Object(values) => Ok(values),
            _ => Ok(Map::new()),
        }
    }
}

/// Lays a value over another: objects are merged, anything else replaces what is of its kind.
/// `null` clears, and anything may follow it.
fn lay_over(under: &mut Value, over: Value) -> Result<()> {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                match under.get_mut(&key) {
                    Some(under) => lay_over(under, value)?,
                    None => drop(under.insert(key, value)),
                }
            }
        }
        (under, over) => {
            let is_free = under.is_null() || over.is_null();
            if !is_free && std::mem::discriminant(under) != std::mem::discriminant(&over) {
                return Err(Error::invalid_request());
            }
            *under = over;
        }
    }
    Ok(())
}

/// `true` and `false` are booleans, text that a float prints just so is a number, all else is text.
fn infer(text: &str) -> Value {
    match text {
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        _ => {}
    }
    let numeric = !text.is_empty() && text.bytes().all(|b| matches!(b, b'-' | b'.' | b'0'..=b'9'));
    if numeric && let Ok(float) = text.parse::<f64>() {
        let mut printed = Vec::new();
        json::write_f64(&mut printed, float);
        if printed == text.as_bytes() {
            return serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
        }
    }
    Value::from(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_values_are_inferred() {
        for (text, expected) in [
            ("", serde_json::json!("")),
            ("true", serde_json::json!(true)),
            ("TRUE", serde_json::json!("TRUE")),
            ("5", serde_json::json!(5)),
            ("-1.5", serde_json::json!(-1.5)),
            ("007", serde_json::json!("007")),
            ("1.50", serde_json::json!("1.50")),
            ("1e3", serde_json::json!("1e3")),
            ("-", serde_json::json!("-")),
        ] {
            assert_eq!(infer(text), expected, "{text}");
        }
    }

    #[test]
    fn a_form_takes_text_for_what_looks_like_a_number_only_where_types_are_guessed() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct SignIn {
            password: String,
            #[serde(default)]
            note: String,
        }
        let values = serde_json::json!({"PASSWORD": 1234567890, "note": null});
        let Value::Object(values) = values else { panic!("an object") };
        let read = |is_typed| {
            let form = Form { values: values.clone(), is_typed };
            form.read::<SignIn>(&["password", "note"])
        };
        let expected = SignIn { password: "1234567890".into(), note: String::new() };
        assert_eq!(read(false).unwrap(), expected);
        assert!(read(true).is_err());
    }

    fn read(fields: &[(&str, &str)]) -> Result<Value> {
        let mut form = FormFields::default();
        for (key, text) in fields {
            form.add(key, text)?;
        }
        form.finish().map(Value::Object)
    }

    #[test]
    fn payloads_win_and_repeated_keys_are_lists() {
        let sent = [("a", "1"), ("b", "x"), (JSON_PAYLOAD, r#"{"a":2}"#), ("b", "y")];
        assert_eq!(read(&sent).unwrap(), serde_json::json!({"a": 2, "b": ["x", "y"]}));
    }

    #[test]
    fn payloads_are_laid_over_what_is_of_their_kind_as_observed() {
        for (under, over, expected) in [
            (r#"{"j":1}"#, r#"{"j":7}"#, r#"{"j":7}"#),
            (r#"{"j":[1]}"#, r#"{"j":[2,3]}"#, r#"{"j":[2,3]}"#),
            (
                r#"{"j":{"a":{"x":1},"l":[1]}}"#,
                r#"{"j":{"a":{"y":2},"l":[]}}"#,
                r#"{"j":{"a":{"x":1,"y":2},"l":[]}}"#,
            ),
            (r#"{"j":null}"#, r#"{"j":{"a":1}}"#, r#"{"j":{"a":1}}"#),
            (r#"{"j":{"a":1}}"#, r#"{"j":null}"#, r#"{"j":null}"#),
            (r#"{"j":1}"#, "null", "{}"),
        ] {
            let laid = read(&[(JSON_PAYLOAD, under), (JSON_PAYLOAD, over)]).unwrap();
            assert_eq!(laid, serde_json::from_str::<Value>(expected).unwrap(), "{under} {over}");
        }
        for (plain, payload) in
            [("x", "5"), ("5", "\"x\""), ("x", "[1]"), ("5", "true"), ("", "[1]"), ("x", "{}")]
        {
            let payload = format!("{{\"j\":{payload}}}");
            assert!(read(&[("j", plain), (JSON_PAYLOAD, &payload)]).is_err(), "{plain} {payload}");
        }
        assert!(read(&[(JSON_PAYLOAD, "[1]")]).is_err());
    }
}
