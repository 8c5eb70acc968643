//! Statements that lately passed the budget of the calling thread; they go straight to the pool.
//!
//! A mark wears off: a statement may have been slow because the machine was.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use parking_lot::RwLock;

/// More than this and the marks start over: they are a memory, not a truth.
const CAPACITY: usize = 1024;

/// After so many ways to the pool a statement gets another chance.
const USES: u32 = 200;

#[derive(Default)]
pub(super) struct SlowStatements {
    hasher: RandomState,
    /// Uses left, by hash of the text.
    marks: RwLock<HashMap<u64, AtomicU32>>,
    // Read without the lock on the way of every fast statement.
    count: AtomicUsize,
}

impl SlowStatements {
    /// Whether the statement is marked; uses up a bit of the mark.
    pub fn contains(&self, text: &str) -> bool {
        if self.count.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let hash = self.hasher.hash_one(text);
        match self.marks.read().get(&hash).map(|left| left.fetch_sub(1, Ordering::Relaxed)) {
            None => return false,
            Some(2..) => return true,
            Some(_) => {}
        }
        let mut marks = self.marks.write();
        marks.remove(&hash);
        self.count.store(marks.len(), Ordering::Relaxed);
        true
    }

    /// Marks a statement.
    pub fn insert(&self, text: &str) {
        let mut marks = self.marks.write();
        if marks.len() >= CAPACITY {
            marks.clear();
        }
        marks.insert(self.hasher.hash_one(text), AtomicU32::new(USES));
        self.count.store(marks.len(), Ordering::Relaxed);
    }

    /// Forgets all marks.
    pub fn clear(&self) {
        self.marks.write().clear();
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
        assert!(slow.marks.read().len() <= CAPACITY);
    }

    #[test]
    fn a_mark_wears_off() {
        let slow = SlowStatements::default();
        slow.insert("SELECT 1");
        assert_eq!((0..USES * 2).filter(|_| slow.contains("SELECT 1")).count(), USES as usize);
        assert_eq!(slow.count.load(Ordering::Relaxed), 0);
    }
}
