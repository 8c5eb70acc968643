//! What has to follow a script that wrote, in its own transaction.

use crate::changes;
use crate::error::Result;
use crate::sql_console::SqlConsoleParts;
use crate::store::Tx;
use crate::store::script::Touched;
use crate::webhooks;

/// Renews what is remembered of the tables, and notes what the change log knows nothing of.
pub(super) fn follow(tx: &Tx<'_>, parts: &SqlConsoleParts, touched: &Touched) -> Result<()> {
    let schema = parts.collections.schema().load();
    // First, so that the schema of later steps is the one before: a table is called what it was.
    for collection in schema.collections() {
        if collection.keeps_changes && touched.has(&collection.name) {
            changes::begin_anew(tx, collection, parts.changes.now())?;
        }
    }
    if touched.schema || touched.has("_collections") {
        parts.collections.reread(tx)?;
    }
    if touched.has("_params") {
        parts.settings.reread(tx)?;
    }
    if touched.schema || touched.has(webhooks::COLLECTION) || touched.has("_collections") {
        parts.webhooks.reread(tx);
    }
    Ok(())
}
