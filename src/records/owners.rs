//! The rows that hang on sign-in records name them by texts; what relations check for others is
//! checked here for them (contract §4.2).

use crate::codes::Code;
use crate::error::{FieldErrors, Issue, Result};
use crate::schema::{Collection, Schema, oauth2_services, system};
use crate::sql::{Value, write};
use crate::store::Tx;

/// Notes a `collectionRef` that is no auth collection, or a `recordRef` that is none of its
/// records. One fault at a time: each check stands on the one before it.
pub(crate) fn check_owner(
    tx: &Tx<'_>,
    schema: &Schema,
    collection: &Collection,
    values: &[Value],
    errors: &mut FieldErrors,
) -> Result<()> {
    let is_satellite = collection.system && system::AUTH_SATELLITES.contains(&&*collection.name);
    if !is_satellite || !errors.is_empty() {
        return Ok(());
    }
    let text = |name: &str| {
        let at = collection.fields.iter().position(|field| field.name == name);
        at.map_or("", |at| values[at].text())
    };
    let Some(owners) = schema.find_by_id(text("collectionRef")) else {
        errors.add("collectionRef", Issue::new(Code::InvalidCollectionId));
        return Ok(());
    };
    if owners.auth().is_none() {
        errors.add("collectionRef", Issue::new(Code::InvalidCollectionType));
        return Ok(());
    }
    let owner = write::select_by_id(tx.dialect(), &owners.name, &["id"], text("recordRef"));
    if tx.query_one(&owner, |_| Ok(()))?.is_none() {
        errors.add("recordRef", Issue::new(Code::InvalidRecord));
        return Ok(());
    }
    let is_linked = collection.name == system::EXTERNAL_AUTHS;
    if is_linked && oauth2_services::find(text("provider")).is_none() {
        errors.add("provider", Issue::new(Code::InInvalid));
    }
    Ok(())
}
