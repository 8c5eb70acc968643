//! Tokens: signed and verified, HS256 only. The key is the record's token key followed by the
//! secret its collection has for this type of token, so either of the two revokes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation, crypto, dangerous};

use crate::auth::claims::{Claims, TokenType};
use crate::clock::DateTime;
use crate::crypto::Secret;
use crate::error::{Error, Result};
use crate::schema::Collection;

/// `{"alg":"HS256","typ":"JWT"}`, the only header there is.
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
/// No token of ours comes near to this length; longer ones are not even looked at.
const MAX_LENGTH: usize = 4096;

/// Why a token is not accepted. It never carries the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a token, not HS256, or signed with another key.
    #[error("the token is malformed or its signature does not fit")]
    Invalid,
    /// Its time is over, or has not come.
    #[error("the token is not valid at this time")]
    Time,
    /// It belongs to another collection, another record or another purpose.
    #[error("the token was made for something else")]
    Foreign,
}

/// Says which implementation signs. To be called once before the first token.
pub fn install_provider() {
    // Only a second call can fail, and the first one has won then.
    let _ = crypto::aws_lc::DEFAULT_PROVIDER.install_default();
}

/// Signs `claims` for a record of `collection` whose token key is `token_key`.
///
/// # Errors
/// The collection has no records that sign in, or one half of the key is missing.
pub fn sign(claims: &Claims, collection: &Collection, token_key: &str) -> Result<String> {
    let key = signing_key(claims.token_type, collection, token_key)
        .ok_or_else(|| Error::internal("the signing key is incomplete"))?;
    let payload = serde_json::to_vec(claims).map_err(Error::internal)?;
    let message = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(payload));
    let key = EncodingKey::from_secret(key.reveal().as_bytes());
    let signature =
        crypto::sign(message.as_bytes(), &key, Algorithm::HS256).map_err(Error::internal)?;
    Ok(format!("{message}.{signature}"))
}

/// What a token says without any proof; only to find the record whose key can prove it.
pub fn peek(token: &str) -> Option<Claims> {
    if token.len() > MAX_LENGTH {
        return None;
    }
    dangerous::insecure_decode_claims(token).ok()
}

/// The claims of a token of type `wanted` that belongs to record `id` of `collection`.
///
/// # Errors
/// See [`TokenError`].
pub fn verify(
    token: &str,
    wanted: TokenType,
    collection: &Collection,
    id: &str,
    token_key: &str,
    now: DateTime,
) -> Result<Claims, TokenError> {
    if token.len() > MAX_LENGTH {
        return Err(TokenError::Invalid);
    }
    let key = signing_key(wanted, collection, token_key).ok_or(TokenError::Invalid)?;
    let key = DecodingKey::from_secret(key.reveal().as_bytes());
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &signature_only())
        .map_err(|_| TokenError::Invalid)?
        .claims;
    if claims.token_type != wanted || claims.collection_id != collection.id || claims.id != id {
        return Err(TokenError::Foreign);
    }
    let early = [claims.nbf, claims.iat].into_iter().flatten().any(|from| from.moment() > now);
    if early || claims.expires().is_some_and(|end| end <= now) {
        return Err(TokenError::Time);
    }
    Ok(claims)
}

/// Times are compared with our own clock, which tests can move.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

/// Both halves of the key. With one of them missing nothing is signed and nothing accepted: half
/// a key would be no secret, or one that cannot be revoked.
fn signing_key(token_type: TokenType, collection: &Collection, token_key: &str) -> Option<Secret> {
    let secret = &token_type.options(collection.auth()?).secret;
    if token_key.is_empty() || secret.is_empty() {
        return None;
    }
    Some(Secret::new([token_key, secret.reveal()].concat()))
}

#[cfg(test)]
mod tests;
