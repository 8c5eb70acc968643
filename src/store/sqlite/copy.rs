//! A copy of an open database, made while it is read and written: one snapshot, whatever is
//! committed meanwhile.
//!
//! The source stays in one read transaction. Without it each commit would make SQLite begin the
//! copy anew; with it the copy may rest between its steps. Memory is bounded by two small caches.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::OpenFlags;
use rusqlite::backup::{Backup, StepResult};

use crate::store::StoreError;
use crate::store::engine::Copied;
use crate::store::sqlite::connection::open_raw;
use crate::store::sqlite::errors::classify;
use crate::store::sqlite::inspect::open_untouched;

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
    copy_from(open_raw(source, OpenFlags::SQLITE_OPEN_READ_ONLY)?, target, watch)
}

#[expect(clippy::needless_pass_by_value, reason = "the connection ends with the copy")]
fn copy_from(
    from: rusqlite::Connection,
    target: &Path,
    watch: &mut dyn FnMut(Copied) -> bool,
) -> Result<(), StoreError> {
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

/// How the database of another program can be read so that nothing is written beside it.
enum Way {
    /// Nobody has it open: it is read as a file that does not change.
    AtRest,
    /// There is a log and its index: whoever writes goes on, and we read one snapshot.
    Shared,
    /// There is a log that nobody reads: both files are copied as they are.
    WithLog(PathBuf),
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn way(source: &Path) -> Way {
    let log = beside(source, "-wal");
    match (beside(source, "-shm").exists(), log.metadata().is_ok_and(|log| log.len() > 0)) {
        (true, _) => Way::Shared,
        (false, true) => Way::WithLog(log),
        (false, false) => Way::AtRest,
    }
}

/// Copies a database that may be another program's, in use or not, to `target`, which must not
/// exist. Nothing is written to the source or beside it, but that a snapshot of a database in use
/// is noted in the index of its log, as every reader does.
pub(in crate::store) fn copy_foreign(
    source: &Path,
    target: &Path,
    watch: &mut dyn FnMut(Copied) -> bool,
) -> Result<(), StoreError> {
    let failed = |context: &str, error| {
        let context = format!("{context} {}", source.display());
        StoreError::Io { context, source: error }
    };
    match way(source) {
        Way::Shared => {
            copy_from(open_raw(source, OpenFlags::SQLITE_OPEN_READ_ONLY)?, target, watch)
        }
        Way::WithLog(log) => {
            let whole = fs::copy(source, target).map_err(|e| failed("cannot copy", e))?;
            fs::copy(log, beside(target, "-wal")).map_err(|e| failed("cannot copy", e))?;
            watch(Copied { done: whole, whole });
            Ok(())
        }
        Way::AtRest => {
            let look = || source.metadata().and_then(|data| Ok((data.len(), data.modified()?)));
            let before = look().map_err(|e| failed("cannot read", e))?;
            copy_from(open_untouched(source)?, target, watch)?;
            let after = look().map_err(|e| failed("cannot read", e))?;
            if before != after || !matches!(way(source), Way::AtRest) {
                let path = source.display();
                return Err(StoreError::Folder(format!(
                    "a program began to write to {path} while it was copied; try again"
                )));
            }
            Ok(())
        }
    }
}
