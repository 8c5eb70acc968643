//! [`Point`]: a place where the program fails while a test holds it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use greenroom::clock::Stopwatch;
use greenroom::faults::points;
use tokio::sync::{Mutex, MutexGuard};

/// A test that waits longer has failed.
const LIMIT: Duration = Duration::from_secs(20);

static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Holds all other tests off.
pub async fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().await
}

/// Switched on; off again when it is dropped.
pub struct Point {
    name: &'static str,
    met: Arc<AtomicUsize>,
}

impl Point {
    /// The disk answers with this number of the system: 28 is full, 30 can only be read.
    pub fn fails(name: &'static str, number: i32) -> Self {
        fail_parallel::cfg(points(), name, &format!("return({number})")).expect("an action");
        Self { name, met: Arc::default() }
    }

    /// Whoever comes by first panics.
    pub fn panics_once(name: &'static str) -> Self {
        let met = Arc::new(AtomicUsize::new(0));
        let meeting = Arc::clone(&met);
        let panic = move || {
            assert!(meeting.fetch_add(1, Ordering::SeqCst) > 0, "as the test of {name} wants it");
        };
        fail_parallel::cfg_callback(points(), name, panic).expect("an action");
        Self { name, met }
    }

    /// Whoever comes by waits for `gate` to be opened, on a thread that may wait.
    pub fn waits(name: &'static str, gate: Arc<Mutex<()>>) -> Self {
        let met = Arc::new(AtomicUsize::new(0));
        let meeting = Arc::clone(&met);
        let wait = move || {
            meeting.fetch_add(1, Ordering::SeqCst);
            drop(gate.blocking_lock());
        };
        fail_parallel::cfg_callback(points(), name, wait).expect("an action");
        Self { name, met }
    }

    /// Waits until somebody came by so often.
    pub async fn is_met(&self, times: usize) {
        let watch = Stopwatch::start();
        while self.met.load(Ordering::SeqCst) < times {
            assert!(watch.elapsed() < LIMIT, "nobody comes by {}", self.name);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Point {
    fn drop(&mut self) {
        fail_parallel::remove(points(), self.name);
    }
}
