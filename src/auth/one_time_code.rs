//! One-time passwords: a few digits, of which a row of `_otps` keeps the hash.

use std::time::Duration;

use crate::clock::DateTime;
use crate::crypto::{Secret, random_text};
use crate::error::Result;
use crate::schema::date_text;
use crate::schema::system::OTPS;
use crate::sql::{Value, write};
use crate::store::Tx;

const DIGITS: &[u8] = b"0123456789";
/// Bounds of what a collection may ask for.
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=64;

/// Codes of addresses that nobody has.
pub(super) const DECOYS: &str = "_gr_decoys";

/// A code as it is kept.
pub(super) struct StoredCode {
    pub collection_id: String,
    pub record_id: String,
    pub hash: Secret,
    pub sent_to: String,
    /// It belongs to nobody and fits nothing.
    pub is_decoy: bool,
    created: String,
}

impl StoredCode {
    /// Reads a code, or the decoy of this id.
    pub fn find(tx: &Tx<'_>, id: &str) -> Result<Option<Self>> {
        let columns = ["collectionRef", "recordRef", "password", "created", "sentTo"];
        let own = write::select_by_id(tx.dialect(), OTPS, &columns, id);
        let decoy = write::select_by_id(tx.dialect(), DECOYS, &columns[..4], id);
        for (statement, is_decoy) in [(own, false), (decoy, true)] {
            let found = tx.query_one(&statement, |row| {
                let text = |column| row.get(column).text().to_owned();
                let sent_to = if is_decoy { String::new() } else { text(4) };
                let (collection_id, record_id, created) = (text(0), text(1), text(3));
                let hash = Secret::new(row.get(2).text());
                Ok(Self { collection_id, record_id, hash, sent_to, is_decoy, created })
            })?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// True while the code may be used.
    pub fn lives(&self, lifetime: Duration, now: DateTime) -> bool {
        date_text::parse(&self.created).is_some_and(|made| now < made.after(lifetime))
    }
}

/// Digits nobody can guess.
pub(super) fn draw(length: i64) -> Secret {
    let length = usize::try_from(length).unwrap_or(0).clamp(*LENGTHS.start(), *LENGTHS.end());
    Secret::new(random_text(length, DIGITS))
}

/// The row that remembers a code. `sent_to` is the address it was mailed to, which it proves.
pub(super) fn row(
    id: &str,
    collection_id: &str,
    record_id: &str,
    hash: &str,
    sent_to: &str,
    now: DateTime,
) -> [(&'static str, Value); 7] {
    let now = now.to_string();
    [
        ("id", Value::from(id)),
        ("collectionRef", Value::from(collection_id)),
        ("recordRef", Value::from(record_id)),
        ("password", Value::from(hash)),
        ("sentTo", Value::from(sent_to)),
        ("created", Value::from(now.as_str())),
        ("updated", Value::from(now.as_str())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_as_many_digits_as_asked_for_within_bounds() {
        for (length, expected) in [(8, 8), (4, 4), (0, 4), (-5, 4), (i64::MAX, 64)] {
            let code = draw(length);
            assert_eq!(code.reveal().len(), expected);
            assert!(code.reveal().bytes().all(|b| b.is_ascii_digit()));
        }
        assert_ne!(draw(32), draw(32));
    }
}
