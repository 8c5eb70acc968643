//! The checkpointer: a thread that moves the log into the database, so that no commit has to.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::clock::Stopwatch;
use crate::faults;
use crate::store::StoreError;
use crate::store::job::caught;
use crate::store::sqlite::connection::{Checkpoint, Connection};
use crate::store::sqlite::pool::spawn;
use crate::store::sqlite::shared::Shared;

/// How often the log is looked at while there are commits.
const INTERVAL: Duration = Duration::from_millis(50);

/// Without commits for so long, the log is emptied.
const IDLE: Duration = Duration::from_secs(3);

/// Frames in the log from which it is moved.
const START_FRAMES: i64 = 4000;

/// Frames that are left to the writer, who moves them between two groups.
const REST_FRAMES: i64 = 400;

/// Passes over the log before the next look.
const PASSES: usize = 4;

/// Frames (64 MB) past which the writer is asked for a long rest too: it commits faster than the
/// log can be moved beside it, and has to wait.
const LONG_FRAMES: i64 = 16 << 10;

/// Frames (256 MB) past which somebody must be holding the log.
const WARN_FRAMES: i64 = 64 << 10;

/// Between two warnings.
const WARN_PAUSE: Duration = Duration::from_secs(60);

#[derive(Default)]
struct State {
    has_commits: bool,
    stops: bool,
}

/// Wakes the checkpointer.
#[derive(Default)]
pub(super) struct CheckpointerSignal {
    state: Mutex<State>,
    changed: Condvar,
}

/// What to do next.
enum Turn {
    Look,
    Empty,
    Stop,
}

impl CheckpointerSignal {
    /// Notes a commit.
    pub fn committed(&self) {
        let mut state = self.state.lock();
        if !state.has_commits {
            state.has_commits = true;
            self.changed.notify_one();
        }
    }

    /// Ends the thread.
    pub fn stop(&self) {
        self.state.lock().stops = true;
        self.changed.notify_one();
    }

    /// Starts the thread.
    pub fn start(
        self: &Arc<Self>,
        shared: Arc<Shared>,
        connection: Connection,
    ) -> Result<JoinHandle<()>, StoreError> {
        let mut checkpointer =
            Checkpointer { signal: Arc::clone(self), shared, connection, warned: None };
        spawn("checkpoint".to_owned(), move || checkpointer.run())
    }

    /// Waits for a commit and a short while more; without one, until it is time to empty the log.
    fn wait(&self, is_empty: bool) -> Turn {
        let mut state = self.state.lock();
        if !state.has_commits && !state.stops {
            if is_empty {
                self.changed.wait(&mut state);
            } else if self.changed.wait_for(&mut state, IDLE).timed_out() {
                return Turn::Empty;
            }
        }
        if !state.stops {
            self.changed.wait_for(&mut state, INTERVAL);
        }
        state.has_commits = false;
        if state.stops { Turn::Stop } else { Turn::Look }
    }
}

struct Checkpointer {
    signal: Arc<CheckpointerSignal>,
    shared: Arc<Shared>,
    connection: Connection,
    warned: Option<Stopwatch>,
}

impl Checkpointer {
    fn run(&mut self) {
        let mut is_empty = false;
        loop {
            let turn = self.signal.wait(is_empty);
            // A panic is logged by `caught`; the thread goes on.
            let done = caught(|| {
                faults::pass("store::checkpoint").map_err(StoreError::from)?;
                Ok(match turn {
                    Turn::Stop => None,
                    Turn::Look => Some(self.look().map(|()| false)?),
                    Turn::Empty => Some(self.empty()?),
                })
            });
            is_empty = match done {
                Ok(Some(is_empty)) => is_empty,
                Ok(None) => return,
                Err(error) => {
                    tracing::warn!(%error, "the log could not be moved into the database");
                    false
                }
            };
        }
    }

    /// Moves the log once it is long enough, and leaves a short rest to the writer.
    fn look(&mut self) -> Result<(), StoreError> {
        let (frames, moved, _) = self.connection.checkpoint(Checkpoint::Noop)?;
        if frames - moved < START_FRAMES {
            return Ok(());
        }
        for _ in 0..PASSES {
            let (frames, moved, _) = self.connection.checkpoint(Checkpoint::Passive)?;
            if frames - moved < REST_FRAMES {
                self.shared.request_checkpoint();
                return Ok(());
            }
            if frames > LONG_FRAMES {
                self.shared.request_checkpoint();
                self.warn_if_held(frames);
            }
        }
        Ok(())
    }

