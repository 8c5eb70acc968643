//! A limit of time for what runs on a connection, read by its progress handler.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::Stopwatch;

const NONE: u64 = u64::MAX;

/// The stopwatch starts at the handler's first call, some thousand steps in: a point read never
/// asks for the time.
pub(super) struct Limit {
    micros: AtomicU64,
    watch: Mutex<Option<Stopwatch>>,
    passed: AtomicBool,
}

impl Limit {
    pub fn new() -> Self {
        Self {
            micros: AtomicU64::new(NONE),
            watch: Mutex::new(None),
            passed: AtomicBool::new(false),
        }
    }

    /// Starts a limit.
    pub fn arm(&self, limit: Duration) {
        *self.watch.lock() = None;
        self.passed.store(false, Ordering::Relaxed);
        self.micros.store(u64::try_from(limit.as_micros()).unwrap_or(NONE), Ordering::Relaxed);
    }

    /// Ends the limit; true when it was passed.
    pub fn disarm(&self) -> bool {
        self.micros.store(NONE, Ordering::Relaxed);
        self.passed.swap(false, Ordering::Relaxed)
    }

    /// Lets `work` run to its end whatever the limit.
    pub fn suspended<T>(&self, work: impl FnOnce() -> T) -> T {
        let micros = self.micros.swap(NONE, Ordering::Relaxed);
        let passed = self.passed.swap(false, Ordering::Relaxed);
        let result = work();
        self.passed.store(passed, Ordering::Relaxed);
        self.micros.store(micros, Ordering::Relaxed);
        result
    }

    /// Counts as passed, whatever the time.
    pub fn pass(&self) {
        self.passed.store(true, Ordering::Relaxed);
    }

    pub fn is_passed(&self) -> bool {
        self.passed.load(Ordering::Relaxed)
    }

    /// For the progress handler: true stops the statement.
    pub fn check(&self) -> bool {
        let micros = self.micros.load(Ordering::Relaxed);
        if micros == NONE {
            return false;
        }
        if !self.is_passed() {
            let elapsed = self.watch.lock().get_or_insert_with(Stopwatch::start).elapsed();
            if elapsed.as_micros() >= u128::from(micros) {
                self.pass();
            }
        }
        self.is_passed()
    }
}
