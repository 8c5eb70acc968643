//! A row of `_gr_totp`: the authenticator app of one record.

use crate::auth::totp::{Proof, recovery, step_of};
use crate::clock::DateTime;
use crate::crypto::Secret;
use crate::error::{Error, Result};
use crate::schema::system::TOTP;
use crate::settings::{Reseal, SettingsCache};
use crate::sql::{Statement, Value, ValueRef, write};
use crate::store::Tx;

/// The app of one record.
pub(in crate::auth) struct Stored {
    collection_id: String,
    record_id: String,
    /// In base32.
    pub(super) secret: Secret,
    pub(super) created: String,
    /// Since when it counts; empty until a code was shown.
    pub confirmed: String,
    last_step: i64,
    /// Hashes of codes for the day the app is lost.
    pub recovery: Vec<String>,
}

impl Stored {
    /// An app that nobody has shown a code of yet.
    pub(super) fn new(collection_id: &str, record_id: &str, secret: Secret, now: DateTime) -> Self {
        Self {
            collection_id: collection_id.to_owned(),
            record_id: record_id.to_owned(),
            secret,
            created: now.to_string(),
            confirmed: String::new(),
            last_step: 0,
            recovery: Vec::new(),
        }
    }

    /// Reads the app of a record.
    ///
    /// # Errors
    /// The store fails, or the secret cannot be unsealed.
    pub fn find(
        tx: &Tx<'_>,
        settings: &SettingsCache,
        collection_id: &str,
        record_id: &str,
    ) -> Result<Option<Self>> {
        let text = format!(
            "SELECT secret, created, confirmed, last_step, recovery FROM {TOTP} \
             WHERE {} = ?1 AND {} = ?2",
            tx.dialect().quote("collectionRef"),
            tx.dialect().quote("recordRef"),
        );
        let owner = vec![collection_id.into(), record_id.into()];
        tx.query_one(&Statement::new(text, owner), |row| {
            let ValueRef::Int(last_step) = row.get(3) else {
                return Err(Error::internal("an authenticator app without a step"));
            };
            Ok(Self {
                collection_id: collection_id.to_owned(),
                record_id: record_id.to_owned(),
                secret: settings.unsealed(row.get(0).text())?,
                created: row.get(1).text().to_owned(),
                confirmed: row.get(2).text().to_owned(),
                last_step,
                recovery: serde_json::from_str(row.get(4).text()).map_err(Error::internal)?,
            })
        })
    }

    /// Seals the secrets of all apps with another key.
    ///
    /// # Errors
    /// One was sealed with a third key; the store fails.
    pub fn reseal_all(tx: &Tx<'_>, keys: &Reseal) -> Result<()> {
        let owner = ["collectionRef", "recordRef"].map(|name| tx.dialect().quote(name));
        let [collection, record] = &owner;
        let all = format!("SELECT {collection}, {record}, secret FROM {TOTP}");
        let mut apps = Vec::new();
        tx.query(&Statement::new(all, Vec::new()), |row| {
            let text = |at| row.get(at).text().to_owned();
            apps.push((text(0), text(1), keys.renewed(row.get(2).text())?));
            Ok(())
        })?;
        let set =
            format!("UPDATE {TOTP} SET secret = ?3 WHERE {collection} = ?1 AND {record} = ?2");
        for (collection, record, secret) in apps {
            let values = vec![collection.into(), record.into(), secret.into()];
            tx.execute(&Statement::new(set.clone(), values))?;
        }
        Ok(())
    }

    pub(super) fn record_id(&self) -> &str {
        &self.record_id
    }

    /// True once a code of it was shown.
    pub fn is_confirmed(&self) -> bool {
        !self.confirmed.is_empty()
    }

    /// Accepts a proof once. What it used up is to be saved.
    pub fn accept(&mut self, proof: Proof<'_>, now: DateTime) -> Result<bool> {
        match proof {
            Proof::App(code) => {
                let step = step_of(self.secret.reveal(), code, now)?;
                let Some(step) = step.filter(|step| *step > self.last_step) else {
                    return Ok(false);
                };
                self.last_step = step;
                Ok(true)
            }
            Proof::Recovery(code) => {
                let hash = recovery::hash(&self.record_id, code);
                let before = self.recovery.len();
                self.recovery.retain(|kept| *kept != hash);
                Ok(self.is_confirmed() && self.recovery.len() < before)
            }
        }
    }

    /// Writes it down.
    pub fn save(&self, tx: &Tx<'_>, settings: &SettingsCache) -> Result<()> {
        self.delete(tx)?;
        let recovery = serde_json::to_string(&self.recovery).map_err(Error::internal)?;
        let row = [
            ("collectionRef", Value::from(self.collection_id.as_str())),
            ("recordRef", Value::from(self.record_id.as_str())),
            ("secret", Value::from(settings.sealed(&self.secret)?)),
            ("created", Value::from(self.created.as_str())),
            ("confirmed", Value::from(self.confirmed.as_str())),
            ("last_step", Value::from(self.last_step)),
            ("recovery", Value::from(recovery)),
        ];
        tx.execute(&write::insert(tx.dialect(), TOTP, &row))?;
        Ok(())
    }

    /// Forgets it.
    pub fn delete(&self, tx: &Tx<'_>) -> Result<()> {
        let owner = [
            ("collectionRef", Value::from(self.collection_id.as_str())),
            ("recordRef", Value::from(self.record_id.as_str())),
        ];
        tx.execute(&write::delete_where(tx.dialect(), TOTP, &owner))?;
        Ok(())
    }
}
