//! Why a parameter or a rule was refused. A client that does not ask for it reads none of it: the
//! contract's answer is a general sentence with empty `data`, and the reason goes to the log.

use std::fmt;

use crate::codes::Code;
use crate::error::{Error, FieldErrors, Issue};

/// The bytes `from..to` of the text at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// The first byte.
    pub from: usize,
    /// The byte after the last.
    pub to: usize,
}

/// A refused parameter or rule.
#[derive(Debug, Clone, PartialEq)]
pub enum QueryError {
    /// The text makes no sense.
    Invalid {
        /// Where, if one place is at fault.
        span: Option<Span>,
        /// Why.
        message: String,
    },
    /// The caller may not ask this.
    Forbidden(&'static str),
}

impl QueryError {
    /// A text that makes no sense as a whole.
    pub fn new(message: impl Into<String>) -> Self {
        Self::Invalid { span: None, message: message.into() }
    }

    /// A text that makes no sense at `from..to`.
    pub fn at(from: usize, to: usize, message: impl Into<String>) -> Self {
        Self::Invalid { span: Some(Span { from, to }), message: message.into() }
    }

    /// Where the text is at fault, if one place is.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Invalid { span, .. } => *span,
            Self::Forbidden(_) => None,
        }
    }

    /// The answer to a client that asked why its `parameter`, holding `text`, was refused: the
    /// reason, and where in the text it lies. Positions count UTF-16 units, as the strings of
    /// JavaScript and Dart do.
    pub fn explained(self, parameter: &str, text: &str) -> Error {
        let Self::Invalid { span, message } = &self else { return self.into() };
        let mut issue = Issue::with_message(Code::InvalidFormat, message.clone());
        if let Some(span) = span {
            for (name, bytes) in [("from", span.from), ("to", span.to)] {
                let before = &text[..text.floor_char_boundary(bytes)];
                issue = issue.param(name, before.encode_utf16().count());
            }
        }
        let data = FieldErrors::one(parameter, issue);
        Error::from(self).with_data(data)
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { message, .. } => f.write_str(message),
            Self::Forbidden(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for QueryError {}

impl From<QueryError> for Error {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Forbidden(message) => Self::forbidden(message),
            QueryError::Invalid { .. } => Self::invalid_request().with_source(error),
        }
    }
}
