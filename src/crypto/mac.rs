//! Message authentication: HMAC-SHA-256.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The HMAC-SHA-256 of all `parts` one after the other, in base64.
pub fn sign(key: &[u8], parts: &[&[u8]]) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    parts.iter().for_each(|part| context.update(part));
    STANDARD.encode(context.sign().as_ref())
}
