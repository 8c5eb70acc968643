//! Id tokens (<https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation>). Issuer,
//! keys and audience are those of the collection's options: nothing a token says leads anywhere.

use std::time::Duration;

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, dangerous, decode, decode_header};
use serde_json::Value as Json;

use crate::auth::oauth2::exchange::{LIMIT, MAX_ANSWER, Refusal};
use crate::auth::oauth2::setup::Setup;
use crate::clock::DateTime;
use crate::crypto::Secret;
use crate::outgoing::{Fetch, Outgoing};

/// Clocks may differ by so much.
const LEEWAY: Duration = Duration::from_secs(5 * 60);
/// Longer id tokens are not looked at.
const MAX_LENGTH: usize = 64 << 10;
/// Algorithms whose key is public. With a shared one, the public key would be the secret.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];
const APPLE: &str = "https://appleid.apple.com";
const APPLE_KEYS: &str = "https://appleid.apple.com/auth/keys";

/// What an id token must fit.
struct Expected {
    issuers: Vec<String>,
    /// Where the keys are; without it, only the connection to the token endpoint proves a token.
    keys: String,
}

/// What a token says without any proof.
pub fn peek(token: &Secret) -> Option<Json> {
    let is_short = token.reveal().len() <= MAX_LENGTH;
    is_short.then(|| dangerous::insecure_decode_claims(token.reveal()).ok()).flatten()
}

/// The claims of an id token that the service's setup believes.
///
/// # Errors
/// Which of the checks it does not pass.
pub async fn claims(
    outgoing: &Outgoing,
    setup: &Setup,
    token: &Secret,
    now: DateTime,
) -> Result<Json, Refusal> {
    let expected = Expected::of(setup)?;
    let claims = peek(token).ok_or_else(|| Refusal::new("the id token cannot be read"))?;
    expected.check(&claims, &setup.client_id, now)?;
    if expected.keys.is_empty() {
        return Ok(claims);
    }
    let keys = fetch_keys(outgoing, &expected.keys).await?;
    verify(token, &keys)
}

impl Expected {
    fn of(setup: &Setup) -> Result<Self, Refusal> {
        if setup.provider.name == "apple" {
            // A key server of one's own makes sense only with an issuer of one's own.
            let own = setup.extra("jwksURL");
            let keys = if own.is_empty() { APPLE_KEYS } else { own };
            return Ok(Self { issuers: vec![APPLE.to_owned()], keys: keys.to_owned() });
        }
        let issuers = match setup.extra.get("issuers") {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::String(text)) => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                parts.map(str::to_owned).collect()
            }
            Some(Json::Array(items)) => {
                let texts: Option<Vec<String>> =
                    items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
                texts.ok_or_else(|| Refusal::new("the issuers of the options are no texts"))?
            }
            Some(_) => return Err(Refusal::new("the issuers of the options are no list")),
        };
        Ok(Self { issuers, keys: setup.extra("jwksURL").to_owned() })
    }

    fn check(&self, claims: &Json, client_id: &str, now: DateTime) -> Result<(), Refusal> {
        let refused = |reason: &str| Err(Refusal::new(reason));
        let issuer = claims.get("iss").and_then(Json::as_str).unwrap_or_default();
        if !self.issuers.is_empty() && !self.issuers.iter().any(|known| known == issuer) {
            return refused("the id token is from another issuer");
        }
        let is_for_us = match claims.get("aud") {
            Some(Json::String(audience)) => audience == client_id,
            Some(Json::Array(all)) => all.iter().any(|audience| audience == client_id),
            _ => false,
        };
        if !is_for_us {
            return refused("the id token is for another audience");
        }
        let is_for_other = claims.get("azp").is_some_and(|party| party != client_id);
        if is_for_other {
            return refused("the id token was given to another party");
        }
        let moment = |name: &str| {
            let seconds = claims.get(name).and_then(Json::as_f64)?;
            Some(DateTime::from_unix_ms((seconds * 1000.0) as i64))
        };
        match moment("exp") {
            None => return refused("the id token does not say when it ends"),
            Some(end) if end.after(LEEWAY) <= now => return refused("the id token is expired"),
            Some(_) => {}
        }
        if ["nbf", "iat"]
            .iter()
            .filter_map(|name| moment(name))
            .any(|from| from > now.after(LEEWAY))
        {
            return refused("the id token is from the future");
        }
        Ok(())
    }
}

async fn fetch_keys(outgoing: &Outgoing, url: &str) -> Result<JwkSet, Refusal> {
    let answer = outgoing
        .fetch(Fetch {
            url: url.to_owned(),
            headers: vec![("Accept".to_owned(), "application/json".to_owned())],
            body: None,
            limit: LIMIT,
            max_size: MAX_ANSWER,
        })
        .await
        .map_err(|error| Refusal(format!("the keys cannot be fetched: {error}")))?;
    if answer.status != 200 {
        return Err(Refusal(format!("the keys cannot be fetched: status {}", answer.status)));
    }
    // A key of a kind that is not known must not hide the others.
    let set: Json = serde_json::from_slice(&answer.bytes).unwrap_or_default();
    let keys = set.get("keys").and_then(Json::as_array).cloned().unwrap_or_default();
    let keys: Vec<Jwk> =
        keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect();
    Ok(JwkSet { keys })
}

/// The claims, if one of the keys signed them.
fn verify(token: &Secret, keys: &JwkSet) -> Result<Json, Refusal> {
    let header = decode_header(token.reveal())
        .map_err(|_| Refusal::new("the header of the id token cannot be read"))?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(Refusal::new("the id token is not signed with a public key"));
    }
    let key = match &header.kid {
        Some(kid) => keys.find(kid),
        // Without a name there must be no choice.
        None if keys.keys.len() == 1 => keys.keys.first(),
        None => None,
    };
    let key = key.ok_or_else(|| Refusal::new("the key of the id token is not known"))?;
    let is_for_signing = !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption));
    let said = key.common.key_algorithm.map(|algorithm| algorithm.to_string());
    if !is_for_signing || said.is_some_and(|said| said != format!("{:?}", header.alg)) {
        return Err(Refusal::new("the key of the id token is for something else"));
    }
    let key = DecodingKey::from_jwk(key)
        .map_err(|_| Refusal::new("the key of the id token cannot be read"))?;
    let mut validation = Validation::new(header.alg);
    // All but the signature was checked before, by our own clock.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    let data = decode::<Json>(token.reveal(), &key, &validation)
        .map_err(|_| Refusal::new("the signature of the id token does not fit"))?;
    Ok(data.claims)
}
