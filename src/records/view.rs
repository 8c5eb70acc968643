//! One record by its id.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::query::{Access, ExpandNode, RequestContext};
use crate::records::expand;
use crate::records::load::{Record, Scope, find, of_view};
use crate::records::parts::Records;
use crate::records::present::{self, EmailPolicy};
use crate::records::shape::Audience;
use crate::schema::{Collection, RuleSlot, Schema};
use crate::store::Tx;

impl Records {
    /// The JSON of one record.
    ///
    /// # Errors
    /// 403 where the view rule is for superusers only; 404 when the record is missing or hidden by
    /// the rule.
    pub async fn view(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        id: String,
        expand: Vec<ExpandNode>,
        cx: RequestContext,
    ) -> Result<Vec<u8>> {
        let scope = Scope { schema: &schema, cx: &cx };
        let rule = match scope.access(&collection, RuleSlot::View)? {
            Access::Deny => return Err(Error::superusers_only()),
            Access::Allow => None,
            Access::Where(rule) => Some(rule),
        };
        let shape = self.shape(&collection, scope.audience());
        let records = self.clone();
        self.store
            .read(expand::cost(&expand), move |tx| {
                let found = find(tx, &shape, &id, rule.iter().cloned().collect())?;
                let record = found.ok_or_else(Error::not_found)?;
                records.present_one(tx, Scope { schema: &schema, cx: &cx }, record, &expand)
            })
            .await
            .map_err(|error| of_view(&collection, error, Error::not_found))
    }

    /// The JSON of a record that was just found or written, with what the caller may see of it.
    pub(crate) fn present_one(
        &self,
        tx: &Tx<'_>,
        scope: Scope<'_>,
        record: Record,
        expand: &[ExpandNode],
    ) -> Result<Vec<u8>> {
        let collection = Arc::clone(&record.shape.collection);
        let emails = scope.emails(tx, &collection, || vec![record.id().to_owned()])?;
        let mut records = [record];
        self.expand(tx, scope, &mut records, expand)?;
        let mut body = Vec::with_capacity(512);
        present::write_record(&mut body, &records[0], &emails);
        Ok(body)
    }

    /// The JSON of a record for itself, as sign-in answers show it: its own address included.
    ///
    /// # Errors
    /// 404 when the record is gone.
    pub async fn view_own(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        id: String,
        expand: Vec<ExpandNode>,
        cx: RequestContext,
    ) -> Result<Vec<u8>> {
        let scope = Scope { schema: &schema, cx: &cx };
        let audience =
            if collection.name == "_superusers" { Audience::Superuser } else { scope.audience() };
        let shape = self.shape(&collection, audience);
        let records = self.clone();
        self.store
            .read(expand::cost(&expand), move |tx| {
                let record = find(tx, &shape, &id, Vec::new())?.ok_or_else(Error::not_found)?;
                let mut found = [record];
                let scope = Scope { schema: &schema, cx: &cx };
                records.expand(tx, scope, &mut found, &expand)?;
                let mut body = Vec::with_capacity(512);
                present::write_record(&mut body, &found[0], &EmailPolicy::all());
                Ok(body)
            })
            .await
    }
}
