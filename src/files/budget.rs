//! A number of bytes that several threads share.

use parking_lot::{Condvar, Mutex};

/// Bytes that may be taken; whoever wants more than there is waits.
pub(super) struct Budget {
    total: u64,
    free: Mutex<u64>,
    given_back: Condvar,
}

/// What was taken; dropped, it is there again.
pub(super) struct Room<'b> {
    budget: &'b Budget,
    bytes: u64,
}

impl Budget {
    pub fn new(total: u64) -> Self {
        Self { total, free: Mutex::new(total), given_back: Condvar::new() }
    }

    /// Waits until as much is free; `None` when there is never so much. Nobody who holds some may
    /// ask for more.
    pub fn take(&self, bytes: u64) -> Option<Room<'_>> {
        if bytes > self.total {
            return None;
        }
        let mut free = self.free.lock();
        self.given_back.wait_while(&mut free, |free| *free < bytes);
        *free -= bytes;
        Some(Room { budget: self, bytes })
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        *self.budget.free.lock() += self.bytes;
        self.budget.given_back.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn no_more_is_out_than_there_is() {
        let budget = Budget::new(10);
        assert!(budget.take(11).is_none());
        let out = AtomicU64::new(0);
        thread::scope(|scope| {
            for bytes in [1, 4, 7, 10, 3, 9] {
                let (budget, out) = (&budget, &out);
                scope.spawn(move || {
                    for _ in 0..200 {
                        let _room = budget.take(bytes).unwrap();
                        assert!(out.fetch_add(bytes, Ordering::SeqCst) + bytes <= 10);
                        out.fetch_sub(bytes, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!(budget.take(10).is_some());
    }
}
