//! Texts encrypted for the disk: AES-256-GCM as `base64(nonce || ciphertext || tag)`.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::crypto::Secret;

/// The key has not 32 bytes, or the sealed text was made with another key or changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot be decrypted with this key")]
pub struct SealError;

/// Encrypts `text`; every call gives another result.
pub fn seal(key: &Secret, text: &[u8]) -> Result<String, SealError> {
    let mut sealed = text.to_vec();
    let nonce =
        cipher(key)?.seal_in_place_append_tag(Aad::empty(), &mut sealed).map_err(|_| SealError)?;
    sealed.splice(0..0, nonce.as_ref().iter().copied());
    Ok(STANDARD.encode(sealed))
}

/// Decrypts what [`seal`] made.
pub fn unseal(key: &Secret, sealed: &str) -> Result<Vec<u8>, SealError> {
    let bytes = STANDARD.decode(sealed).map_err(|_| SealError)?;
    let (nonce, rest) = bytes.split_at_checked(NONCE_LEN).ok_or(SealError)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError)?;
    let mut text = rest.to_vec();
    let length =
        cipher(key)?.open_in_place(nonce, Aad::empty(), &mut text).map_err(|_| SealError)?.len();
    text.truncate(length);
    Ok(text)
}

fn cipher(key: &Secret) -> Result<RandomizedNonceKey, SealError> {
    RandomizedNonceKey::new(&AES_256_GCM, key.reveal().as_bytes()).map_err(|_| SealError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_key_only() {
        let key = Secret::new("0123456789abcdef0123456789abcdef");
        let sealed = seal(&key, b"text").unwrap();
        assert_ne!(sealed, seal(&key, b"text").unwrap());
        assert_eq!(unseal(&key, &sealed).unwrap(), b"text");
        let other = Secret::new("0123456789abcdef0123456789abcdeF");
        assert_eq!(unseal(&other, &sealed), Err(SealError));
        assert_eq!(unseal(&Secret::new("short"), &sealed), Err(SealError));
        for broken in ["", "AAAA", "not base64!", &sealed[4..]] {
            assert_eq!(unseal(&key, broken), Err(SealError), "{broken}");
        }
    }
}
