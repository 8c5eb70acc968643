//! Any order of queueing, claiming, ending, waiting and dying: what holds for every job.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use tempfile::TempDir;

use super::store;
use crate::clock::DateTime;
use crate::jobs::table::{self, Claimed, Ended, Room};
use crate::jobs::{JobError, Kept, NewJob};
use crate::store::{Store, Tx};

const KIND: &str = "test";

fn room(places: usize) -> Room {
    Room { kind: KIND, places, per_lane: usize::MAX, running: Default::default() }
}
const ATTEMPTS: u32 = 3;

/// What may happen next.
#[derive(Debug, Clone, Copy)]
enum Move {
    /// A job that fails so often comes, in the order of a key.
    Queue { key: u8, failures: u32 },
    /// So many handlers are free.
    Claim(usize),
    /// One of those that run ends.
    End(usize),
    /// Milliseconds pass.
    Pass(u64),
    /// The process dies and starts again.
    Die,
}

fn any_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        4 => (0_u8..4, 0_u32..5).prop_map(|(key, failures)| Move::Queue { key, failures }),
        4 => (1_usize..4).prop_map(Move::Claim),
        5 => (0_usize..8).prop_map(Move::End),
        3 => (0_u64..3000).prop_map(Move::Pass),
        1 => Just(Move::Die),
    ]
}

/// What the test knows of a job.
#[derive(Debug, Default)]
struct Seen {
    id: i64,
    key: String,
    failures: u32,
    /// Attempts that were begun.
    begun: u32,
    not_before: i64,
    is_finished: bool,
}

struct Bench {
    store: Store,
    _dir: TempDir,
    now: DateTime,
    seen: Vec<Seen>,
    running: Vec<Claimed>,
}

impl Bench {
    fn new() -> Self {
        let (store, dir) = store();
        let now = DateTime::from_unix_ms(1_700_000_000_000);
        Self { store, _dir: dir, now, seen: Vec::new(), running: Vec::new() }
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>, DateTime) -> crate::error::Result<T> + Send + 'static,
    ) -> T {
        let now = self.now;
        self.store.write_blocking(move |tx| work(tx, now)).unwrap()
    }

    fn play(&mut self, step: Move) {
        match step {
            Move::Queue { key, failures } => self.queue(key, failures),
            Move::Claim(free) => self.claim(free),
            Move::End(which) if !self.running.is_empty() => self.end(which % self.running.len()),
            Move::End(_) => {}
            Move::Pass(ms) => self.now = self.now.after(Duration::from_millis(ms)),
            Move::Die => self.die(),
        }
    }

    fn queue(&mut self, key: u8, failures: u32) {
        // The last key means none.
        let key = if key == 3 { String::new() } else { format!("key {key}") };
        let job = NewJob::new(KIND, "{}".to_owned()).in_order_of(&key).with_attempts(ATTEMPTS);
        self.write(move |tx, now| table::insert(tx, job, 2, now));
        let id = i64::try_from(self.seen.len()).unwrap() + 1;
        let not_before = self.now.unix_ms();
        self.seen.push(Seen { id, key, failures, not_before, ..Seen::default() });
    }

    fn claim(&mut self, free: usize) {
        let claimed = self.write(move |tx, now| table::claim(tx, &room(free), now));
        assert!(claimed.len() <= free);
        for claimed in claimed {
            let id = claimed.job.id;
            let at = self.seen.iter().position(|seen| seen.id == id).expect("a job that was made");
            let seen = &self.seen[at];
            assert!(!seen.is_finished, "{id} runs after its end");
            assert!(self.running.iter().all(|other| other.job.id != id), "{id} runs twice at once");
            assert!(self.now.unix_ms() >= seen.not_before, "{id} runs before its time");
            assert_eq!(claimed.key, seen.key);
            let before = &self.seen[..at];
            let blocks = |other: &&Seen| !other.is_finished && other.key == seen.key;
            let ahead = before.iter().filter(|_| !seen.key.is_empty()).find(blocks);
            assert!(ahead.is_none(), "{id} overtakes {ahead:?}");
            self.seen[at].begun += 1;
            assert_eq!(claimed.job.attempt, self.seen[at].begun);
            assert_eq!(claimed.job.is_last, self.seen[at].begun == ATTEMPTS);
            self.running.push(claimed);
        }
    }

    fn end(&mut self, which: usize) {
        let Claimed { job, key, size, .. } = self.running.swap_remove(which);
        let now = self.now.unix_ms();
        let seen = self.seen.iter_mut().find(|seen| seen.id == job.id).unwrap();
        let fails = seen.begun <= seen.failures;
        let (id, attempt, is_last) = (job.id, job.attempt, job.is_last);
        let outcome = if fails { Err(JobError::Failed("no".to_owned())) } else { Ok(()) };
        let kept = Kept::Payload;
        let ended = Ended { id, key, size, attempt, is_last, kept, outcome };
        seen.is_finished = !fails || is_last;
        seen.not_before = now + 500 * (1 << (attempt - 1));
        let expected = seen.is_finished;
        assert_eq!(self.write(move |tx, now| table::end(tx, &ended, now)), expected);
    }

    fn die(&mut self) {
        for claimed in self.running.drain(..) {
            let seen = self.seen.iter_mut().find(|seen| seen.id == claimed.job.id).unwrap();
            seen.is_finished = claimed.job.is_last;
            seen.not_before = self.now.unix_ms();
        }
        let load = self.write(table::recover);
        let open = self.seen.iter().filter(|seen| !seen.is_finished).count();
        assert_eq!((load.jobs, load.bytes), (open as i64, 2 * open as i64));
    }

    /// Lets everything come to its end.
    fn settle(&mut self) {
        for _ in 0..1000 {
            if self.seen.iter().all(|seen| seen.is_finished) {
                return;
            }
            self.claim(100);
            while !self.running.is_empty() {
                self.end(0);
            }
            let due = self.write(|tx, _| table::next_due(tx, &room(1)));
            self.now = self.now.max(due.unwrap_or(self.now));
        }
        panic!("some jobs never end: {:?}", self.seen);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_job_runs_in_order_never_twice_at_once_and_to_an_end(
        steps in vec(any_move(), 1..80)
    ) {
        let mut bench = Bench::new();
        steps.into_iter().for_each(|step| bench.play(step));
        bench.settle();
        for seen in &bench.seen {
            prop_assert!(seen.begun >= 1, "{seen:?} never ran");
            prop_assert!(seen.begun <= ATTEMPTS, "{seen:?} ran too often");
        }
        let load = bench.write(table::recover);
        prop_assert_eq!(load, table::Load::default());
    }
}
