//! Random text and ids.

use rand::RngExt as _;

use crate::clock::DateTime;

/// `[a-z0-9]`, of which ids are made.
pub const ID_ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// `[A-Za-z0-9]`, of which keys and secrets are made.
pub const KEY_ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// `length` characters drawn evenly from `alphabet` by a generator fit for secrets.
#[expect(clippy::disallowed_methods, reason = "the home of the random numbers")]
pub fn random_text(length: usize, alphabet: &[u8]) -> String {
    let mut rng = rand::rng();
    (0..length).map(|_| char::from(alphabet[rng.random_range(0..alphabet.len())])).collect()
}

/// An even draw from `0..bound`; `bound` must not be zero.
#[expect(clippy::disallowed_methods, reason = "the home of the random numbers")]
pub fn random_below(bound: usize) -> usize {
    rand::rng().random_range(0..bound)
}

/// Bytes by a generator fit for secrets.
#[expect(clippy::disallowed_methods, reason = "the home of the random numbers")]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    rand::rng().random()
}

/// A record id that sorts by time: 8 characters of milliseconds and 7 random ones.
///
/// Ordered ids halve the cost of a write: new rows go to the right edge of every index.
pub fn ordered_id(now: DateTime) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut rest = u64::try_from(now.unix_ms()).unwrap_or(0);
    let mut id = [b'0'; 8];
    for digit in id.iter_mut().rev() {
        *digit = DIGITS[(rest % 36) as usize];
        rest /= 36;
    }
    let mut text = String::with_capacity(15);
    text.extend(id.iter().map(|&b| char::from(b)));
    text.push_str(&random_text(7, ID_ALPHABET));
    text
}

/// A record id without order.
pub fn random_id() -> String {
    random_text(15, ID_ALPHABET)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordered_ids_have_the_contract_form_and_sort_by_time() {
        let early = ordered_id(DateTime::from_unix_ms(1_700_000_000_000));
        let late = ordered_id(DateTime::from_unix_ms(1_700_000_000_001));
        assert!(early < late);
        assert_eq!(early.len(), 15);
        assert!(early.bytes().all(|b| ID_ALPHABET.contains(&b)), "{early}");
    }
}
