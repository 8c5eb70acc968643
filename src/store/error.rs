//! What can go wrong in a store, in words of no engine.

use std::io;

use crate::error::{Error, Kind};

/// A failure of the store. Engine error numbers are read once, in `store/<engine>/errors.rs`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique index has the value already.
    #[error("{message}")]
    Unique {
        /// The columns of the index as (table, column); empty for an index on expressions.
        columns: Vec<(String, String)>,
        /// The engine's text, for superusers.
        message: String,
    },
    /// A foreign key points nowhere.
    #[error("a foreign key constraint failed")]
    ForeignKey,
    /// A CHECK or NOT NULL constraint failed.
    #[error("{message}")]
    Check {
        /// The engine's text, for superusers.
        message: String,
    },
    /// A queue is full, or another process holds the database; nothing was done.
    #[error("the database is busy")]
    Busy,
    /// The disk, or the database's own limit, is full; nothing was done.
    #[error("the disk is full")]
    Full,
    /// A limit of time ran out; nothing was done.
    #[error("the limit of time ran out")]
    Interrupted,
    /// The transaction this job ran in was ended by the failure of another job.
    #[error("the transaction was ended by another job's failure")]
    Lost,
    /// The file is damaged, or no database.
    #[error("the database is damaged: {message}")]
    Corrupt {
        /// The engine's text.
        message: String,
    },
    /// The statement is wrong.
    #[error("{message}")]
    Sql {
        /// The engine's text, for superusers.
        message: String,
    },
    /// A value is more than the statement can work with, whoever wrote or sent it.
    #[error("{message}")]
    Value {
        /// The engine's text.
        message: String,
    },
    /// The store was closed.
    #[error("the database is closed")]
    Closed,
    /// The data folder cannot be used; the text says what to do.
    #[error("{0}")]
    Folder(String),
    /// The disk failed.
    #[error("{context}: {source}")]
    Io {
        /// What was tried, and on which file.
        context: String,
        /// The system's answer.
        source: io::Error,
    },
    /// A closure panicked; the text is the panic's.
    #[error("a job panicked: {0}")]
    Panicked(String),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy | StoreError::Lost | StoreError::Closed => {
                Self::busy("The database is busy, try again shortly.").with_source(error)
            }
            StoreError::Interrupted => {
                Self::busy("The request took too long and was stopped.").with_source(error)
            }
            StoreError::Full => {
                Self::new(Kind::Busy, "The disk of the server is full.").with_source(error)
            }
            StoreError::Value { .. } => Self::invalid_request().with_source(error),
            other => Self::internal(other),
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io { context: "the disk failed".to_owned(), source },
        }
    }
}

impl StoreError {
    /// The store error below a service error, if that is where it came from.
    pub fn below(error: &Error) -> Option<&StoreError> {
        std::error::Error::source(error).and_then(|source| source.downcast_ref())
    }
}