    /// Empties the log; false when a reader is in the way.
    fn empty(&mut self) -> Result<bool, StoreError> {
        match self.connection.checkpoint(Checkpoint::Truncate) {
            Ok((_, _, is_held)) => Ok(!is_held),
            Err(StoreError::Busy) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn warn_if_held(&mut self, frames: i64) {
        let is_due = self.warned.is_none_or(|watch| watch.elapsed() > WARN_PAUSE);
        if frames > WARN_FRAMES && is_due {
            self.warned = Some(Stopwatch::start());
            tracing::warn!(frames, "a long read holds the write-ahead log, which keeps growing");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Statement;
    use crate::store::StoreOptions;
    use crate::store::engine::Session;
    use crate::store::sqlite::connection::Role;

    struct Bench {
        _dir: tempfile::TempDir,
        writer: Connection,
        checkpointer: Checkpointer,
    }

    impl Bench {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let options = StoreOptions::new(dir.path());
            let shared = Arc::new(Shared::new(dir.path().join("data.db"), options));
            let writer = Connection::open(&shared, Role::Writer).unwrap();
            let connection = Connection::open(&shared, Role::Checkpointer).unwrap();
            let signal = Arc::new(CheckpointerSignal::default());
            let checkpointer = Checkpointer { signal, shared, connection, warned: None };
            let bench = Self { _dir: dir, writer, checkpointer };
            bench.write("CREATE TABLE t (v TEXT)");
            bench
        }

        fn write(&self, sql: &str) {
            self.writer.control("BEGIN IMMEDIATE").unwrap();
            self.writer.execute_script(sql).unwrap();
            self.writer.control("COMMIT").unwrap();
        }

        /// One page of the log and more a row.
        fn write_rows(&self, rows: i64) {
            self.write(&format!(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {rows})
                 INSERT INTO t (v) SELECT hex(zeroblob(2000)) FROM n"
            ));
        }

        /// Frames in the log, and how many of them are in the file.
        fn log(&self) -> (i64, i64) {
            let (frames, moved, _) =
                self.checkpointer.connection.checkpoint(Checkpoint::Noop).unwrap();
            (frames, moved)
        }
    }

    #[test]
    fn a_short_log_is_left_alone_and_a_long_one_is_moved() {
        let mut bench = Bench::new();
        bench.write_rows(10);
        bench.checkpointer.look().unwrap();
        assert_eq!(bench.log().1, 0);
        assert!(!bench.checkpointer.shared.take_checkpoint_request());
        bench.write_rows(START_FRAMES);
        bench.checkpointer.look().unwrap();
        let (frames, moved) = bench.log();
        assert!(frames >= START_FRAMES && moved == frames, "{moved} of {frames}");
        assert!(bench.checkpointer.shared.take_checkpoint_request(), "the writer is asked");
        // All of it is in the file, so the next commit starts the log over.
        bench.write_rows(1);
        assert!(bench.log().0 < 10);
    }

    #[test]
    fn an_idle_log_is_emptied_once_no_reader_holds_it() {
        let mut bench = Bench::new();
        bench.write_rows(10);
        let reader = Connection::open(&bench.checkpointer.shared, Role::Reader).unwrap();
        reader.control("BEGIN").unwrap();
        reader.query(&Statement::new("SELECT count(*) FROM t", vec![]), &mut |_| Ok(true)).unwrap();
        bench.write_rows(10);
        assert!(!bench.checkpointer.empty().unwrap(), "a reader holds the log");
        reader.control("COMMIT").unwrap();
        assert!(bench.checkpointer.empty().unwrap());
        assert_eq!(bench.log(), (0, 0));
    }

    #[test]
    fn it_sleeps_until_there_is_something_to_do() {
        let signal = CheckpointerSignal::default();
        signal.committed();
        assert!(matches!(signal.wait(true), Turn::Look));
        signal.stop();
        assert!(matches!(signal.wait(true), Turn::Stop));
    }
}
