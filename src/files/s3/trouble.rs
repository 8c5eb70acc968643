//! What went wrong with a bucket, in words without addresses, keys and signatures.

use std::error::Error as StdError;
use std::io::{self, ErrorKind};

use crate::error::Error;
use crate::files::s3::limits::MAX_WORDS;

/// A bucket did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Outage(String);

/// True for an error of a bucket: the disk is not at fault, and later it may work.
pub fn is_outage(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Outage>())
}

/// What a client is told of an error of the storage: 503 for an outage, else 500.
pub fn told(error: io::Error) -> Error {
    if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
        Error::busy("The disk of the server is full.").with_source(error)
    } else if is_outage(&error) {
        Error::busy("The storage of files does not answer. Try again later.").with_source(error)
    } else {
        Error::internal(error)
    }
}

/// An error with words of our own.
pub(super) fn outage(kind: ErrorKind, words: impl Into<String>) -> io::Error {
    io::Error::new(kind, Outage(words.into()))
}

/// The error of a request.
pub(super) fn of(error: &object_store::Error) -> io::Error {
    use object_store::Error as E;
    let is_unanswered = error.to_string().contains("HTTP error: ");
    let kind = match error {
        E::NotFound { .. } => ErrorKind::NotFound,
        E::PermissionDenied { .. } | E::Unauthenticated { .. } => ErrorKind::PermissionDenied,
        _ if is_unanswered => ErrorKind::NotConnected,
        _ => ErrorKind::Other,
    };
    outage(kind, describe(error))
}

/// True when the bucket is there and the object is not.
pub(super) fn is_missing(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::NotFound { .. })
        && !error.to_string().contains("NoSuchBucket")
}

/// True when it may be the range that a service did not like, or answered in its own way: what has
/// no content has no range.
pub(super) fn is_about_range(error: &object_store::Error) -> bool {
    let text = error.to_string();
    let is_answered = !text.contains("HTTP error: ");
    is_answered && (text.contains("status code: 416") || !text.contains("status code: "))
}

fn describe(error: &object_store::Error) -> String {
    let text = error.to_string();
    let status = between(&text, "status code: ", ":").and_then(|status| status.get(..3));
    let status = status.filter(|status| status.bytes().all(|byte| byte.is_ascii_digit()));
    let status = status.map(|status| format!("{status} ")).unwrap_or_default();
    if let Some(code) = between(&text, "<Code>", "</Code>") {
        let message = between(&text, "<Message>", "</Message>").unwrap_or_default();
        return shown(&format!("{status}{code}: {message}"));
    }
    if let Some(status) = between(&text, "status code: ", ":") {
        return shown(&format!("the service answered {status}"));
    }
    shown(&last_cause(error))
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(found, _)| found)
}

/// The innermost reason: those around it name the address.
fn last_cause(error: &object_store::Error) -> String {
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    let mut text = "the request failed".to_owned();
    while let Some(this) = cause {
        text = this.to_string();
        cause = this.source();
    }
    text
}

/// One line of bounded length.
fn shown(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    line.chars().take(MAX_WORDS).collect()
}
