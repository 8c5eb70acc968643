//! Makes the record of somebody who comes from another service, by the create rule as any other.

use std::sync::Arc;

use crate::error::Result;
use crate::query::RequestContext;
use crate::records::Records;
use crate::records::uploads::{Input, Uploads};
use crate::schema::{Collection, Schema};
use crate::store::{Cost, Tx};

impl Records {
    /// Makes a record whose address, if it is `vouched`, is verified, and lets `link` write what
    /// must come with it. `None` when the schema was replaced meanwhile, or when `is_due`, asked in
    /// the transaction of the write, says no.
    ///
    /// # Errors
    /// As [`Records::create`].
    pub(crate) async fn sign_up(
        &self,
        (schema, collection): (Arc<Schema>, Arc<Collection>),
        input: Input,
        cx: RequestContext,
        vouched: &str,
        is_due: impl FnOnce(&Tx<'_>) -> Result<bool> + Send + 'static,
        link: impl FnOnce(&Tx<'_>, &str) -> Result<()> + Send + 'static,
    ) -> Result<Option<String>> {
        let sent = Uploads::take(&collection, input);
        let draft = self.draft(Arc::clone(&schema), collection, sent, cx)?.vouched(vouched);
        // Hashing and storing are dear: first see whether the rest would pass.
        let tried = draft.clone();
        self.store.read(Cost::Bounded, move |tx| tried.clone().checked(tx).map(drop)).await?;
        let draft = draft.hashed().await?.placed().await?;
        let work = move |tx: &Tx<'_>| {
            if !is_due(tx)? {
                return Ok(None);
            }
            let draft = draft.written(tx)?;
            let id = draft.text("id").to_owned();
            link(tx, &id)?;
            Ok(Some(id))
        };
        Ok(self.write_under(&schema, work).await?.flatten())
    }
}
