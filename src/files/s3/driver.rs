//! [`Driver`]: the thread that moves bytes between this server and its buckets, and what callers
//! that block share.

use std::io::{self, ErrorKind};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::timeout;

use crate::files::budget::Budget;
use crate::files::s3::limits::MEMORY;
use crate::files::s3::trouble;
use crate::outgoing::Outgoing;

/// Made once; its thread starts with the first request to a bucket.
pub struct Driver {
    runtime: Mutex<Option<Runtime>>,
    outgoing: Outgoing,
    /// What parts of uploads may hold in memory.
    pub(super) memory: Budget,
}

impl Driver {
    pub fn new() -> Self {
        // Where a bucket lies is an operator's choice: the next machine is fine.
        let outgoing = Outgoing::new(true);
        Self { runtime: Mutex::default(), outgoing, memory: Budget::new(MEMORY) }
    }

    pub(super) fn outgoing(&self) -> &Outgoing {
        &self.outgoing
    }

    fn handle(&self) -> io::Result<Handle> {
        let mut runtime = self.runtime.lock();
        if let Some(runtime) = &*runtime {
            return Ok(runtime.handle().clone());
        }
        let made =
            Builder::new_multi_thread().worker_threads(1).thread_name("s3").enable_all().build()?;
        Ok(runtime.insert(made).handle().clone())
    }

    /// Waits for a request, on a thread that may block, for no longer than the limit.
    pub(super) fn wait<T>(
        &self,
        limit: Duration,
        request: impl Future<Output = object_store::Result<T>>,
    ) -> io::Result<object_store::Result<T>> {
        let late = |_| trouble::outage(ErrorKind::TimedOut, "the service takes too long");
        self.handle()?.block_on(async { timeout(limit, request).await }).map_err(late)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.lock().take() {
            runtime.shutdown_background();
        }
    }
}
