//! The passwords that most people have, as a filter of 16 bits each: it knows all of them, and
//! takes one in 65,000 others for one of them.
//!
//! The list behind `popular_passwords.bin` is that of `@zxcvbn-ts/language-common` 3.0.4 (MIT):
//! 49,233 passwords. `examples/popular_passwords.rs` made the file.

use std::sync::LazyLock;

use xorf::{BinaryFuse16, Descriptor, Filter as _};

use crate::crypto::sha256;

static FILE: &[u8] = include_bytes!("popular_passwords.bin");
static COMMON: LazyLock<Option<PopularPasswords>> = LazyLock::new(|| PopularPasswords::read(FILE));

/// A set of passwords, in any case of their letters.
pub struct PopularPasswords(BinaryFuse16);

impl PopularPasswords {
    /// The file of a list.
    ///
    /// # Errors
    /// The list is too short, which the filter cannot be made of.
    pub fn build(passwords: &[String]) -> Result<Vec<u8>, &'static str> {
        let mut keys: Vec<u64> = passwords.iter().map(|password| key(password)).collect();
        keys.sort_unstable();
        keys.dedup();
        let BinaryFuse16 { descriptor, fingerprints } = BinaryFuse16::try_from(keys)?;
        let mut file = descriptor.seed.to_le_bytes().to_vec();
        for number in [
            descriptor.segment_length,
            descriptor.segment_length_mask,
            descriptor.segment_count_length,
        ] {
            file.extend_from_slice(&number.to_le_bytes());
        }
        fingerprints.iter().for_each(|print| file.extend_from_slice(&print.to_le_bytes()));
        Ok(file)
    }

    fn read(file: &[u8]) -> Option<Self> {
        let (seed, rest) = file.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (mask, rest) = rest.split_first_chunk()?;
        let (count, rest) = rest.split_first_chunk()?;
        let descriptor = Descriptor {
            seed: u64::from_le_bytes(*seed),
            segment_length: u32::from_le_bytes(*length),
            segment_length_mask: u32::from_le_bytes(*mask),
            segment_count_length: u32::from_le_bytes(*count),
        };
        let (prints, _) = rest.as_chunks();
        let fingerprints = prints.iter().map(|print| u16::from_le_bytes(*print)).collect();
        Some(Self(BinaryFuse16 { descriptor, fingerprints }))
    }

    fn contains(&self, password: &str) -> bool {
        self.0.contains(&key(password))
    }
}

/// Whether many people have this password.
pub fn is_common(password: &str) -> bool {
    COMMON.as_ref().is_some_and(|common| common.contains(password))
}

fn key(password: &str) -> u64 {
    let digest = sha256(password.to_lowercase().as_bytes());
    digest.first_chunk().map_or(0, |first| u64::from_le_bytes(*first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{KEY_ALPHABET, random_text};

    #[test]
    fn the_list_is_known_and_hardly_anything_else() {
        for common in ["12345678", "1234567890", "Password", "PASSWORD1", "qwertyuiop", "iloveyou"]
        {
            assert!(is_common(common), "{common}");
        }
        for other in ["correct horse battery staple", "", "x", "Zw8-lamp-otter"] {
            assert!(!is_common(other), "{other}");
        }
        let drawn = (0..100_000).filter(|_| is_common(&random_text(12, KEY_ALPHABET)));
        assert!(drawn.count() < 15, "one or two are expected");
    }

    #[test]
    fn a_filter_is_read_as_it_was_built() {
        let list: Vec<String> = (0..1000).map(|i| format!("Password {i}")).collect();
        let filter = PopularPasswords::read(&PopularPasswords::build(&list).unwrap()).unwrap();
        assert!(list.iter().all(|password| filter.contains(password)));
        assert!(filter.contains("PASSWORD 7") && !filter.contains("Password 1001"));
        assert!(PopularPasswords::read(&[0; 19]).is_none());
    }
}
