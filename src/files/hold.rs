//! Holds up removals: while a backup is made, no file goes that the copied rows still name.

use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

/// What a removal passes on its way.
#[derive(Default)]
pub(super) struct Gate {
    holds: Mutex<usize>,
    freed: Condvar,
}

impl Gate {
    /// Waits until nobody holds removals up.
    pub fn pass(&self) {
        let mut holds = self.holds.lock();
        self.freed.wait_while(&mut holds, |holds| *holds > 0);
    }

    /// Holds removals up from now on.
    pub fn hold(self: &Arc<Self>) -> Hold {
        *self.holds.lock() += 1;
        Hold(Arc::clone(self))
    }
}

/// No file of a record is removed while this lives.
pub struct Hold(Arc<Gate>);

impl Drop for Hold {
    fn drop(&mut self) {
        *self.0.holds.lock() -= 1;
        self.0.freed.notify_all();
    }
}
