//! The one service error. `message` and `data` are always safe to send to a client;
//! `source` never leaves the log. Knows nothing of HTTP: `http/error.rs` maps [`Kind`] to a status.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fmt;

use serde::Serialize;
use serde::ser::SerializeMap;

use crate::codes::Code;

/// What any fallible part of the product returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn StdError + Send + Sync>;

/// Why a request could not be served, in words that say nothing of the transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The input is wrong; `data` may say where.
    BadRequest,
    /// The caller is not signed in, and must be.
    Unauthorized,
    /// The caller is known and may not do this.
    Forbidden,
    /// There is no such thing, or the caller may not know that there is.
    NotFound,
    /// The body passes its limit.
    TooLarge,
    /// The client sends its request too slowly.
    TimedOut,
    /// The caller asks too often; come back after so many seconds.
    TooMany {
        /// Seconds until the next try has a chance.
        retry_after_secs: u32,
    },
    /// A queue is full or a time limit ran out; nothing was done.
    Busy,
    /// Our fault; the source says why, in the log only.
    Internal,
}

/// A failure with what the client may know of it.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: Cow<'static, str>,
    data: FieldErrors,
    source: Option<Source>,
}

impl Error {
    /// An error of `kind` with the sentence the client reads.
    pub fn new(kind: Kind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), data: FieldErrors::default(), source: None }
    }

    /// 400 with a sentence.
    pub fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::BadRequest, message)
    }

    /// 400 without a reason, as for a filter that does not parse.
    pub fn invalid_request() -> Self {
        Self::bad_request("Something went wrong while processing your request.")
    }

    /// 400 with the fields at fault.
    pub fn invalid(message: impl Into<Cow<'static, str>>, data: FieldErrors) -> Self {
        Self { data, ..Self::bad_request(message) }
    }

    /// 403 with a sentence.
    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Forbidden, message)
    }

    /// 403: the rule of this action is `null`.
    pub fn superusers_only() -> Self {
        Self::forbidden("Only superusers can perform this action.")
    }

    /// 401: a route that needs a valid token had none.
    pub fn sign_in_required() -> Self {
        Self::new(Kind::Unauthorized, "The request requires valid record authorization token.")
    }

    /// 404 with the contract's general sentence.
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "The requested resource wasn't found.")
    }

    /// 404: the collection of a record route does not exist.
    pub fn missing_collection() -> Self {
        Self::new(Kind::NotFound, "Missing collection context.")
    }

    /// 404: the collection of any other route does not exist.
    pub fn missing_or_invalid_collection() -> Self {
        Self::new(Kind::NotFound, "Missing or invalid collection context.")
    }

    /// 413.
    pub fn too_large() -> Self {
        Self::new(Kind::TooLarge, "Request entity too large.")
    }

    /// 408.
    pub fn timed_out() -> Self {
        Self::new(Kind::TimedOut, "The request took too long to arrive.")
    }

    /// 503: a queue is full or a limit of time was reached.
    pub fn busy(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Busy, message)
    }

    /// 500; `source` goes to the log.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(Kind::Internal, "Something went wrong while processing your request.")
        }
    }

    /// The same error with its cause for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same error with fields at fault.
    #[must_use]
    pub fn with_data(mut self, data: FieldErrors) -> Self {
        self.data = data;
        self
    }

    /// The class of the failure.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The sentence for the client.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The fields at fault, for the client.
    pub fn data(&self) -> &FieldErrors {
        &self.data
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.data.is_empty() {
            write!(f, " {}", serde_json::to_string(&self.data).unwrap_or_default())?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|e| e as &(dyn StdError + 'static))
    }
}

/// The tree of fields at fault. Keys are field names; positions in a list are decimal keys.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct FieldErrors(BTreeMap<String, FieldError>);

/// A leaf or a branch of [`FieldErrors`].
#[derive(Debug, Clone, PartialEq)]
pub enum FieldError {
    /// One rule that one value breaks.
    Issue(Issue),
    /// Errors further in: a nested option or the items of a list.
    Nested(FieldErrors),
    /// Ready JSON, for answers that carry another answer within (batch).
    Json(serde_json::Value),
}

/// What is wrong with one value.
#[derive(Debug, Clone, PartialEq)]
pub struct Issue {
    /// Stable, for programs.
    pub code: Code,
    /// For people.
    pub message: Cow<'static, str>,
    /// What the message was made from; left out when empty.
    pub params: serde_json::Map<String, serde_json::Value>,
}

impl Issue {
    /// An issue with the code's own message.
    pub fn new(code: Code) -> Self {
        Self { code, message: Cow::Borrowed(code.default_message()), params: Default::default() }
    }

    /// An issue with its own message.
    pub fn with_message(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), params: Default::default() }
    }

    /// Adds a parameter.
    #[must_use]
    pub fn param(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }
}

