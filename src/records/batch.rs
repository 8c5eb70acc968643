//! Several writes in one transaction: all of them happen, or none.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use serde_json::{Map, Value as Json};

use crate::clock::Stopwatch;
use crate::error::{Error, Result};
use crate::files::Upload;
use crate::query::{ExpandNode, RequestContext};
use crate::records::create::Draft;
use crate::records::delete::Removal;
use crate::records::parts::{Records, overtaken};
use crate::records::typed::Typed;
use crate::records::update::Change;
use crate::records::uploads::{Input, Uploads};
use crate::schema::{Collection, Schema};
use crate::sql::write;
use crate::store::{StoreError, Tx};

/// One write of a batch.
pub struct Operation {
    /// What to do.
    pub action: Action,
    /// Where.
    pub collection: Arc<Collection>,
    /// With what; unused by a delete.
    pub body: Map<String, Json>,
    /// Files for its fields.
    pub uploads: Vec<Upload>,
    /// The relations to include in the answer.
    pub expand: Vec<ExpandNode>,
    /// The request as its rules see it.
    pub cx: RequestContext,
}

/// What one write of a batch does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Makes a record.
    Create,
    /// Changes the record of this id.
    Update(String),
    /// Changes the record whose id the body names, or makes it.
    Upsert,
    /// Deletes the record of this id.
    Delete(String),
}

/// Why a batch came to nothing.
#[derive(Debug)]
pub struct BatchError {
    /// The first operation that failed; `None` when the transaction as a whole did.
    pub index: Option<usize>,
    /// Its failure.
    pub error: Error,
}

/// An operation, ready for the writer.
enum Ready {
    Create(Box<Draft>),
    Update(Box<Change>),
    Upsert(Box<Upsert>),
    Delete(Removal),
    Refused(Error),
}

/// Either way of an upsert; which one it is shows when the others before it are done.
struct Upsert {
    collection: Arc<Collection>,
    id: String,
    change: Result<Change>,
    draft: Result<Draft>,
}

/// Where a batch got to when it failed.
const NOWHERE: usize = usize::MAX;

impl Records {
    /// Runs all operations in order, in one transaction. Answers the JSON of each record, or
    /// nothing for a delete. An operation that is refused already fails in its turn, so the first
    /// failure is the one reported. All of it, hashing and waiting for the writer included, has
    /// `limit`.
    ///
    /// # Errors
    /// The first operation that fails, or the time that ran out; nothing was done then.
    pub async fn batch(
        &self,
        schema: Arc<Schema>,
        operations: Vec<Result<Operation>>,
        limit: Duration,
    ) -> Result<Vec<Option<Vec<u8>>>, BatchError> {
        let time = Time { watch: Stopwatch::start(), limit };
        let prepared = tokio::time::timeout(limit, self.prepared(&schema, operations, time)).await;
        let ready = prepared.map_err(|_| BatchError::timed_out(None))??;
        self.run(&schema, ready, time, |tx, ready: Vec<(Ready, Vec<ExpandNode>)>, turn| {
            let (mut answers, typed) = (Vec::with_capacity(ready.len()), Typed::default());
            for (index, (operation, expand)) in ready.into_iter().enumerate() {
                turn.take(index)?;
                answers.push(operation.write(tx, &expand, &typed)?);
            }
            Ok(answers)
        })
        .await
    }

    /// The operations with their slow parts done. Hashing is the dearest, and whether the rules
    /// let an operation pass may depend on those before it: so a batch with passwords is rehearsed
    /// first, and passwords are hashed only for one that would be done.
    async fn prepared(
        &self,
        schema: &Arc<Schema>,
        operations: Vec<Result<Operation>>,
        time: Time,
    ) -> Result<Vec<(Ready, Vec<ExpandNode>)>, BatchError> {
        let mut ready = Vec::with_capacity(operations.len());
        for operation in operations {
            ready.push(match operation {
                Ok(operation) => {
                    let expand = operation.expand.clone();
                    let placed = self.ready(Arc::clone(schema), operation).await;
                    (placed.unwrap_or_else(Ready::Refused), expand)
                }
                Err(error) => (Ready::Refused(error), Vec::new()),
            });
        }
        if ready.iter().any(|(operation, _)| operation.has_passwords()) {
            ready = self.rehearsed(schema, ready, time).await?;
            for (operation, _) in &mut ready {
                let hashed = std::mem::replace(operation, Ready::Refused(overtaken()));
                *operation = hashed.hashed().await.unwrap_or_else(Ready::Refused);
            }
        }
        Ok(ready)
    }

