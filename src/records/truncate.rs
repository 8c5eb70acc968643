//! Deletes all records of a collection, each with what follows from it.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::records::cascade::Gone;
use crate::records::parts::Records;
use crate::schema::{Collection, Schema, system};
use crate::sql::write;
use crate::store::Tx;

/// Records that are read at a time.
const BATCH: u32 = 500;

impl Records {
    /// Deletes every record inside the caller's savepoint.
    ///
    /// # Errors
    /// 400 when a required relation would lose its last id, or nobody could sign in any more.
    pub fn delete_all_in(
        &self,
        tx: &Tx<'_>,
        schema: &Arc<Schema>,
        collection: &Arc<Collection>,
    ) -> Result<()> {
        if collection.name == system::SUPERUSERS {
            return Err(Error::bad_request("You can't delete the only existing superuser."));
        }
        let mut gone = Gone::new(self, schema);
        loop {
            let mut ids = Vec::new();
            tx.query(&write::select_ids(tx.dialect(), &collection.name, BATCH), |row| {
                ids.push(row.get(0).text().to_owned());
                Ok(())
            })?;
            if ids.is_empty() {
                gone.settle(tx);
                return Ok(());
            }
            for id in ids {
                gone.remove(tx, collection, id)?;
            }
        }
    }
}
