//! Keys of elliptic curves from one form of writing into another.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::crypto::Secret;

/// Characters of a line of PEM.
const LINE: usize = 64;

/// The PEM text (PKCS #8) of a P-256 key in the older form (SEC 1); `None` for any other key.
pub fn pkcs8_pem(sec1: &[u8]) -> Option<Secret> {
    let pair = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_ASN1_SIGNING, sec1).ok()?;
    let text = Secret::new(STANDARD.encode(pair.to_pkcs8v1().ok()?.as_ref()));
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for line in text.reveal().as_bytes().chunks(LINE) {
        pem.push_str(std::str::from_utf8(line).ok()?);
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    Some(Secret::new(pem))
}
