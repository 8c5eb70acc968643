//! One connection: cached statements, values in and out, and the limit of time.

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef as SqliteRef};
use rusqlite::{CachedStatement, OpenFlags, ToSql};

use crate::error::Result;
use crate::sql::{Dialect, Row, Statement, Value, ValueRef};
use crate::store::StoreError;
use crate::store::engine::Session;
use crate::store::script::{Script, ScriptAnswer};
use crate::store::sqlite::dialect::SQLITE;
use crate::store::sqlite::errors::classify;
use crate::store::sqlite::limit::Limit;
use crate::store::sqlite::shared::Shared;
use crate::store::sqlite::watch::Watch;
use crate::store::sqlite::{pragmas, script};

/// Hot statements of a large schema; generated SQL is canonical, so the cache does not thrash.
const CACHED_STATEMENTS: usize = 256;

/// Steps of the engine between two looks at the limit.
const STEPS_PER_CHECK: i32 = 1000;

pub(super) struct Connection {
    raw: rusqlite::Connection,
    limit: Arc<Limit>,
    generation: Cell<u64>,
    bound_bytes: Cell<usize>,
    /// Set where statements known to be slow are sent away.
    avoids_slow: Option<Arc<Shared>>,
    watch: Arc<Watch>,
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Reads, on the calling thread or in the pool.
    Reader,
    /// The one that writes.
    Writer,
    /// Moves the log into the file.
    Checkpointer,
}

impl Connection {
    pub fn open(shared: &Shared, role: Role) -> Result<Self, StoreError> {
        let access = if role == Role::Reader {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        };
        let mut raw = open_raw(&shared.path, access)?;
        pragmas::set_up(&raw, role, &shared.options).map_err(classify)?;
        raw.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        let watch = Arc::new(Watch::default());
        if role == Role::Writer {
            watch.install(&mut raw).map_err(classify)?;
        }
        let limit = Arc::new(Limit::new());
        let watched = Arc::clone(&limit);
        raw.progress_handler(STEPS_PER_CHECK, Some(move || watched.check())).map_err(classify)?;
        Ok(Self {
            raw,
            limit,
            generation: Cell::new(shared.generation()),
            bound_bytes: Cell::new(0),
            avoids_slow: None,
            watch,
        })
    }

    /// The same connection for the calling thread: what is known to be slow is refused.
    pub fn avoiding_slow(mut self, shared: Arc<Shared>) -> Self {
        self.avoids_slow = Some(shared);
        self
    }

    /// The same connection, sorting on the disk what does not fit into its cache.
    pub fn sorting_on_disk(self) -> Result<Self, StoreError> {
        self.raw.pragma_update(None, "temp_store", "FILE").map_err(classify)?;
        Ok(self)
    }

    /// Forgets prepared statements of an older schema.
    pub fn refresh(&self, generation: u64) {
        if self.generation.replace(generation) != generation {
            self.raw.flush_prepared_statement_cache();
        }
    }

    /// How long the engine itself waits for another program that holds the lock.
    pub fn set_patience(&self, patience: Duration) -> Result<(), StoreError> {
        self.raw.busy_timeout(patience).map_err(classify)
    }

    pub fn limit(&self) -> &Arc<Limit> {
        &self.limit
    }

    /// Runs `BEGIN`, `COMMIT` and their kind, whatever the limit.
    pub fn control(&self, sql: &'static str) -> Result<(), StoreError> {
        self.limit
            .suspended(|| {
                let mut statement = self.raw.prepare_cached(sql)?;
                statement.raw_execute().map(drop)
            })
            .map_err(classify)
    }

    /// True between `BEGIN` and the end of the transaction, whoever ended it.
    pub fn in_transaction(&self) -> bool {
        !self.raw.is_autocommit()
    }

