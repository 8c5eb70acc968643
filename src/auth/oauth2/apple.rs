//! Apple's two peculiarities: a client secret is a token one signs oneself, and the name of a user
//! is told once, beside the code, not with the token.

use std::collections::VecDeque;
use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::auth::oauth2::profile::text;
use crate::clock::DateTime;
use crate::codes::Code;
use crate::crypto::Secret;
use crate::error::{Error, FieldErrors, Issue, Result};

/// Half a year, the longest that Apple accepts.
const MAX_DURATION_SECS: i64 = 15_777_000;
/// Characters of the ids of a team and a key.
const ID_LENGTH: usize = 10;
const AUDIENCE: &str = "https://appleid.apple.com";
/// How long a name waits for its code.
const KEPT: Duration = Duration::from_secs(60);
/// Names that wait at once; the oldest makes room.
const MAX_NAMES: usize = 1000;
/// Longest name that is kept.
const MAX_NAME: usize = 255;

/// What a client secret is made of.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretForm {
    client_id: String,
    team_id: String,
    key_id: String,
    private_key: Secret,
    duration: i64,
}

#[derive(Serialize)]
struct SecretClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: [&'a str; 1],
    exp: i64,
    iat: i64,
}

impl SecretForm {
    /// The names of the form.
    pub const NAMES: &'static [&'static str] =
        &["clientId", "teamId", "keyId", "privateKey", "duration"];

    /// Signs a client secret.
    ///
    /// # Errors
    /// 400 with the fields at fault, or for a key that is none.
    pub fn sign(&self, now: DateTime) -> Result<Secret> {
        self.check()?;
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.key_id.clone());
        let iat = now.unix_secs();
        let claims = SecretClaims {
            iss: &self.team_id,
            sub: &self.client_id,
            aud: [AUDIENCE],
            exp: iat + self.duration,
            iat,
        };
        let pem = self.private_key.reveal().trim();
        let signed = EncodingKey::from_ec_pem(pem.as_bytes())
            .and_then(|key| encode(&header, &claims, &key))
            .map_err(|_| {
                let reason = "key is not a valid ECDSA private key";
                let message = format!("Failed to generate client secret. Raw error: \n{reason}.");
                Error::bad_request(message)
            })?;
        Ok(Secret::new(signed))
    }

    fn check(&self) -> Result<()> {
        let mut errors = FieldErrors::default();
        let required = || Issue::new(Code::Required);
        if self.client_id.is_empty() {
            errors.add("clientId", required());
        }
        for (name, id) in [("teamId", &self.team_id), ("keyId", &self.key_id)] {
            if id.is_empty() {
                errors.add(name, required());
            } else if id.chars().count() != ID_LENGTH {
                let message = format!("The length must be exactly {ID_LENGTH}.");
                let issue = Issue::with_message(Code::LengthInvalid, message);
                errors.add(name, issue.param("max", ID_LENGTH).param("min", ID_LENGTH));
            }
        }
        let key = self.private_key.reveal().trim();
        let is_pem = key.starts_with("-----BEGIN PRIVATE KEY-----")
            && key.ends_with("-----END PRIVATE KEY-----");
        if key.is_empty() {
            errors.add("privateKey", required());
        } else if !is_pem {
            errors.add("privateKey", Issue::new(Code::MatchInvalid));
        }
        if self.duration == 0 {
            errors.add("duration", required());
        } else if self.duration < 1 {
            let issue =
                Issue::with_message(Code::MinGreaterEqualThanRequired, "Must be no less than 1.");
            errors.add("duration", issue.param("threshold", 1));
        } else if self.duration > MAX_DURATION_SECS {
            let message = format!("Must be no greater than {MAX_DURATION_SECS}.");
            let issue = Issue::with_message(Code::MaxLessEqualThanRequired, message);
            errors.add("duration", issue.param("threshold", MAX_DURATION_SECS));
        }
        errors.into_result("Invalid client secret data.")
    }
}

/// Names that came with a code and wait for whoever brings that code.
#[derive(Default)]
pub struct Names(Mutex<VecDeque<Waiting>>);

struct Waiting {
    code: Secret,
    name: String,
    until: DateTime,
}

impl Names {
    /// Keeps the name of Apple's `user` for the code it came with.
    pub fn keep(&self, code: &str, user: &str, now: DateTime) {
        let user: Json = serde_json::from_str(user).unwrap_or_default();
        let parts = ["name.firstName", "name.lastName"].map(|path| text(&user, path));
        let name = parts.join(" ").trim().chars().take(MAX_NAME).collect::<String>();
        if name.is_empty() || code.is_empty() {
            return;
        }
        let mut names = self.0.lock();
        while names.front().is_some_and(|first| first.until <= now) || names.len() >= MAX_NAMES {
            names.pop_front();
        }
        names.push_back(Waiting { code: Secret::new(code), name, until: now.after(KEPT) });
    }

    /// The name that came with a code, once.
    pub fn take(&self, code: &str, now: DateTime) -> Option<String> {
        let mut names = self.0.lock();
        let at = names.iter().position(|waiting| waiting.code.reveal() == code)?;
        names.remove(at).filter(|waiting| waiting.until > now).map(|waiting| waiting.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> DateTime {
        DateTime::from_unix_ms(secs * 1000)
    }

    #[test]
    fn a_name_waits_a_minute_for_its_own_code_and_goes_once() {
        let names = Names::default();
        let ada = r#"{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"a@example.com"}"#;
        names.keep("one", ada, at(0));
        assert_eq!(names.take("two", at(1)), None);
        assert_eq!(names.take("one", at(59)).as_deref(), Some("Ada Lovelace"));
        assert_eq!(names.take("one", at(59)), None);
        names.keep("one", ada, at(0));
        assert_eq!(names.take("one", at(60)), None);
        for bad in ["", "x", "[]", r#"{"name":"Ada"}"#, r#"{"name":{"firstName":" "}}"#] {
            names.keep("bad", bad, at(0));
            assert_eq!(names.take("bad", at(0)), None, "{bad}");
        }
    }

    #[test]
    fn waiting_names_are_bounded() {
        let names = Names::default();
        for i in 0..MAX_NAMES * 2 {
            names.keep(&i.to_string(), r#"{"name":{"firstName":"Ada"}}"#, at(0));
        }
        assert_eq!(names.0.lock().len(), MAX_NAMES);
        assert_eq!(names.take("0", at(0)), None);
        assert!(names.take(&(MAX_NAMES * 2 - 1).to_string(), at(0)).is_some());
    }
}