    /// Runs the operations without their passwords, and undoes them.
    async fn rehearsed(
        &self,
        schema: &Arc<Schema>,
        ready: Vec<(Ready, Vec<ExpandNode>)>,
        time: Time,
    ) -> Result<Vec<(Ready, Vec<ExpandNode>)>, BatchError> {
        let (sender, receiver) = sync_channel(1);
        let rehearsal = self.run(schema, ready, time, move |tx, mut ready, turn| {
            let typed = Typed::default();
            for (index, (operation, expand)) in ready.iter_mut().enumerate() {
                turn.take(index)?;
                operation.copy().write(tx, expand, &typed)?;
            }
            // Nobody waits at the other end before this closure is done, and there is room.
            let _ = sender.try_send(ready);
            Err::<(), Error>(overtaken())
        });
        let failure = rehearsal.await.err();
        receiver
            .try_recv()
            .map_err(|_| failure.unwrap_or_else(|| BatchError { index: None, error: overtaken() }))
    }

    /// Runs `work` on the operations in a transaction of its own, within what is left of the time.
    async fn run<T, F>(
        &self,
        schema: &Schema,
        ready: Vec<(Ready, Vec<ExpandNode>)>,
        time: Time,
        work: F,
    ) -> Result<T, BatchError>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>, Vec<(Ready, Vec<ExpandNode>)>, &Turn) -> Result<T> + Send + 'static,
    {
        let turn = Turn { index: Arc::new(AtomicUsize::new(NOWHERE)), time };
        let index = Arc::clone(&turn.index);
        let (cache, version) = (Arc::clone(&self.schema), schema.version());
        let guarded = move |tx: &Tx<'_>| {
            if cache.load().version() != version {
                return Err(overtaken());
            }
            let done = work(tx, ready, &turn)?;
            turn.index.store(NOWHERE, Ordering::Relaxed);
            Ok(done)
        };
        self.store.write_exclusive(time.left(), guarded).await.map_err(|error| {
            match StoreError::below(&error) {
                Some(StoreError::Interrupted) => BatchError::timed_out(Some(error)),
                _ => {
                    let index = index.load(Ordering::Relaxed);
                    BatchError { index: Some(index).filter(|&index| index != NOWHERE), error }
                }
            }
        })
    }

    /// An operation with its files in place.
    async fn ready(&self, schema: Arc<Schema>, operation: Operation) -> Result<Ready> {
        let Operation { action, collection, body, uploads, cx, .. } = operation;
        let sent = Uploads::take(&collection, Input { values: body, uploads });
        Ok(match action {
            Action::Create => {
                Ready::Create(Box::new(self.draft(schema, collection, sent, cx)?.placed().await?))
            }
            Action::Update(id) => {
                let change = self.change(schema, collection, id, sent, cx)?;
                Ready::Update(Box::new(change.proved().await?.placed().await?))
            }
            Action::Upsert => {
                let id = sent.0.get("id").and_then(Json::as_str).unwrap_or_default().to_owned();
                let (for_change, here) = (Arc::clone(&schema), Arc::clone(&collection));
                // Rules see what it turns out to be.
                let as_method = |method| RequestContext { method, ..cx.clone() };
                let (changing, making) = (as_method("PATCH"), as_method("POST"));
                let change = self.change(for_change, here, id.clone(), sent.clone(), changing);
                let change = match change {
                    Ok(change) => Ok(change.proved().await?.placed().await?),
                    Err(error) => Err(error),
                };
                let draft = match self.draft(schema, Arc::clone(&collection), sent, making) {
                    Ok(draft) => Ok(draft.placed().await?),
                    Err(error) => Err(error),
                };
                Ready::Upsert(Box::new(Upsert { collection, id, change, draft }))
            }
            Action::Delete(id) => Ready::Delete(self.removal(schema, collection, id, &cx)?),
        })
    }
}

