//! One thing at a time: who makes or restores a backup sits at the desk.

use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

use crate::error::{Error, Result};

/// What is being done, and with which backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Work {
    Making(String),
    Restoring(String),
    Checking(String),
}

/// The desk. Clones are the same one.
#[derive(Clone, Default)]
pub(super) struct Desk(Arc<Inner>);

#[derive(Default)]
struct Inner {
    work: Mutex<Option<Work>>,
    left: Condvar,
}

/// A seat at the desk, until it is dropped.
pub(super) struct Seat(Arc<Inner>);

impl Desk {
    /// Sits down.
    ///
    /// # Errors
    /// 400 when somebody sits there.
    pub fn sit(&self, work: Work) -> Result<Seat> {
        let mut seat = self.0.work.lock();
        if seat.is_some() {
            return Err(taken());
        }
        *seat = Some(work);
        Ok(Seat(Arc::clone(&self.0)))
    }

    /// # Errors
    /// 400 when somebody sits there.
    pub fn require_free(&self) -> Result<()> {
        if self.is_free() { Ok(()) } else { Err(taken()) }
    }

    /// Whether nobody sits there.
    pub fn is_free(&self) -> bool {
        self.0.work.lock().is_none()
    }

    /// Whether this very backup is being made, restored or looked at.
    pub fn has(&self, name: &str) -> bool {
        let work = self.0.work.lock();
        match work.as_ref() {
            Some(Work::Making(own) | Work::Restoring(own) | Work::Checking(own)) => own == name,
            None => false,
        }
    }

    /// Waits until nobody sits there but who restores, which goes on over the stop.
    pub fn settle(&self) {
        let mut seat = self.0.work.lock();
        let goes_on = |work: &mut Option<Work>| !matches!(work, None | Some(Work::Restoring(_)));
        self.0.left.wait_while(&mut seat, goes_on);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        *self.0.work.lock() = None;
        self.0.left.notify_all();
    }
}

fn taken() -> Error {
    Error::bad_request("Try again later - another backup/restore process has already been started.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sits_at_a_time() {
        let desk = Desk::default();
        let seat = desk.sit(Work::Making("a.zip".into())).unwrap();
        assert!(!desk.is_free() && desk.has("a.zip") && !desk.has("b.zip"));
        let second = desk.clone().sit(Work::Making("b.zip".into())).err().expect("refused");
        assert!(second.message().starts_with("Try again later"));
        drop(seat);
        assert!(desk.is_free() && !desk.has("a.zip"));
        desk.settle();
    }
}