    /// Runs `work` with one snapshot, within `limit`; true when it stayed within.
    pub fn with_snapshot(
        &self,
        limit: Duration,
        work: impl FnOnce(&Self),
    ) -> Result<bool, StoreError> {
        self.control("BEGIN")?;
        self.limit.arm(limit);
        work(self);
        let passed = self.limit.disarm();
        // A read has nothing to lose: an end that fails leaves a connection that is thrown away.
        if self.in_transaction() {
            self.control("COMMIT").or_else(|_| self.control("ROLLBACK"))?;
        }
        Ok(!passed)
    }

    /// Bytes of parameters since the last call.
    pub fn take_bound_bytes(&self) -> usize {
        self.bound_bytes.take()
    }

    /// Moves the log into the file; (frames in the log, frames moved, true if held up).
    pub fn checkpoint(&self, mode: Checkpoint) -> Result<(i64, i64, bool), StoreError> {
        let row =
            |row: &rusqlite::Row<'_>| Ok((row.get(1)?, row.get(2)?, row.get::<_, i64>(0)? != 0));
        self.limit.suspended(|| self.raw.query_row(mode.sql(), [], row)).map_err(classify)
    }

    /// Writes the file anew without empty pages; what is sorted meanwhile lies in files.
    pub fn compact(&self) -> Result<(), StoreError> {
        let sql = "PRAGMA temp_store = FILE; VACUUM";
        self.limit.suspended(|| self.raw.execute_batch(sql)).map_err(classify)
    }

    /// A prepared statement with its parameters bound.
    fn prepare(&self, statement: &Statement) -> Result<CachedStatement<'_>, StoreError> {
        self.refuse_slow(&statement.text)?;
        // The first statement after a change reads the schema, milliseconds with many tables.
        // Stopped within, it would start over with every statement, and never come to its end.
        let mut prepared =
            self.limit.suspended(|| self.raw.prepare_cached(&statement.text)).map_err(classify)?;
        let mut bytes = 0;
        for (index, value) in statement.params.iter().enumerate() {
            bytes += value.text().len();
            prepared.raw_bind_parameter(index + 1, Bound(value)).map_err(classify)?;
        }
        self.bound_bytes.set(self.bound_bytes.get() + bytes);
        Ok(prepared)
    }

    fn refuse_slow(&self, text: &str) -> Result<(), StoreError> {
        if let Some(shared) = &self.avoids_slow
            && shared.slow.contains(text)
        {
            self.limit.pass();
            return Err(StoreError::Interrupted);
        }
        Ok(())
    }

    /// Classifies a failure, and remembers a statement that passed the budget.
    fn failed(&self, error: rusqlite::Error, text: &str) -> StoreError {
        let error = classify(error);
        if let Some(shared) = &self.avoids_slow
            && matches!(error, StoreError::Interrupted)
        {
            shared.slow.insert(text);
        }
        error
    }
}

/// How far a checkpoint goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checkpoint {
    /// Only looks.
    Noop,
    /// As far as it can without making anybody wait.
    Passive,
    /// All of it, and the log file shrinks to nothing.
    Truncate,
}

impl Checkpoint {
    fn sql(self) -> &'static str {
        match self {
            Self::Noop => "PRAGMA wal_checkpoint(NOOP)",
            Self::Passive => "PRAGMA wal_checkpoint(PASSIVE)",
            Self::Truncate => "PRAGMA wal_checkpoint(TRUNCATE)",
        }
    }
}

/// Opens the file with one connection per thread in mind.
pub(super) fn open_raw(path: &Path, access: OpenFlags) -> Result<rusqlite::Connection, StoreError> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
    rusqlite::Connection::open_with_flags(path, flags).map_err(classify)
}

impl Session for Connection {
    fn query(
        &self,
        statement: &Statement,
        row: &mut dyn FnMut(&dyn Row) -> Result<bool>,
    ) -> Result<()> {
        let mut prepared = self.prepare(statement)?;
        let mut rows = prepared.raw_query();
        loop {
            match rows.next() {
                Ok(Some(found)) => {
                    if !row(&SqliteRow(found))? {
                        return Ok(());
                    }
                }
                Ok(None) => return Ok(()),
                Err(error) => return Err(self.failed(error, &statement.text).into()),
            }
        }
    }

