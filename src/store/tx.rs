//! A transaction, as a closure of the store sees it.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::Result;
use crate::sql::{Dialect, Row, Statement};
use crate::store::StoreError;
use crate::store::engine::Session;
use crate::store::meter;
use crate::store::script::{Script, ScriptAnswer};

type OnCommit = Box<dyn FnOnce() + Send>;

/// Numbers transactions; see [`Tx::number`].
static NEXT: AtomicU64 = AtomicU64::new(1);

/// A snapshot to read from, or a savepoint to write in. It ends with its closure.
pub struct Tx<'a> {
    number: u64,
    session: &'a dyn Session,
    on_commit: RefCell<Vec<OnCommit>>,
    broken: Cell<bool>,
}

impl<'a> Tx<'a> {
    pub(super) fn new(session: &'a dyn Session) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self { number, session, on_commit: RefCell::default(), broken: Cell::new(false) }
    }

    /// What to run after COMMIT.
    pub(super) fn into_on_commit(self) -> Vec<OnCommit> {
        self.on_commit.into_inner()
    }

    /// True when an inner savepoint could not be rolled back: nothing of it may be kept.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.get()
    }
}

impl Tx<'_> {
    /// Runs a statement and shows each row to `row`.
    pub fn query(
        &self,
        statement: &Statement,
        mut row: impl FnMut(&dyn Row) -> Result<()>,
    ) -> Result<()> {
        self.require_whole()?;
        meter::statement(|| self.session.query(statement, &mut |shown| row(shown).map(|()| true)))
    }

    /// The first row of a statement, mapped; `None` when there is none.
    pub fn query_one<T>(
        &self,
        statement: &Statement,
        map: impl FnOnce(&dyn Row) -> Result<T>,
    ) -> Result<Option<T>> {
        self.require_whole()?;
        let mut map = Some(map);
        let mut found = None;
        let mut first = |shown: &dyn Row| {
            if let Some(map) = map.take() {
                found = Some(map(shown)?);
            }
            Ok(false)
        };
        meter::statement(|| self.session.query(statement, &mut first))?;
        Ok(found)
    }

    /// Runs a statement that changes rows; tells how many.
    pub fn execute(&self, statement: &Statement) -> Result<usize, StoreError> {
        self.require_whole()?;
        meter::statement(|| self.session.execute(statement))
    }

    /// Runs statements without parameters, such as a change of tables. Not cached.
    pub fn execute_script(&self, sql: &str) -> Result<(), StoreError> {
        self.require_whole()?;
        meter::statement(|| self.session.execute_script(sql))
    }

    /// Runs what a person typed. What other parts remember of the tables is theirs to renew:
    /// the answer tells what may have changed.
    pub fn run_script(&self, script: &Script) -> Result<ScriptAnswer, StoreError> {
        self.require_whole()?;
        self.session.run_script(script)
    }

    /// Runs `work`, and undoes what it did if it fails.
    pub fn savepoint<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.require_whole()?;
        self.session.savepoint()?;
        let mark = self.on_commit.borrow().len();
        let done = work(self);
        let ended = if done.is_ok() { self.session.release() } else { self.session.roll_back() };
        if done.is_err() {
            self.on_commit.borrow_mut().truncate(mark);
        }
        if let Err(error) = ended {
            self.broken.set(true);
            return done.and(Err(error.into()));
        }
        done
    }

    /// Runs `call` on the writer's thread right after COMMIT and before the reply; not at all
    /// when this savepoint or the commit fails. It must be short and must not wait for a write.
    /// In a read there is no commit, so it never runs.
    pub fn on_commit(&self, call: impl FnOnce() + Send + 'static) {
        self.on_commit.borrow_mut().push(Box::new(call));
    }

    /// Tells this transaction from all others of the process.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// How the engine writes SQL.
    pub fn dialect(&self) -> &'static dyn Dialect {
        self.session.dialect()
    }

    fn require_whole(&self) -> Result<(), StoreError> {
        if self.broken.get() { Err(StoreError::Lost) } else { Ok(()) }
    }
}
