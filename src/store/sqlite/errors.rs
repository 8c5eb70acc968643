//! SQLite's error numbers, read here and nowhere else.

use std::io;

use rusqlite::ffi::{self, ErrorCode};

use crate::store::StoreError;

/// What a failure of SQLite means to the store.
pub(super) fn classify(error: rusqlite::Error) -> StoreError {
    match error {
        rusqlite::Error::SqliteFailure(failure, message) => {
            let text = message.unwrap_or_else(|| result_text(failure.extended_code).to_owned());
            from_code(failure, text)
        }
        rusqlite::Error::SqlInputError { error, msg, .. } => from_code(error, msg),
        other => StoreError::Sql { message: other.to_string() },
    }
}

fn from_code(failure: ffi::Error, text: String) -> StoreError {
    match failure.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
        ErrorCode::OperationInterrupted => StoreError::Interrupted,
        ErrorCode::DiskFull => StoreError::Full,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            StoreError::Corrupt { message: text }
        }
        ErrorCode::ConstraintViolation => from_constraint(failure.extended_code, &text),
        ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::ReadOnly => {
            StoreError::Io {
                context: "the database file failed".to_owned(),
                source: io::Error::other(engine_text(failure.extended_code, &text)),
            }
        }
        // The right side of `~` may be a column, and as long as that may be.
        code if code == ErrorCode::TooBig || text.contains("pattern too complex") => {
            StoreError::Value { message: engine_text(failure.extended_code, &text) }
        }
        _ => StoreError::Sql { message: engine_text(failure.extended_code, &text) },
    }
}

fn from_constraint(code: i32, text: &str) -> StoreError {
    match code {
        ffi::SQLITE_CONSTRAINT_UNIQUE
        | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        | ffi::SQLITE_CONSTRAINT_ROWID => {
            StoreError::Unique { columns: unique_columns(text), message: engine_text(code, text) }
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => StoreError::ForeignKey,
        _ => StoreError::Check { message: engine_text(code, text) },
    }
}

/// The form users of the reference know: class, text, number.
fn engine_text(code: i32, text: &str) -> String {
    let class = result_text(code);
    if text.starts_with(class) {
        return format!("{text} ({code})");
    }
    format!("{class}: {text} ({code})")
}

/// `UNIQUE constraint failed: posts.slug, posts.lang` names them. An index on expressions is
/// named itself, as `index 'name'`, and gives no columns.
fn unique_columns(text: &str) -> Vec<(String, String)> {
    let Some((_, list)) = text.split_once("constraint failed: ") else { return Vec::new() };
    if list.starts_with("index '") {
        return Vec::new();
    }
    list.split(", ")
        .filter_map(|name| name.split_once('.'))
        .map(|(table, column)| (table.to_owned(), column.to_owned()))
        .collect()
}

/// SQLite's sentence for the class of a code.
fn result_text(code: i32) -> &'static str {
    match code & 0xff {
        ffi::SQLITE_ERROR => "SQL logic error",
        ffi::SQLITE_PERM => "access permission denied",
        ffi::SQLITE_ABORT => "query aborted",
        ffi::SQLITE_NOMEM => "out of memory",
        ffi::SQLITE_READONLY => "attempt to write a readonly database",
        ffi::SQLITE_IOERR => "disk I/O error",
        ffi::SQLITE_CORRUPT => "database disk image is malformed",
        ffi::SQLITE_FULL => "database or disk is full",
        ffi::SQLITE_CANTOPEN => "unable to open database file",
        ffi::SQLITE_SCHEMA => "database schema has changed",
        ffi::SQLITE_TOOBIG => "string or blob too big",
        ffi::SQLITE_CONSTRAINT => "constraint failed",
        ffi::SQLITE_MISMATCH => "datatype mismatch",
        ffi::SQLITE_AUTH => "authorization denied",
        ffi::SQLITE_RANGE => "column index out of range",
        ffi::SQLITE_NOTADB => "file is not a database",
        _ => "database error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_of_a_unique_index_are_named() {
        let pair = |t: &str, c: &str| (t.to_owned(), c.to_owned());
        assert_eq!(
            unique_columns("UNIQUE constraint failed: posts.slug, posts.lang"),
            [pair("posts", "slug"), pair("posts", "lang")]
        );
        assert_eq!(unique_columns("UNIQUE constraint failed: index 'by_lower'"), []);
    }

    #[test]
    fn a_pattern_past_what_the_engine_compares_is_the_fault_of_the_request() {
        let raw = rusqlite::Connection::open_in_memory().unwrap();
        let like = |pattern: String| {
            raw.query_row("SELECT 'text' LIKE ?1", [pattern], |row| row.get::<_, bool>(0))
        };
        assert!(like("%ex%".to_owned()).unwrap());
        let error = classify(like("x".repeat(60_000)).unwrap_err());
        assert!(matches!(error, StoreError::Value { .. }), "{error:?}");
        assert_eq!(crate::error::Error::from(error).kind(), crate::error::Kind::BadRequest);
    }
}
