//! What the connections of one open database share.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::store::StoreOptions;
use crate::store::sqlite::slow::SlowStatements;

pub(super) struct Shared {
    pub path: PathBuf,
    pub options: StoreOptions,
    pub slow: SlowStatements,
    /// The checkpointer asks the writer to finish a checkpoint between two groups.
    checkpoint_requested: AtomicBool,
    commits: AtomicU64,
    generation: AtomicU64,
}

impl Shared {
    pub fn new(path: PathBuf, options: StoreOptions) -> Self {
        Self {
            path,
            options,
            slow: SlowStatements::default(),
            checkpoint_requested: AtomicBool::new(false),
            commits: AtomicU64::new(0),
            generation: AtomicU64::new(0),
        }
    }

    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Acquire)
    }

    pub fn count_commit(&self) {
        self.commits.fetch_add(1, Ordering::Release);
    }

    pub fn request_checkpoint(&self) {
        self.checkpoint_requested.store(true, Ordering::Release);
    }

    pub fn take_checkpoint_request(&self) -> bool {
        self.checkpoint_requested.load(Ordering::Relaxed)
            && self.checkpoint_requested.swap(false, Ordering::AcqRel)
    }

    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    pub fn next_generation(&self) {
        self.generation.fetch_add(1, Ordering::Release);
        self.slow.clear();
    }
}