/// The time that a batch has.
#[derive(Clone, Copy)]
struct Time {
    watch: Stopwatch,
    limit: Duration,
}

impl Time {
    fn left(&self) -> Duration {
        self.limit.saturating_sub(self.watch.elapsed())
    }
}

/// Which operation is being run.
struct Turn {
    index: Arc<AtomicUsize>,
    time: Time,
}

impl Turn {
    /// Begins an operation, unless the time is up.
    fn take(&self, index: usize) -> Result<()> {
        if self.time.left().is_zero() {
            return Err(StoreError::Interrupted.into());
        }
        self.index.store(index, Ordering::Relaxed);
        Ok(())
    }
}

impl BatchError {
    fn timed_out(cause: Option<Error>) -> Self {
        let error = Error::bad_request("Batch transaction failed.");
        let cause = cause.unwrap_or_else(|| StoreError::Interrupted.into());
        Self { index: None, error: error.with_source(cause) }
    }
}

impl Ready {
    fn write(self, tx: &Tx<'_>, expand: &[ExpandNode], typed: &Typed) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Create(draft) => draft.among(typed).write(tx, expand).map(Some),
            Self::Update(change) => change.among(typed).write(tx, expand).map(Some),
            Self::Upsert(upsert) => {
                if upsert.exists(tx)? {
                    upsert.change?.among(typed).write(tx, expand).map(Some)
                } else {
                    upsert.draft?.among(typed).write(tx, expand).map(Some)
                }
            }
            Self::Delete(removal) => removal.write(tx).map(|()| None),
            Self::Refused(error) => Err(error),
        }
    }

    fn has_passwords(&self) -> bool {
        match self {
            Self::Create(draft) => draft.has_passwords(),
            Self::Update(change) => change.has_passwords(),
            Self::Upsert(upsert) => {
                upsert.change.as_ref().is_ok_and(Change::has_passwords)
                    || upsert.draft.as_ref().is_ok_and(Draft::has_passwords)
            }
            Self::Delete(_) | Self::Refused(_) => false,
        }
    }

    /// The operation with its passwords hashed.
    async fn hashed(self) -> Result<Self> {
        Ok(match self {
            Self::Create(draft) => Self::Create(Box::new(draft.hashed().await?)),
            Self::Update(change) => Self::Update(Box::new(change.hashed().await?)),
            Self::Upsert(upsert) => {
                let Upsert { collection, id, change, draft } = *upsert;
                let change = match change {
                    Ok(change) => Ok(change.hashed().await?),
                    Err(error) => Err(error),
                };
                let draft = match draft {
                    Ok(draft) => Ok(draft.hashed().await?),
                    Err(error) => Err(error),
                };
                Self::Upsert(Box::new(Upsert { collection, id, change, draft }))
            }
            other @ (Self::Delete(_) | Self::Refused(_)) => other,
        })
    }

    /// A copy for a rehearsal. An error moves along: when it is met, that is the end.
    fn copy(&mut self) -> Self {
        match self {
            Self::Create(draft) => Self::Create(draft.clone()),
            Self::Update(change) => Self::Update(change.clone()),
            Self::Upsert(upsert) => Self::Upsert(Box::new(Upsert {
                collection: Arc::clone(&upsert.collection),
                id: upsert.id.clone(),
                change: copied(&mut upsert.change),
                draft: copied(&mut upsert.draft),
            })),
            Self::Delete(removal) => Self::Delete(removal.clone()),
            Self::Refused(error) => Self::Refused(std::mem::replace(error, overtaken())),
        }
    }
}

fn copied<T: Clone>(side: &mut Result<T>) -> Result<T> {
    match side {
        Ok(side) => Ok(side.clone()),
        Err(error) => Err(std::mem::replace(error, overtaken())),
    }
}

impl Upsert {
    /// True when there is a record to change.
    fn exists(&self, tx: &Tx<'_>) -> Result<bool> {
        let statement = write::select_by_id(tx.dialect(), &self.collection.name, &["id"], &self.id);
        Ok(tx.query_one(&statement, |_| Ok(()))?.is_some())
    }
}
