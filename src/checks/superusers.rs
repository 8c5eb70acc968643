//! Who may do everything.

use std::sync::Arc;

use crate::checks::tables::number;
use crate::checks::{Finding, Level};
use crate::error::Result;
use crate::schema::{Collection, system};
use crate::sql::Value;
use crate::store::Tx;

pub(super) fn look(tx: &Tx<'_>, collections: &[Arc<Collection>]) -> Result<Vec<Finding>> {
    let Some(collection) = collections.iter().find(|c| c.name == system::SUPERUSERS) else {
        return Ok(Vec::new());
    };
    let name = &collection.name;
    let all = number(tx, "SELECT COUNT(*) FROM _superusers", Vec::new())?.unwrap_or(0);
    if all == 0 {
        let finding = Finding::new(
            "no_superuser",
            Level::Warning,
            "there is no superuser",
            "whoever finds the link of the set-up page becomes the first",
            "greenroom superuser create EMAIL",
        );
        return Ok(vec![finding.of_collection(name, "")]);
    }
    if collection.auth().is_some_and(|options| options.mfa.enabled) {
        return Ok(Vec::new());
    }
    let sql = "SELECT COUNT(*) FROM _gr_totp JOIN _superusers ON id = \"recordRef\" \
               WHERE \"collectionRef\" = ?1 AND confirmed <> ''";
    let own = Value::from(collection.id.as_str());
    let with_app = number(tx, sql, vec![own])?.unwrap_or(0);
    let without = all.saturating_sub(with_app);
    if without == 0 {
        return Ok(Vec::new());
    }
    let finding = Finding::new(
        "superuser_without_second_step",
        Level::Warning,
        format!("{without} of {all} superusers sign in with a password alone"),
        "a superuser's password opens everything there is",
        "let them set up an authenticator app, or switch on two-step sign-in for _superusers",
    );
    Ok(vec![finding.of_collection(name, "mfa")])
}
