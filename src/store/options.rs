//! How a store is opened.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::Durability;

/// How much a read may cost. The plan knows, not the caller's hope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Point reads and short pages served by an index: run at once on the calling thread, with
    /// a small budget of time; past it the closure runs again on the reader pool.
    Bounded,
    /// Everything else: run on the reader pool.
    Unbounded,
}

/// How to open a [`Store`](crate::store::Store).
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The data folder; made when absent.
    pub dir: PathBuf,
    /// What a power failure may take.
    pub durability: Durability,
    /// How long one read may run on the pool.
    pub query_timeout: Duration,
    /// How long one job may hold the writer.
    pub write_timeout: Duration,
    /// How long the writer takes jobs into one group before it commits.
    pub group_work: Duration,
    /// Threads of the reader pool.
    pub readers: usize,
    /// Bytes of the file that are mapped into memory; 0 turns mapping off.
    pub mmap_size: u64,
    /// Page cache of one reading connection, in KiB.
    pub cache_kib: u32,
    /// Joins a folder that another process serves instead of refusing it. For a short command
    /// that needs no more than a few transactions of its own.
    pub joins: bool,
    /// Largest size of the database in pages; `None` leaves the engine's own limit.
    pub max_pages: Option<u32>,
}

impl StoreOptions {
    /// The defaults for a folder.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            durability: Durability::default(),
            query_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(5),
            group_work: Duration::from_millis(2),
            readers: 2,
            mmap_size: 1 << 30,
            cache_kib: 4 << 10,
            joins: false,
            max_pages: None,
        }
    }
}
