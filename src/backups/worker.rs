//! Threads for work that takes long and is in no hurry.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use tokio::sync::oneshot;

use crate::error::{Error, Result};

/// The lowest priority there is; 0 is that of others.
#[cfg(target_os = "linux")]
const LAST: i32 = 19;

/// Runs `work` on a thread of its own that lets all others go first.
pub(super) async fn run<T, F>(work: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T> + Send + 'static,
{
    let (sender, receiver) = oneshot::channel();
    let run = move || {
        step_back();
        let done = catch_unwind(AssertUnwindSafe(work));
        let done = done.unwrap_or_else(|_| Err(Error::internal("work on a backup panicked")));
        // Who asked may be gone; the work is done all the same.
        let _ = sender.send(done);
    };
    thread::Builder::new().name("backup".to_owned()).spawn(run).map_err(Error::internal)?;
    receiver.await.unwrap_or_else(|_| Err(Error::internal("work on a backup was lost")))
}

/// Linux counts priorities by thread. Elsewhere the work merely weighs more.
fn step_back() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), LAST);
}
