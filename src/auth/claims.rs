//! What a token says: its type, whose it is, and until when (contract §1.5).

use serde::{Deserialize, Serialize};

use crate::clock::DateTime;
use crate::schema::{AuthOptions, EmailTemplate, TokenOptions};

/// What a token is good for. One type never passes for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TokenType {
    /// Signs requests.
    Auth,
    /// Opens protected files.
    File,
    /// Proves an e-mail address.
    Verification,
    /// Sets a new password.
    PasswordReset,
    /// Sets a new e-mail address.
    EmailChange,
}

impl TokenType {
    /// Every type.
    pub const ALL: [Self; 5] =
        [Self::Auth, Self::File, Self::Verification, Self::PasswordReset, Self::EmailChange];

    /// The secret and the lifetime a collection gives to this type.
    pub fn options(self, auth: &AuthOptions) -> &TokenOptions {
        match self {
            Self::Auth => &auth.auth_token,
            Self::File => &auth.file_token,
            Self::Verification => &auth.verification_token,
            Self::PasswordReset => &auth.password_reset_token,
            Self::EmailChange => &auth.email_change_token,
        }
    }

    /// The letter that carries this type, if one does.
    pub fn template(self, auth: &AuthOptions) -> Option<&EmailTemplate> {
        match self {
            Self::Verification => Some(&auth.verification_template),
            Self::PasswordReset => Some(&auth.reset_password_template),
            Self::EmailChange => Some(&auth.confirm_email_change_template),
            Self::Auth | Self::File => None,
        }
    }
}

/// The payload of a token. Keys stand in the order of the alphabet, as on the wire.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    /// When its record proved who it is; only where authenticator apps are allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// The collection of the record.
    pub collection_id: String,
    /// The address a mailed token was sent for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// End of its life, in seconds since 1970; none means for ever.
    #[serde(default, deserialize_with = "no_null", skip_serializing_if = "Option::is_none")]
    pub exp: Option<Seconds>,
    /// When it was made; tokens of ours do not say.
    #[serde(default, deserialize_with = "no_null", skip_serializing_if = "Option::is_none")]
    pub iat: Option<Seconds>,
    /// The record.
    pub id: String,
    /// Not valid before; tokens of ours do not say.
    #[serde(default, deserialize_with = "no_null", skip_serializing_if = "Option::is_none")]
    pub nbf: Option<Seconds>,
    /// The address an e-mail change leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_email: Option<String>,
    /// Whether a refresh gives a new token; impersonation says no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refreshable: Option<bool>,
    /// The session it belongs to, and ends with.
    #[serde(default, rename = "sid", skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// What it is good for.
    #[serde(rename = "type")]
    pub token_type: TokenType,
}

impl Claims {
    /// Claims of a type that needs nothing more than whose and until when.
    pub fn new(token_type: TokenType, collection_id: &str, id: &str, expires: DateTime) -> Self {
        Self {
            auth_time: None,
            collection_id: collection_id.to_owned(),
            email: None,
            exp: Some(Seconds::Whole(expires.unix_secs())),
            iat: None,
            id: id.to_owned(),
            nbf: None,
            new_email: None,
            refreshable: None,
            session_id: None,
            token_type,
        }
    }

    /// Claims of a sign-in.
    pub fn sign_in(collection_id: &str, id: &str, expires: DateTime, refreshable: bool) -> Self {
        let refreshable = Some(refreshable);
        Self { refreshable, ..Self::new(TokenType::Auth, collection_id, id, expires) }
    }

    /// When its record proved who it is, if the token tells.
    pub fn signed_in(&self) -> Option<DateTime> {
        self.auth_time.map(|secs| Seconds::Whole(secs).moment())
    }

    /// The moment from which on the token is worthless.
    pub fn expires(&self) -> Option<DateTime> {
        self.exp.map(Seconds::moment)
    }
}

/// A moment that is there must be one: a `null` does not make a token live for ever.
fn no_null<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Seconds>, D::Error> {
    Seconds::deserialize(deserializer).map(Some)
}

/// A moment in a token: seconds since 1970, whole in ours, with a fraction in what others make.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Seconds {
    /// Whole seconds.
    Whole(i64),
    /// Any other number.
    Fraction(f64),
}

impl Seconds {
    /// The moment itself; far ones are moved to the end of the calendar.
    pub fn moment(self) -> DateTime {
        DateTime::from_unix_ms(match self {
            Self::Whole(seconds) => seconds.saturating_mul(1000),
            // A cast from float stops at the bounds of the integer.
            Self::Fraction(seconds) => (seconds * 1000.0) as i64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_written_as_the_contract_shows() {
        let expires = DateTime::from_unix_ms(1_795_436_662_999);
        let claims = Claims::sign_in("pbc_3142635823", "9nvmrjdljh3xfe0", expires, true);
        assert_eq!(
            serde_json::to_string(&claims).unwrap(),
            concat!(
                r#"{"collectionId":"pbc_3142635823","exp":1795436662,"id":"9nvmrjdljh3xfe0","#,
                r#""refreshable":true,"type":"auth"}"#
            )
        );
        let claims = Claims {
            email: Some("a@b.c".into()),
            new_email: Some("d@e.f".into()),
            ..Claims::new(TokenType::EmailChange, "c", "r", expires)
        };
        assert_eq!(
            serde_json::to_string(&claims).unwrap(),
            concat!(
                r#"{"collectionId":"c","email":"a@b.c","exp":1795436662,"id":"r","#,
                r#""newEmail":"d@e.f","type":"emailChange"}"#
            )
        );
    }

    #[test]
    fn moments_of_others_may_have_fractions_and_absurd_sizes() {
        let read = |text: &str| serde_json::from_str::<Seconds>(text).unwrap().moment().unix_ms();
        assert_eq!(read("12"), 12_000);
        assert_eq!(read("12.5"), 12_500);
        assert_eq!(read("1e300"), i64::MAX);
        assert_eq!(read("9223372036854775807"), i64::MAX);
        assert!(serde_json::from_str::<Seconds>(r#""12""#).is_err());
    }
}
