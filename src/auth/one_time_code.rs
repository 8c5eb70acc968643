//! One-time passwords: a few digits, of which a row of `_otps` keeps the hash.

use crate::clock::DateTime;
use crate::crypto::{Secret, random_text};
use crate::sql::Value;

const DIGITS: &[u8] = b"0123456789";
/// Bounds of what a collection may ask for.
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=64;

/// Digits nobody can guess.
pub(super) fn draw(length: i64) -> Secret {
    let length = usize::try_from(length).unwrap_or(0).clamp(*LENGTHS.start(), *LENGTHS.end());
    Secret::new(random_text(length, DIGITS))
}

/// The row that remembers a code. `sentTo` stays empty: it was not mailed, so it proves no address.
pub(super) fn row(
    id: &str,
    collection_id: &str,
    record_id: &str,
    hash: String,
    now: DateTime,
) -> [(&'static str, Value); 7] {
    let now = now.to_string();
    [
        ("id", Value::from(id)),
        ("collectionRef", Value::from(collection_id)),
        ("recordRef", Value::from(record_id)),
        ("password", Value::from(hash)),
        ("sentTo", Value::from("")),
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
