//! Runs what a person typed, under the eyes of an authorizer.
//!
//! A read has a connection of its own, which cannot write and is closed behind it. A write runs on
//! the writer's, in its transaction.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::limits::Limit as EngineLimit;
use rusqlite::{Batch, OpenFlags, Statement};

use crate::store::StoreError;
use crate::store::script::{Script, ScriptAnswer, ScriptColumn, ScriptRead};
use crate::store::sqlite::cell;
use crate::store::sqlite::connection::{Role, open_raw};
use crate::store::sqlite::errors::classify;
use crate::store::sqlite::limit::Limit;
use crate::store::sqlite::pragmas;
use crate::store::sqlite::shared::Shared;
use crate::store::sqlite::watch::{Control, Watch};

/// Steps of the engine between two looks at the limit.
const STEPS_PER_CHECK: i32 = 1000;

/// Runs a script that may only read, on this thread, until `stop` is set or the limit is over.
pub(super) fn read(
    shared: &Shared,
    script: &Script,
    limit: Duration,
    stop: Arc<AtomicBool>,
) -> Result<ScriptRead, StoreError> {
    let mut raw = open_raw(&shared.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    pragmas::set_up(&raw, Role::Reader, &shared.options).map_err(classify)?;
    // A sort of a product of tables would not fit into memory.
    raw.pragma_update(None, "temp_store", "FILE").map_err(classify)?;
    let watch = Arc::new(Watch::default());
    watch.install(&mut raw).map_err(classify)?;
    let time = Limit::new();
    time.arm(limit);
    let ends = move || stop.load(Ordering::Relaxed) || time.check();
    raw.progress_handler(STEPS_PER_CHECK, Some(ends)).map_err(classify)?;
    raw.execute_batch("BEGIN").map_err(classify)?;
    run(&raw, &watch, script, false)
}

/// Runs a script in the transaction that is open on the writer's connection.
pub(super) fn write(
    raw: &rusqlite::Connection,
    watch: &Watch,
    script: &Script,
) -> Result<ScriptAnswer, StoreError> {
    match run(raw, watch, script, true)? {
        ScriptRead::Done(answer) => Ok(answer),
        ScriptRead::Writes => Err(failed("a script that may write was taken for one that may not")),
    }
}

fn run(
    raw: &rusqlite::Connection,
    watch: &Watch,
    script: &Script,
    may_write: bool,
) -> Result<ScriptRead, StoreError> {
    let _tolerance = Tolerance::of(raw, script.max_bytes).map_err(classify)?;
    let watching = watch.begin();
    let mut batch = Batch::new(raw, &script.text);
    let mut answer = ScriptAnswer::default();
    loop {
        let why = |error| watching.refusal().map_or_else(|| classify(error), failed);
        let Some(mut statement) = batch.next().map_err(why)? else { break };
        match watching.control() {
            // All statements share a transaction as it is.
            Some(Control::Begin | Control::Commit) => {
                (answer.columns, answer.rows) = Default::default();
                continue;
            }
            Some(Control::RollBack) => {
                return Err(failed(
                    "cannot roll back: all statements of a query are one, and \
                     undone when one of them fails",
                ));
            }
            None => {}
        }
        let reads = statement.readonly() || statement.is_explain() != 0;
        if !reads && !may_write {
            return Ok(ScriptRead::Writes);
        }
        require_no_parameters(&statement)?;
        (answer.columns, answer.rows) = rows(&mut statement, script, reads)
            .map_err(|error| watching.refusal().map_or(error, failed))?;
    }
    answer.changed = raw.changes();
    answer.touched = watching.touched();
    Ok(ScriptRead::Done(answer))
}

/// What a person may write and the product does not: texts in double quotes. What is longer than
/// an answer can be is refused. All of it ends with this value.
struct Tolerance<'c> {
    raw: &'c rusqlite::Connection,
    length: i32,
}

impl<'c> Tolerance<'c> {
    fn of(raw: &'c rusqlite::Connection, max_bytes: usize) -> rusqlite::Result<Self> {
        let most = i32::try_from(max_bytes).unwrap_or(i32::MAX);
        let length = raw.set_limit(EngineLimit::SQLITE_LIMIT_LENGTH, most)?;
        let tolerance = Self { raw, length };
        raw.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, true)?;
        Ok(tolerance)
    }
}

impl Drop for Tolerance<'_> {
    fn drop(&mut self) {
        let raw = self.raw;
        let length = raw.set_limit(EngineLimit::SQLITE_LIMIT_LENGTH, self.length).map(drop);
        let quotes = raw.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false).map(drop);
        if let Err(error) = length.and(quotes) {
            tracing::error!(%error, "a connection could not be set back after a script");
        }
    }
}

/// Nothing is bound here, and what is not bound would be read as NULL.
fn require_no_parameters(statement: &Statement<'_>) -> Result<(), StoreError> {
    let Some(first) = (1..=statement.parameter_count()).next() else { return Ok(()) };
    Err(failed(match statement.parameter_name(first) {
        Some(name) => format!("missing named argument {:?}", &name[1..]),
        None => format!("missing argument with index {first}"),
    }))
}

type Rows = (Vec<ScriptColumn>, Vec<Vec<Option<String>>>);

/// Runs a statement to its end, or one that only reads to the last row that is shown.
fn rows(statement: &mut Statement<'_>, script: &Script, reads: bool) -> Result<Rows, StoreError> {
    let column = |column: &rusqlite::Column<'_>| ScriptColumn {
        name: column.name().to_owned(),
        declared: column.decl_type().unwrap_or_default().to_uppercase(),
    };
    let columns: Vec<ScriptColumn> = statement.columns().map(|each| column(&each)).collect();
    let (mut found, mut bytes) = (Vec::new(), 0);
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(classify)? {
        if found.len() >= script.max_rows {
            if reads {
                break;
            }
            continue;
        }
        let mut cells = Vec::with_capacity(columns.len());
        for at in 0..columns.len() {
            let text = cell::text(row.get_ref(at).map_err(classify)?);
            bytes += text.as_ref().map_or(0, String::len);
            cells.push(text);
        }
        if bytes > script.max_bytes {
            let most = script.max_bytes >> 20;
            return Err(failed(format!(
                "the answer has more than {most} MiB: ask for fewer rows or columns"
            )));
        }
        found.push(cells);
    }
    Ok((columns, found))
}

fn failed(message: impl Into<String>) -> StoreError {
    StoreError::Sql { message: message.into() }
}
