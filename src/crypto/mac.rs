//! Message authentication: HMAC-SHA-256, and plain SHA-256.

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq as _;

/// The HMAC-SHA-256 of all `parts` one after the other, in base64.
pub fn sign(key: &[u8], parts: &[&[u8]]) -> String {
    STANDARD.encode(authenticate(key, parts))
}

/// The HMAC-SHA-256 of all `parts` one after the other.
pub fn authenticate(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    parts.iter().for_each(|part| context.update(part));
    first_32(context.sign().as_ref())
}

/// The SHA-256 of some bytes. Only for what nobody can guess; passwords have their own module.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    first_32(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// A SHA-256 of bytes that come piece by piece.
pub struct Sha256(digest::Context);

impl Sha256 {
    /// Of nothing so far.
    #[expect(clippy::new_without_default, reason = "there is no default sum of something")]
    pub fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    /// Adds the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The sum of all bytes.
    pub fn finish(self) -> [u8; 32] {
        first_32(self.0.finish().as_ref())
    }
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
pub fn is_equal(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

fn first_32(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.iter_mut().zip(bytes).for_each(|(out, byte)| *out = *byte);
    out
}
