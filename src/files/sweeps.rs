//! The sweeps that are asked for: a queue between those who leave files behind and the thread that
//! looks for them.

use std::collections::VecDeque;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// Collections that may wait. One more, and everything is swept instead.
const MAX_WAITING: usize = 1000;

/// What is to be looked through for files that no row names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sweep {
    /// The files of one collection, which may be gone itself.
    Collection(String),
    /// All files.
    All,
    /// The files that are noted as undecided.
    Noted,
}

/// The queue.
#[derive(Default)]
pub struct Sweeps {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Sweep>,
    is_running: bool,
    is_closed: bool,
}

impl Sweeps {
    /// Asks for a sweep. Never waits.
    pub fn ask(&self, sweep: Sweep) {
        let mut state = self.state.lock();
        if state.waiting.contains(&Sweep::All) || state.waiting.contains(&sweep) {
            return;
        }
        if state.waiting.len() >= MAX_WAITING || sweep == Sweep::All {
            // A collection that is gone is still found by its name in the storage.
            state.waiting.retain(|asked| matches!(asked, Sweep::Collection(_)));
            state.waiting.truncate(MAX_WAITING);
            state.waiting.push_back(Sweep::All);
        } else {
            state.waiting.push_back(sweep);
        }
        self.changed.notify_all();
    }

    /// The next sweep, `otherwise` when none is asked for within `every`; `None` once closed.
    pub fn next(&self, every: Duration, otherwise: Sweep) -> Option<Sweep> {
        let mut state = self.state.lock();
        state.is_running = false;
        self.changed.notify_all();
        if state.waiting.is_empty() && !state.is_closed {
            self.changed.wait_while_for(
                &mut state,
                |state| state.waiting.is_empty() && !state.is_closed,
                every,
            );
        }
        if state.is_closed {
            return None;
        }
        state.is_running = true;
        Some(state.waiting.pop_front().unwrap_or(otherwise))
    }

    /// Waits for a while; true when the queue was closed meanwhile.
    pub fn rest(&self, time: Duration) -> bool {
        let mut state = self.state.lock();
        self.changed.wait_while_for(&mut state, |state| !state.is_closed, time);
        state.is_closed
    }

    /// Waits until everything that was asked for is done.
    pub fn settle(&self) {
        let mut state = self.state.lock();
        self.changed.wait_while(&mut state, |state| {
            !state.is_closed && (state.is_running || !state.waiting.is_empty())
        });
    }

    /// Ends the sweeping; what waits is left to the next start.
    pub fn close(&self) {
        self.state.lock().is_closed = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_is_asked_for_once_and_too_many_become_one_of_everything() {
        let sweeps = Sweeps::default();
        let one = || Sweep::Collection("a".into());
        sweeps.ask(one());
        sweeps.ask(one());
        assert_eq!(sweeps.next(Duration::ZERO, Sweep::All), Some(one()));
        assert_eq!(sweeps.next(Duration::ZERO, Sweep::All), Some(Sweep::All));
        for n in 0..MAX_WAITING + 5 {
            sweeps.ask(Sweep::Collection(n.to_string()));
        }
        for n in 0..MAX_WAITING {
            assert_eq!(
                sweeps.next(Duration::ZERO, Sweep::All),
                Some(Sweep::Collection(n.to_string()))
            );
        }
        assert_eq!(sweeps.next(Duration::ZERO, Sweep::All), Some(Sweep::All));
        sweeps.close();
        assert_eq!(sweeps.next(Duration::MAX, Sweep::All), None);
    }
}
