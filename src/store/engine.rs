//! What an engine offers to the store. Knows no engine.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::error::Result;
use crate::sql::{Dialect, Row, Statement};
use crate::store::script::{Script, ScriptAnswer, ScriptRead};
use crate::store::{StoreError, Tx};

/// One connection inside a transaction, as [`Tx`] sees it.
pub trait Session {
    /// Runs a statement and shows its rows; `row` says whether to go on.
    fn query(
        &self,
        statement: &Statement,
        row: &mut dyn FnMut(&dyn Row) -> Result<bool>,
    ) -> Result<()>;
    /// Runs a statement and tells how many rows it changed.
    fn execute(&self, statement: &Statement) -> Result<usize, StoreError>;
    /// Runs statements without parameters, separated by semicolons.
    fn execute_script(&self, sql: &str) -> Result<(), StoreError>;
    /// Runs what a person typed.
    fn run_script(&self, script: &Script) -> Result<ScriptAnswer, StoreError>;
    /// Marks a point to return to.
    fn savepoint(&self) -> Result<(), StoreError>;
    /// Keeps what was done since the last mark.
    fn release(&self) -> Result<(), StoreError>;
    /// Undoes what was done since the last mark, and forgets the mark.
    fn roll_back(&self) -> Result<(), StoreError>;
    /// How the engine writes SQL.
    fn dialect(&self) -> &'static dyn Dialect;
}

/// A read for the pool. It is handed a snapshot, or the reason why there is none.
pub type ReadJob = Box<dyn FnOnce(Result<&Tx<'_>, StoreError>) + Send>;

/// A write for the writer's thread.
pub trait WriteJob: Send {
    /// Does the work; true keeps it, false rolls it back. Never panics.
    fn run(&mut self, tx: &Tx<'_>) -> bool;
    /// Replies. `outcome` says whether the transaction was committed.
    fn answer(self: Box<Self>, outcome: Result<(), StoreError>);
}

/// How a read on the calling thread ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inline {
    /// The closure ran to its end.
    Done,
    /// It must run on the pool: over budget, known to be slow, or no connection at hand.
    ToPool,
}

/// How far a copy is, in pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// What is copied.
    pub done: u64,
    /// All there is.
    pub whole: u64,
}

/// A database file that is looked at and not changed.
pub trait Lookable: Send {
    /// How many migrations a store would apply to it.
    fn pending(&self) -> usize;
    /// Runs `work` with a snapshot.
    fn look(&self, work: &mut dyn FnMut(&Tx<'_>)) -> Result<(), StoreError>;
    /// What is wrong with it.
    fn check(&self, is_thorough: bool) -> Result<Vec<String>>;
}

/// What an open database has to do, and how large it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// Writes in the queue of the writer.
    pub waiting_writes: usize,
    /// Reads in the queue of the pool.
    pub waiting_reads: usize,
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Bytes of the write-ahead log.
    pub log_bytes: u64,
}

/// An open database.
pub trait Engine: Send + Sync {
    /// How the engine writes SQL.
    fn dialect(&self) -> &'static dyn Dialect;
    /// Runs `work` with a snapshot on this thread, unless it has to go to the pool.
    /// It is ended after `budget`, or the engine's own.
    fn read_here(&self, budget: Option<Duration>, work: &mut dyn FnMut(&Tx<'_>)) -> Inline;
    /// Runs `work` on this thread with a snapshot and a connection of its own, for so long.
    fn read_aside(&self, limit: Duration, work: &mut dyn FnMut(&Tx<'_>)) -> Result<(), StoreError>;
    /// Queues a read for the pool.
    fn queue_read(&self, job: ReadJob) -> Result<(), StoreError>;
    /// Queues a write; with a limit it gets a transaction of its own for so long.
    fn queue_write(
        &self,
        job: Box<dyn WriteJob>,
        exclusive: Option<Duration>,
    ) -> Result<(), StoreError>;
    /// Runs what a person typed on this thread, as long as it only reads, nobody sets `stop` and
    /// `limit` is not over.
    fn read_script(
        &self,
        script: &Script,
        limit: Duration,
        stop: Arc<AtomicBool>,
    ) -> Result<ScriptRead, StoreError>;
    /// Writes the file anew without empty pages. Other writes wait; blocks.
    fn compact(&self) -> Result<(), StoreError>;
    /// What waits, and how large the files are.
    fn load(&self) -> Load;
    /// How many transactions were committed.
    fn commits(&self) -> u64;
    /// Lets every connection forget its prepared statements.
    fn schema_changed(&self);
    /// Copies one snapshot of the database to a new file, on this thread. `watch` ends it by false.
    fn copy(&self, target: &Path, watch: &mut dyn FnMut(Copied) -> bool) -> Result<(), StoreError>;
    /// Finishes what is queued, and closes every connection.
    fn close(&self);
}
