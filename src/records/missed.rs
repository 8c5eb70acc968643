//! What a caller who was away is told: the changes of one collection since a place in the log,
//! under the rules of now.

use std::sync::Arc;

use crate::changes::{Action, Change, Image};
use crate::error::{Error, Result};
use crate::query::{self, Access, ExpandNode, RequestContext};
use crate::records::load::Scope;
use crate::records::observe::{Look, Verdict};
use crate::records::parts::Records;
use crate::schema::{Collection, RuleSlot, Schema};
use crate::store::{Cost, Tx};

/// Which changes are asked for, and how records are to be picked and shown.
#[derive(Debug)]
pub struct MissedQuery {
    /// Whose records.
    pub collection: Arc<Collection>,
    /// The last change that is known already.
    pub since: u64,
    /// One record, or all.
    pub record: Option<String>,
    /// The rule that opens them.
    pub slot: RuleSlot,
    /// A filter, or nothing.
    pub filter: String,
    /// The relations to include.
    pub expand: Vec<ExpandNode>,
    /// Rows of the log that are looked at, at most.
    pub limit: usize,
}

/// One change, as a caller may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Its place in the log.
    pub seq: u64,
    /// The last thing that happened to the record.
    pub action: Action,
    /// The record's id.
    pub id: String,
    /// The record as it is now, or was before it was deleted.
    pub json: Vec<u8>,
}

/// What happened meanwhile.
#[derive(Debug, PartialEq)]
pub enum Missed {
    /// All of it, up to a place in the log.
    Changes {
        /// In the order of the log; of each record its last change.
        seen: Vec<Seen>,
        /// Where to go on.
        up_to: u64,
        /// There is more behind `up_to`.
        has_more: bool,
    },
    /// It cannot be told any more; whoever holds a copy must read it anew.
    Resync {
        /// Where to go on from after that.
        newest: u64,
    },
}

impl Records {
    /// What happened to the records of a collection that the caller may list.
    ///
    /// # Errors
    /// 403 where the list rule is for superusers only, 400 for a filter that means nothing and for
    /// a collection that keeps no log.
    pub async fn changes(
        &self,
        schema: Arc<Schema>,
        query: MissedQuery,
        cx: RequestContext,
    ) -> Result<Missed> {
        self.check_changes(&schema, &query, &cx)?;
        let records = self.clone();
        let read = move |tx: &Tx<'_>| records.missed(tx, &schema, &query, &cx);
        self.store.read(Cost::Unbounded, read).await
    }

    /// Where somebody begins who knows nothing yet.
    ///
    /// # Errors
    /// As [`Records::changes`].
    pub async fn changes_begin(
        &self,
        schema: Arc<Schema>,
        query: MissedQuery,
        cx: RequestContext,
    ) -> Result<Missed> {
        self.check_changes(&schema, &query, &cx)?;
        let changes = self.changes.clone();
        let span = self.store.read(Cost::Bounded, move |tx| changes.span(tx)).await?;
        Ok(Missed::Changes { seen: Vec::new(), up_to: span.newest, has_more: false })
    }

    /// Refuses outright what [`Records::missed`] would answer with nothing.
    fn check_changes(
        &self,
        schema: &Schema,
        query: &MissedQuery,
        cx: &RequestContext,
    ) -> Result<()> {
        let scope = Scope { schema, cx };
        if matches!(scope.access(&query.collection, query.slot)?, Access::Deny) {
            return Err(Error::superusers_only());
        }
        if !query.collection.keeps_changes {
            return Err(Error::bad_request("The change log of this collection is switched off."));
        }
        if !query.filter.is_empty() {
            query::client_filter(schema, &query.collection, &query.filter, cx)?;
        }
        Ok(())
    }

    /// What happened since `query.since` that the caller may know of.
    ///
    /// # Errors
    /// The store fails.
    pub fn missed(
        &self,
        tx: &Tx<'_>,
        schema: &Arc<Schema>,
        query: &MissedQuery,
        cx: &RequestContext,
    ) -> Result<Missed> {
        let span = self.changes.span(tx)?;
        if !query.collection.keeps_changes || !span.covers(query.since) {
            return Ok(Missed::Resync { newest: span.newest });
        }
        let found = self.changes.since(tx, &query.collection, query.since, query.limit)?;
        let Some(found) = found else { return Ok(Missed::Resync { newest: span.newest }) };
        let (up_to, has_more) = (found.up_to, found.has_more);
        let mut seen = Vec::new();
        for change in found.changes {
            if query.record.as_ref().is_some_and(|id| *id != change.record) {
                continue;
            }
            match self.seen(tx, schema, query, cx, change)? {
                Sight::Shown(change) => seen.push(change),
                Sight::Hidden => {}
                Sight::Unsure => return Ok(Missed::Resync { newest: span.newest }),
            }
        }
        Ok(Missed::Changes { seen, up_to, has_more })
    }

    fn seen(
        &self,
        tx: &Tx<'_>,
        schema: &Arc<Schema>,
        query: &MissedQuery,
        cx: &RequestContext,
        change: Change,
    ) -> Result<Sight> {
        let Change { seq, action, record: id, before } = change;
        let is_gone = action == Action::Delete;
        let values = if is_gone {
            before
        } else {
            self.stored(tx, &query.collection, &id)?.map(|record| record.into_values())
        };
        let Some(values) = values else { return Ok(Sight::Hidden) };
        let (schema, collection) = (Arc::clone(schema), Arc::clone(&query.collection));
        let image = Image { schema, collection, id: id.clone(), values: Arc::new(values) };
        let Some(conditions) = self.conditions(&image, query.slot, &query.filter, cx) else {
            return Ok(Sight::Hidden);
        };
        match Self::judge(&image, &conditions) {
            Verdict::Hidden => return Ok(Sight::Hidden),
            Verdict::Shown => {}
            Verdict::Ask(conditions) => {
                let look = if is_gone { Look::Image } else { Look::Stored };
                if !self.ask(tx, &image, look, conditions)? {
                    // What the rule asks for may have gone with the record.
                    return Ok(if is_gone { Sight::Unsure } else { Sight::Hidden });
                }
            }
        }
        let json = self.show(tx, &image, &query.expand, cx)?;
        Ok(Sight::Shown(Seen { seq, action, id, json }))
    }
}

/// Whether a caller may know of one change.
enum Sight {
    Shown(Seen),
    Hidden,
    Unsure,
}
