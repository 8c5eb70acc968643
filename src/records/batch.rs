//! Several writes in one transaction: all of them happen, or none.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Map, Value as Json};

use crate::error::{Error, Result};
use crate::files::Upload;
use crate::query::{ExpandNode, RequestContext};
use crate::records::create::Draft;
use crate::records::delete::Removal;
use crate::records::parts::{Records, overtaken};
use crate::records::update::Change;
use crate::records::uploads::{Input, Uploads};
use crate::schema::{Collection, Schema};
use crate::sql::write;
use crate::store::Tx;

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

/// An operation with its slow part done.
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
    /// Runs all operations in order, in one transaction of at most `limit`. Answers the JSON of
    /// each record, or nothing for a delete. An operation that is refused already fails in its
    /// turn, so the first failure is the one reported.
    ///
    /// # Errors
    /// The first operation that fails; nothing was done then.
    pub async fn batch(
        &self,
        schema: Arc<Schema>,
        operations: Vec<Result<Operation>>,
        limit: Duration,
    ) -> Result<Vec<Option<Vec<u8>>>, BatchError> {
        let mut ready = Vec::with_capacity(operations.len());
        for operation in operations {
            ready.push(match operation {
                Ok(operation) => {
                    let expand = operation.expand.clone();
                    let prepared = self.ready(Arc::clone(&schema), operation).await;
                    (prepared.unwrap_or_else(Ready::Refused), expand)
                }
                Err(error) => (Ready::Refused(error), Vec::new()),
            });
        }
        let reached = Arc::new(AtomicUsize::new(NOWHERE));
        let failed_at = Arc::clone(&reached);
        let (cache, version) = (Arc::clone(&self.schema), schema.version());
        let work = move |tx: &Tx<'_>| {
            if cache.load().version() != version {
                return Err(overtaken());
            }
            let mut answers = Vec::with_capacity(ready.len());
            for (index, (operation, expand)) in ready.into_iter().enumerate() {
                failed_at.store(index, Ordering::Relaxed);
                answers.push(operation.write(tx, &expand)?);
            }
            failed_at.store(NOWHERE, Ordering::Relaxed);
            Ok(answers)
        };
        self.store.write_exclusive(limit, work).await.map_err(|error| {
            let index = Some(reached.load(Ordering::Relaxed)).filter(|&index| index != NOWHERE);
            BatchError { index, error }
        })
    }

    async fn ready(&self, schema: Arc<Schema>, operation: Operation) -> Result<Ready> {
        let Operation { action, collection, body, uploads, cx, .. } = operation;
        let sent = Uploads::take(&collection, Input { values: body, uploads });
        Ok(match action {
            Action::Create => {
                let draft = self.draft(schema, collection, sent, cx)?;
                Ready::Create(Box::new(draft.hashed().await?.placed().await?))
            }
            Action::Update(id) => {
                let change = self.change(schema, collection, id, sent, cx)?;
                Ready::Update(Box::new(change.proved().await?.hashed().await?.placed().await?))
            }
            Action::Upsert => {
                let id = sent.0.get("id").and_then(Json::as_str).unwrap_or_default().to_owned();
                let (for_change, here) = (Arc::clone(&schema), Arc::clone(&collection));
                let change = self.change(for_change, here, id.clone(), sent.clone(), cx.clone());
                let change = match change {
                    Ok(change) => Ok(change.proved().await?.hashed().await?.placed().await?),
                    Err(error) => Err(error),
                };
                let draft = match self.draft(schema, Arc::clone(&collection), sent, cx) {
                    Ok(draft) => Ok(draft.hashed().await?.placed().await?),
                    Err(error) => Err(error),
                };
                Ready::Upsert(Box::new(Upsert { collection, id, change, draft }))
            }
            Action::Delete(id) => Ready::Delete(self.removal(schema, collection, id, &cx)?),
        })
    }
}

impl Ready {
    fn write(self, tx: &Tx<'_>, expand: &[ExpandNode]) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Create(draft) => draft.write(tx, expand).map(Some),
            Self::Update(change) => change.write(tx, expand).map(Some),
            Self::Upsert(upsert) => {
                if upsert.exists(tx)? {
                    upsert.change?.write(tx, expand).map(Some)
                } else {
                    upsert.draft?.write(tx, expand).map(Some)
                }
            }
            Self::Delete(removal) => removal.write(tx).map(|()| None),
            Self::Refused(error) => Err(error),
        }
    }
}

impl Upsert {
    /// True when there is a record to change.
    fn exists(&self, tx: &Tx<'_>) -> Result<bool> {
        let statement = write::select_by_id(tx.dialect(), &self.collection.name, &["id"], &self.id);
        Ok(tx.query_one(&statement, |_| Ok(()))?.is_some())
    }
}
