//! Bodies in flight: how much memory all of them may take, and how slowly one may come.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::clock::Stopwatch;
use crate::error::{Error, Result};
use crate::http::limits::Intake;

/// The memory that the bodies of all requests share.
#[derive(Clone)]
pub struct Budget {
    limits: Intake,
    used: Arc<AtomicUsize>,
}

impl Budget {
    pub fn new(limits: Intake) -> Self {
        Self { limits, used: Arc::default() }
    }

    /// The reception of one more body.
    pub fn reception(&self) -> Reception {
        let left = self.limits.patience;
        Reception { budget: self.clone(), held: 0, came: 0, left }
    }
}

/// The reception of one body; the memory it took is free again when this goes.
pub struct Reception {
    budget: Budget,
    held: usize,
    /// Bytes since the client's time began anew.
    came: usize,
    /// What is left of that time.
    left: Duration,
}

impl Reception {
    /// Makes room for bytes that will be held in memory.
    ///
    /// # Errors
    /// 413 for more than there is at all, 503 for more than the other requests leave.
    pub fn hold(&mut self, bytes: usize) -> Result<()> {
        let most = self.budget.limits.memory;
        if self.held.saturating_add(bytes) > most {
            return Err(Error::too_large());
        }
        let taken = self.budget.used.try_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
            used.checked_add(bytes).filter(|&used| used <= most)
        });
        taken.map_err(|_| {
            Error::busy("Too many request bodies are held in memory, please try again.")
        })?;
        self.held += bytes;
        Ok(())
    }

    /// Waits for the client. The time that the server itself takes does not count.
    ///
    /// # Errors
    /// 408 when the client is too slow.
    pub async fn wait<T>(&mut self, next: impl Future<Output = T>) -> Result<T> {
        let watch = Stopwatch::start();
        let came = tokio::time::timeout(self.left, next).await.map_err(|_| Error::timed_out())?;
        self.left = self.left.saturating_sub(watch.elapsed());
        Ok(came)
    }

    /// Notes that bytes came.
    pub fn came(&mut self, bytes: usize) {
        self.came += bytes;
        let limits = &self.budget.limits;
        if self.came >= limits.least + self.held / limits.held_per_least.max(1) {
            self.came = 0;
            self.left = limits.patience;
        }
    }
}

impl Drop for Reception {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.held, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn budget(memory: usize) -> Budget {
        Budget::new(Intake { memory, ..Intake::default() })
    }

    #[test]
    fn memory_is_shared_and_comes_back() {
        let budget = budget(100);
        let (mut first, mut second) = (budget.reception(), budget.reception());
        first.hold(60).unwrap();
        assert_eq!(second.hold(41).unwrap_err().kind(), Kind::Busy);
        second.hold(40).unwrap();
        assert_eq!(second.hold(61).unwrap_err().kind(), Kind::TooLarge);
        drop(first);
        second.hold(60).unwrap();
        drop(second);
        budget.reception().hold(100).unwrap();
    }

    #[tokio::test]
    async fn patience_begins_anew_with_enough_bytes_and_not_with_fewer() {
        let limits = Intake { least: 100, patience: Duration::from_secs(30), ..Intake::default() };
        let mut reception = Budget::new(limits).reception();
        reception.left = Duration::ZERO;
        reception.came(99);
        let pending = std::future::pending::<()>();
        assert_eq!(reception.wait(pending).await.unwrap_err().kind(), Kind::TimedOut);
        reception.came(1);
        assert_eq!(reception.left, Duration::from_secs(30));
        // What is held asks for more.
        reception.hold(800).unwrap();
        reception.left = Duration::from_secs(1);
        reception.came(199);
        assert_eq!(reception.left, Duration::from_secs(1));
        reception.came(1);
        assert_eq!(reception.left, Duration::from_secs(30));
    }
}