impl FieldErrors {
    /// One field, one issue.
    pub fn one(field: impl Into<String>, issue: Issue) -> Self {
        let mut errors = Self::default();
        errors.add(field, issue);
        errors
    }

    /// Nothing is at fault.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Notes an issue; the first one of a field stays.
    pub fn add(&mut self, field: impl Into<String>, issue: Issue) {
        self.0.entry(field.into()).or_insert(FieldError::Issue(issue));
    }

    /// Hangs errors below a field, unless there are none.
    pub fn nest(&mut self, field: impl Into<String>, errors: FieldErrors) {
        if !errors.is_empty() {
            self.0.entry(field.into()).or_insert(FieldError::Nested(errors));
        }
    }

    /// Notes ready JSON below a field.
    pub fn json(&mut self, field: impl Into<String>, value: serde_json::Value) {
        self.0.insert(field.into(), FieldError::Json(value));
    }

    /// Adds what `other` has and this has not.
    pub fn merge(&mut self, other: FieldErrors) {
        for (field, error) in other.0 {
            match (self.0.get_mut(&field), error) {
                (Some(FieldError::Nested(inner)), FieldError::Nested(more)) => inner.merge(more),
                (Some(_), _) => {}
                (None, error) => drop(self.0.insert(field, error)),
            }
        }
    }

    /// All of them by field.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &FieldError)> {
        self.0.iter()
    }

    /// The error of one field.
    pub fn get(&self, field: &str) -> Option<&FieldError> {
        self.0.get(field)
    }

    /// `Ok` when nothing is at fault, else a 400 with `message`.
    pub fn into_result(self, message: impl Into<Cow<'static, str>>) -> Result<()> {
        if self.is_empty() { Ok(()) } else { Err(Error::invalid(message, self)) }
    }
}

impl Serialize for FieldErrors {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(&self.0)
    }
}

impl Serialize for FieldError {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Nested(errors) => errors.serialize(serializer),
            Self::Json(value) => value.serialize(serializer),
            Self::Issue(issue) => {
                let mut map = serializer.serialize_map(None)?;
                map.serialize_entry("code", issue.code.as_str())?;
                map.serialize_entry("message", &sentence(&issue.message))?;
                if !issue.params.is_empty() {
                    map.serialize_entry("params", &issue.params)?;
                }
                map.end()
            }
        }
    }
}

/// Trimmed, with a capital first letter and a full stop, as every message of the wire.
pub fn sentence(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    let Some(first) = trimmed.chars().next() else { return Cow::Borrowed("") };
    let ended = trimmed.ends_with(['.', '?', '!']);
    if !first.is_lowercase() && ended {
        return Cow::Borrowed(trimmed);
    }
    let mut out: String = first.to_uppercase().collect();
    out.push_str(&trimmed[first.len_utf8()..]);
    if !ended {
        out.push('.');
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_has_a_capital_and_a_stop() {
        for (text, expected) in
            [("cannot be blank", "Cannot be blank."), (" Why? ", "Why?"), ("", ""), ("éa", "Éa.")]
        {
            assert_eq!(sentence(text), expected);
        }
    }

    #[test]
    fn field_errors_nest_and_leave_out_empty_params() {
        let mut errors = FieldErrors::default();
        errors.nest("fields", FieldErrors::one("1", Issue::new(Code::Required)));
        errors.nest("nothing", FieldErrors::default());
        assert_eq!(
            serde_json::to_string(&errors).unwrap(),
            r#"{"fields":{"1":{"code":"validation_required","message":"Cannot be blank."}}}"#
        );
    }
}
