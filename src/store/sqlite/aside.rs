//! Long reads on the calling thread: each has a connection of its own, which goes with it.

use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;

use crate::store::sqlite::connection::{Connection, Role};
use crate::store::sqlite::limit::Limit;
use crate::store::sqlite::shared::Shared;
use crate::store::{StoreError, Tx};

/// Long reads that may go on at a time; each keeps the log from starting over.
const MOST: usize = 4;

/// The limits of those that go on; `None` once the store is closed.
pub(super) struct Asides(Mutex<Option<Vec<Weak<Limit>>>>);

impl Default for Asides {
    fn default() -> Self {
        Self(Mutex::new(Some(Vec::new())))
    }
}

impl Asides {
    pub fn read(
        &self,
        shared: &Shared,
        limit: Duration,
        work: &mut dyn FnMut(&Tx<'_>),
    ) -> Result<(), StoreError> {
        let connection = Connection::open(shared, Role::Reader)?.sorting_on_disk()?;
        self.add(&connection)?;
        connection.with_snapshot(limit, |session| work(&Tx::new(session)))?;
        Ok(())
    }

    fn add(&self, connection: &Connection) -> Result<(), StoreError> {
        let mut open = self.0.lock();
        let all = open.as_mut().ok_or(StoreError::Closed)?;
        all.retain(|limit| limit.strong_count() > 0);
        if all.len() >= MOST {
            return Err(StoreError::Busy);
        }
        all.push(Arc::downgrade(connection.limit()));
        Ok(())
    }

    /// Ends them all at their next step.
    pub fn close(&self) {
        let open = self.0.lock().take();
        open.into_iter().flatten().filter_map(|limit| limit.upgrade()).for_each(|l| l.pass());
    }
}
