//! Recovery codes: so random that a plain hash of them tells nothing.

use crate::crypto::{self, Secret};

/// How many there are.
pub const COUNT: usize = 10;
/// No letter or digit that is taken for another one.
const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
const GROUPS: usize = 4;
const GROUP: usize = 4;

/// A set of new codes.
pub(super) fn draw() -> Vec<Secret> {
    let code = |_| {
        let groups: Vec<String> =
            (0..GROUPS).map(|_| crypto::random_text(GROUP, ALPHABET)).collect();
        Secret::new(groups.join("-"))
    };
    (0..COUNT).map(code).collect()
}

/// What is kept of a code; of the same code of another record it is another.
pub(super) fn hash(record_id: &str, code: &str) -> String {
    let letters: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .take(GROUPS * GROUP + 1)
        .collect();
    crypto::sign(record_id.as_bytes(), &[b"recovery code", letters.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_long_different_and_typed_as_one_likes() {
        let codes = draw();
        let different: std::collections::HashSet<&str> = codes.iter().map(Secret::reveal).collect();
        assert_eq!(different.len(), COUNT);
        for code in codes.iter().map(Secret::reveal) {
            assert_eq!(code.len(), 19);
            let typed = code.to_uppercase().replace('-', " ");
            assert_eq!(hash("ada", code), hash("ada", &typed));
            assert_ne!(hash("ada", code), hash("bob", code));
            assert_ne!(hash("ada", code), hash("ada", &format!("{code}a")));
        }
    }
}
