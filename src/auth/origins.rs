//! Places a record signed in from: known ones are remembered in `_authOrigins`, a new one is news.

use md5::{Digest as _, Md5};

use crate::auth::sign_in::Device;
use crate::clock::DateTime;
use crate::crypto;
use crate::error::Result;
use crate::schema::system::AUTH_ORIGINS;
use crate::sql::{Statement, Value, write};
use crate::store::Tx;

/// Places that are remembered of a record.
const MOST: usize = 5;
/// Bytes of what a client calls itself that tell it from others.
const NAME_BYTES: usize = 200;

/// A sign-in that is about to be answered.
pub(super) struct Visit {
    pub collection_id: String,
    pub record_id: String,
    pub device: Device,
    pub now: DateTime,
}

/// A place that is remembered.
struct Known {
    id: String,
    fingerprint: String,
}

impl Device {
    /// What the client calls itself, in a bearable length.
    fn name(&self) -> String {
        if self.user_agent.len() <= NAME_BYTES {
            return self.user_agent.clone();
        }
        let end = self.user_agent.floor_char_boundary(NAME_BYTES);
        format!("{}...", &self.user_agent[..end])
    }

    /// The same for the same client at the same address, as the contract computes it.
    fn fingerprint(&self) -> String {
        let digest = Md5::new().chain_update(&self.ip).chain_update(self.name()).finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Visit {
    /// When, from where and with what, for people.
    pub fn told(&self) -> String {
        format!("{} - {} {}", self.now, self.device.ip, self.device.name())
    }

    /// Remembers the place; true when the record has signed in before, but never from there.
    pub fn note(&self, tx: &Tx<'_>) -> Result<bool> {
        let fingerprint = self.device.fingerprint();
        let known = self.known(tx)?;
        let now = self.now.to_string();
        if let Some(own) = known.iter().find(|place| place.fingerprint == fingerprint) {
            let touched = [("updated", Value::from(now))];
            tx.execute(&write::update(tx.dialect(), AUTH_ORIGINS, &own.id, &touched))?;
            return Ok(false);
        }
        // The oldest make room, whenever they were used last.
        for place in known.iter().take((known.len() + 1).saturating_sub(MOST)) {
            tx.execute(&write::delete(tx.dialect(), AUTH_ORIGINS, &place.id))?;
        }
        let row = [
            ("id", Value::from(crypto::random_id())),
            ("collectionRef", Value::from(self.collection_id.as_str())),
            ("recordRef", Value::from(self.record_id.as_str())),
            ("fingerprint", Value::from(fingerprint)),
            ("created", Value::from(now.as_str())),
            ("updated", Value::from(now.as_str())),
        ];
        tx.execute(&write::insert(tx.dialect(), AUTH_ORIGINS, &row))?;
        Ok(!known.is_empty())
    }

    /// The places of the record, the oldest first.
    fn known(&self, tx: &Tx<'_>) -> Result<Vec<Known>> {
        let quote = |name| tx.dialect().quote(name);
        let text = format!(
            "SELECT id, fingerprint FROM {} WHERE {} = ?1 AND {} = ?2 ORDER BY created, rowid",
            quote(AUTH_ORIGINS),
            quote("collectionRef"),
            quote("recordRef"),
        );
        let owner = [self.collection_id.as_str(), self.record_id.as_str()].map(Value::from);
        let mut known = Vec::new();
        tx.query(&Statement::new(text, owner.to_vec()), |row| {
            let (id, fingerprint) = (row.get(0).text().to_owned(), row.get(1).text().to_owned());
            known.push(Known { id, fingerprint });
            Ok(())
        })?;
        Ok(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(ip: &str, user_agent: &str) -> Device {
        Device { ip: ip.into(), user_agent: user_agent.into() }
    }

    #[test]
    fn a_fingerprint_is_the_one_of_the_contract() {
        // Recorded from the reference, for a name of 300 characters.
        let long = format!("x<b>\"'{}", "y".repeat(294));
        assert_eq!(device("127.0.0.1", &long).fingerprint(), "0473cbd1c16cfafbf9412bb39cbb203a");
        let cut = format!("{}...", &long[..200]);
        assert_eq!(device("127.0.0.1", &long).name(), cut);
        assert_eq!(device("127.0.0.1", &long[..200]).name(), long[..200]);
    }

    #[test]
    fn a_name_is_cut_between_characters() {
        let name = device("", &"é".repeat(200)).name();
        assert_eq!(name, format!("{}...", "é".repeat(100)));
        let name = device("", &format!("x{}", "é".repeat(200))).name();
        assert_eq!(name, format!("x{}...", "é".repeat(99)));
    }
}
