//! The queue as a table under any order of events, and both loops on their thread.

mod background;
mod life;
mod orders;

use tempfile::TempDir;

use crate::store::{Store, StoreOptions};

fn store() -> (Store, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (Store::open(&StoreOptions::new(dir.path())).unwrap(), dir)
}