    fn execute(&self, statement: &Statement) -> Result<usize, StoreError> {
        // Outside of a transaction this would commit by itself: the transaction was lost.
        if !self.in_transaction() {
            return Err(StoreError::Lost);
        }
        let mut prepared = self.prepare(statement)?;
        let mut rows = prepared.raw_query();
        while rows.next().map_err(|error| self.failed(error, &statement.text))?.is_some() {}
        drop(rows);
        drop(prepared);
        Ok(usize::try_from(self.raw.changes()).unwrap_or(usize::MAX))
    }

    fn execute_script(&self, sql: &str) -> Result<(), StoreError> {
        if !self.in_transaction() {
            return Err(StoreError::Lost);
        }
        self.raw.execute_batch(sql).map_err(classify)
    }

    fn run_script(&self, script: &Script) -> Result<ScriptAnswer, StoreError> {
        if !self.in_transaction() {
            return Err(StoreError::Lost);
        }
        script::write(&self.raw, &self.watch, script)
    }

    fn savepoint(&self) -> Result<(), StoreError> {
        self.control("SAVEPOINT job")
    }

    fn release(&self) -> Result<(), StoreError> {
        self.control("RELEASE job")
    }

    fn roll_back(&self) -> Result<(), StoreError> {
        self.control("ROLLBACK TO job")?;
        self.control("RELEASE job")
    }

    fn dialect(&self) -> &'static dyn Dialect {
        &SQLITE
    }
}

/// A parameter.
struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => SqliteRef::Null,
            Value::Int(int) => SqliteRef::Integer(*int),
            Value::Real(real) => SqliteRef::Real(*real),
            Value::Text(text) => SqliteRef::Text(text.as_bytes()),
        }))
    }
}

/// A row as the rest of the product sees it.
struct SqliteRow<'a>(&'a rusqlite::Row<'a>);

impl Row for SqliteRow<'_> {
    fn get(&self, index: usize) -> ValueRef<'_> {
        match self.0.get_ref(index) {
            Ok(SqliteRef::Integer(int)) => ValueRef::Int(int),
            Ok(SqliteRef::Real(real)) => ValueRef::Real(real),
            Ok(SqliteRef::Text(bytes) | SqliteRef::Blob(bytes)) => {
                ValueRef::Text(std::str::from_utf8(bytes).unwrap_or_default())
            }
            Ok(SqliteRef::Null) | Err(_) => ValueRef::Null,
        }
    }

    fn len(&self) -> usize {
        self.0.as_ref().column_count()
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::store::StoreOptions;

    #[test]
    fn a_new_generation_forgets_the_statements() {
        let dir = tempfile::tempdir().unwrap();
        let shared = Shared::new(dir.path().join("data.db"), StoreOptions::new(dir.path()));
        let connection = Connection::open(&shared, Role::Writer).unwrap();
        connection.raw.execute_batch("CREATE TABLE t (a TEXT)").unwrap();
        // How often SQLite had to prepare the cached statement again.
        let prepared_again = || {
            let statement = Statement::new("SELECT a FROM t", vec![]);
            connection.query(&statement, &mut |_| Ok(true)).unwrap();
            let cached = connection.raw.prepare_cached(&statement.text).unwrap();
            cached.get_status(StatementStatus::RePrepare)
        };
        assert_eq!(prepared_again(), 0);
        connection.raw.execute_batch("ALTER TABLE t ADD COLUMN b TEXT").unwrap();
        assert_eq!(prepared_again(), 1, "the cached statement is the old one");
        shared.next_generation();
        connection.refresh(shared.generation());
        assert_eq!(prepared_again(), 0, "the cached statement is a new one");
    }
}
