//! [`Background`]: the thread on which crons and jobs run, away from those that answer requests.

use std::panic::AssertUnwindSafe;
use std::thread::JoinHandle;
use std::time::Duration;

use futures_util::FutureExt as _;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::error::{Error, Result};
use crate::jobs::dispatch::Dispatcher;
use crate::jobs::{Crons, JobKind, Jobs};

/// Threads for what handlers do that blocks.
const BLOCKING_THREADS: usize = 8;
/// Before a loop that panicked begins again.
const PAUSE: Duration = Duration::from_secs(1);
/// What a stop grants to blocking work.
const PATIENCE: Duration = Duration::from_secs(2);

/// The thread; it ends when it is closed.
pub struct Background {
    stop: watch::Sender<bool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Background {
    /// Starts the thread. One process of a data folder has it.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(jobs: Jobs, kinds: Vec<JobKind>, crons: Crons) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(BLOCKING_THREADS)
            .build()
            .map_err(Error::internal)?;
        let (stop, stopped) = watch::channel(false);
        let work = move || {
            runtime.block_on(async {
                let queue = guarded(&stopped, || {
                    Dispatcher::new(jobs.clone(), kinds.clone()).run(stopped.clone())
                });
                let clock = guarded(&stopped, || crons.clone().follow(stopped.clone()));
                futures_util::future::join(queue, clock).await;
            });
            runtime.shutdown_timeout(PATIENCE);
        };
        let thread = std::thread::Builder::new()
            .name("background".to_owned())
            .spawn(work)
            .map_err(Error::internal)?;
        Ok(Self { stop, thread: Mutex::new(Some(thread)) })
    }

    /// Ends what runs, within a few seconds. Blocks; later calls do nothing.
    pub fn close(&self) {
        let _ = self.stop.send(true);
        let thread = self.thread.lock().take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread of crons and jobs panicked");
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.close();
    }
}

/// Runs a loop that ends only with the stop; when it panics, it begins again.
async fn guarded<F: Future<Output = ()>>(stopped: &watch::Receiver<bool>, again: impl Fn() -> F) {
    while AssertUnwindSafe(again()).catch_unwind().await.is_err() {
        tracing::error!("the loop of crons or jobs panicked and begins again");
        tokio::time::sleep(PAUSE).await;
        if *stopped.borrow() {
            return;
        }
    }
}
