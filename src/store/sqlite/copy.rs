//! A copy of an open database, made while it is read and written: one snapshot, whatever is
//! committed meanwhile.
//!
//! The source stays in one read transaction. Without it each commit would make SQLite begin the
//! copy anew; with it the copy may rest between its steps. Memory is bounded by two small caches.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use rusqlite::OpenFlags;
use rusqlite::backup::{Backup, StepResult};

use crate::store::StoreError;
use crate::store::engine::Copied;
use crate::store::sqlite::connection::open_raw;
use crate::store::sqlite::errors::classify;

/// Pages of one step: a megabyte as a rule.
const STEP_PAGES: i32 = 256;
/// Steps after which the copy is forced to the disk. Little at a time: what piles up in the
/// system's memory would have to go all at once, and commits would wait for it.
const STEPS_PER_FLUSH: u32 = 16;
/// Page cache of each side, in KiB.
const CACHE_KIB: i32 = 4 << 10;
/// How long another process that holds the database is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Copies the database at `source` to `target`, which must not exist. `watch` is shown how far it
/// is after each step; false ends it.
pub(super) fn copy(
    source: &Path,
    target: &Path,
    watch: &mut dyn FnMut(Copied) -> bool,
) -> Result<(), StoreError> {
    let from = open_raw(source, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let access = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut to = open_raw(target, access)?;
    from.busy_timeout(PATIENCE).map_err(classify)?;
    set_up(&from, &to).map_err(classify)?;
    from.execute_batch("BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1").map_err(classify)?;
    let flushed = File::options()
        .write(true)
        .open(target)
        .map_err(|source| StoreError::Io { context: "the copy cannot be opened".into(), source })?;
    let flush = || {
        flushed.sync_data().map_err(|source| StoreError::Io {
            context: "the copy does not reach the disk".into(),
            source,
        })
    };
    let backup = Backup::new(&from, &mut to).map_err(classify)?;
    for step in 1.. {
        let done = match backup.step(STEP_PAGES).map_err(classify)? {
            StepResult::Done => true,
            StepResult::More => false,
            _ => return Err(StoreError::Busy),
        };
        let progress = backup.progress();
        let pages = u64::try_from(progress.pagecount).unwrap_or(0);
        let left = u64::try_from(progress.remaining).unwrap_or(0);
        if !watch(Copied { done: pages.saturating_sub(left), whole: pages }) {
            return Err(StoreError::Interrupted);
        }
        if done {
            break;
        }
        if step % STEPS_PER_FLUSH == 0 {
            flush()?;
        }
    }
    drop(backup);
    from.execute_batch("COMMIT").map_err(classify)?;
    drop(to);
    flush()
}

fn set_up(from: &rusqlite::Connection, to: &rusqlite::Connection) -> rusqlite::Result<()> {
    // Mapped pages would count as memory of this process.
    from.pragma_update(None, "mmap_size", 0)?;
    from.pragma_update(None, "cache_size", -CACHE_KIB)?;
    to.pragma_update(None, "cache_size", -CACHE_KIB)?;
    // Nobody else sees the copy, and one that is cut short is thrown away.
    to.pragma_update(None, "locking_mode", "exclusive")?;
    to.pragma_update(None, "journal_mode", "off")?;
    to.pragma_update(None, "synchronous", "off")
}
