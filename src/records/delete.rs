//! Deletes a record, with what follows from it.

use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::query::{Access, Predicate, RequestContext, Source};
use crate::records::cascade::Gone;
use crate::records::load::Scope;
use crate::records::parts::Records;
use crate::records::save::passes;
use crate::schema::{Collection, RuleSlot, Schema};
use crate::sql::write;
use crate::store::{StoreError, Tx};

/// How long a delete may take that takes very many records along.
const CASCADE_LIMIT: Duration = Duration::from_secs(60);

impl Records {
    /// Deletes one record.
    ///
    /// # Errors
    /// 403 where the delete rule is for superusers only; 404 when the record is missing or hidden
    /// by the rule; 400 when a required relation points to it.
    pub async fn delete(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        id: String,
        cx: RequestContext,
    ) -> Result<()> {
        let attempt = async |schema: Arc<Schema>, collection: Arc<Collection>| {
            let removal = self.removal(Arc::clone(&schema), collection, id.clone(), &cx)?;
            let again = removal.clone();
            match self.write_under(&schema, move |tx| removal.write(tx)).await {
                // It takes very many records along: not beside the writes of others, then.
                Err(error) if is_interrupted(&error) => {
                    let cache = Arc::clone(&self.schema);
                    let version = schema.version();
                    let work = move |tx: &Tx<'_>| {
                        let is_same = cache.load().version() == version;
                        if is_same { again.write(tx).map(Some) } else { Ok(None) }
                    };
                    self.store.write_exclusive(CASCADE_LIMIT, work).await
                }
                done => done,
            }
        };
        self.under_one_schema(schema, collection, attempt).await
    }

    /// A delete that is about to happen, before any row is looked at.
    pub(crate) fn removal(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        id: String,
        cx: &RequestContext,
    ) -> Result<Removal> {
        if collection.is_view() {
            return Err(Error::bad_request("Unsupported collection type."));
        }
        let access = Scope { schema: &schema, cx }.access(&collection, RuleSlot::Delete)?;
        if matches!(access, Access::Deny) {
            return Err(Error::superusers_only());
        }
        Ok(Removal { records: self.clone(), schema, collection, id, access })
    }
}

fn is_interrupted(error: &Error) -> bool {
    matches!(StoreError::below(error), Some(StoreError::Interrupted))
}

/// A delete that is about to happen.
#[derive(Clone)]
pub(crate) struct Removal {
    records: Records,
    schema: Arc<Schema>,
    collection: Arc<Collection>,
    id: String,
    access: Access,
}

impl Removal {
    /// Deletes the record if it is there and the rule opens it.
    pub(crate) fn write(self, tx: &Tx<'_>) -> Result<()> {
        let Self { records, schema, collection, id, access } = self;
        let access = match access {
            // Without a rule the row must still be there.
            Access::Allow => Access::Where(Predicate::by_id(&id)),
            other => other,
        };
        if !passes(tx, &collection, access, Source::Table, &id)? {
            return Err(Error::not_found());
        }
        keep_last_superuser(tx, &collection)?;
        records.delete_in(tx, &schema, &collection, &id)
    }
}

fn keep_last_superuser(tx: &Tx<'_>, collection: &Collection) -> Result<()> {
    if collection.name != "_superusers" {
        return Ok(());
    }
    let mut others = 0;
    tx.query(&write::select_ids(tx.dialect(), &collection.name, 2), |_| {
        others += 1;
        Ok(())
    })?;
    if others < 2 {
        return Err(Error::bad_request("You can't delete the only existing superuser."));
    }
    Ok(())
}

impl Records {
    /// Deletes a record that exists, with all that follows, inside the caller's savepoint.
    ///
    /// # Errors
    /// 400 when a required relation would lose its last id.
    pub fn delete_in(
        &self,
        tx: &Tx<'_>,
        schema: &Arc<Schema>,
        collection: &Arc<Collection>,
        id: &str,
    ) -> Result<()> {
        let mut gone = Gone::new(self, schema);
        gone.remove(tx, collection, id.to_owned())?;
        gone.settle(tx);
        Ok(())
    }
}
