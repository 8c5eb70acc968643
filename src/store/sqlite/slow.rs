//! Statements that once passed the budget of the calling thread; they go straight to the pool.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::RwLock;

/// More than this and the set starts over: it is a memory, not a truth.
const CAPACITY: usize = 1024;

#[derive(Default)]
pub(super) struct SlowStatements {
    hasher: RandomState,
    hashes: RwLock<HashSet<u64>>,
    // Read without the lock on the way of every fast statement.
    count: AtomicUsize,
}

impl SlowStatements {
    pub fn contains(&self, text: &str) -> bool {
        self.count.load(Ordering::Relaxed) != 0
            && self.hashes.read().contains(&self.hasher.hash_one(text))
    }

    pub fn insert(&self, text: &str) {
        let mut hashes = self.hashes.write();
        if hashes.len() >= CAPACITY {
            hashes.clear();
        }
        hashes.insert(self.hasher.hash_one(text));
        self.count.store(hashes.len(), Ordering::Relaxed);
    }

    pub fn clear(&self) {
        self.hashes.write().clear();
        self.count.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_remembers_and_stays_bounded() {
        let slow = SlowStatements::default();
        assert!(!slow.contains("SELECT 0"));
        for n in 0..=CAPACITY {
            slow.insert(&format!("SELECT {n}"));
        }
        assert!(slow.contains(&format!("SELECT {CAPACITY}")));
        assert!(slow.hashes.read().len() <= CAPACITY);
    }
}
