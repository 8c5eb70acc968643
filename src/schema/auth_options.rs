//! The options of an auth collection, in the order and with the names of contract §4.4.

use serde::{Deserialize, Serialize};

use crate::crypto::Secret;
use crate::schema::{PasswordPolicy, SessionOptions};

/// How records of an auth collection sign in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuthOptions {
    /// A condition on the record; `None` lets nobody in.
    pub auth_rule: Option<String>,
    /// Who may change what only the owner may: e-mail, password, verified.
    pub manage_rule: Option<String>,
    /// A mail when someone signs in from a new place.
    pub auth_alert: AuthAlert,
    /// Sign-in through other services.
    pub oauth2: OAuth2Options,
    /// Sign-in with a password.
    pub password_auth: PasswordAuth,
    /// Two methods in a row.
    pub mfa: MfaOptions,
    /// One-time codes by mail.
    pub otp: OtpOptions,
    /// Signs sign-in tokens.
    pub auth_token: TokenOptions,
    /// Signs password reset tokens.
    pub password_reset_token: TokenOptions,
    /// Signs e-mail change tokens.
    pub email_change_token: TokenOptions,
    /// Signs verification tokens.
    pub verification_token: TokenOptions,
    /// Signs tokens for protected files.
    pub file_token: TokenOptions,
    /// The verification mail.
    pub verification_template: EmailTemplate,
    /// The password reset mail.
    pub reset_password_template: EmailTemplate,
    /// The e-mail change mail.
    pub confirm_email_change_template: EmailTemplate,
    /// Sign-ins that can be seen and ended one by one.
    #[serde(skip_serializing_if = "SessionOptions::is_default")]
    pub session: SessionOptions,
    /// What a new password must be.
    #[serde(skip_serializing_if = "PasswordPolicy::is_default")]
    pub password_policy: PasswordPolicy,
    /// Authenticator apps.
    #[serde(skip_serializing_if = "TotpOptions::is_default")]
    pub totp: TotpOptions,
}

/// See [`AuthOptions::totp`]. Left out of the JSON while it is off.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TotpOptions {
    /// On or off.
    pub enabled: bool,
}

impl TotpOptions {
    /// True while nobody changed anything.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl AuthOptions {
    /// The options beyond the contract, in full: what is left out of the JSON of a collection
    /// while it has its defaults can still be changed key by key.
    ///
    /// # Errors
    /// None that a type could not rule out.
    pub fn extensions(&self) -> serde_json::Result<Vec<(&'static str, serde_json::Value)>> {
        Ok(vec![
            ("session", serde_json::to_value(&self.session)?),
            ("passwordPolicy", serde_json::to_value(&self.password_policy)?),
            ("totp", serde_json::to_value(&self.totp)?),
        ])
    }
}

/// See [`AuthOptions::auth_alert`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuthAlert {
    /// On or off.
    pub enabled: bool,
    /// The mail.
    pub email_template: EmailTemplate,
}

/// See [`AuthOptions::oauth2`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OAuth2Options {
    /// The configured services.
    #[serde(deserialize_with = "null_is_default")]
    pub providers: Vec<OAuth2Provider>,
    /// Which record field takes which value of the service.
    pub mapped_fields: OAuth2MappedFields,
    /// On or off.
    pub enabled: bool,
}

/// One service of [`OAuth2Options`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OAuth2Provider {
    /// PKCE; `None` leaves it to the service's default.
    pub pkce: Option<bool>,
    /// The service, such as `google`.
    pub name: String,
    /// Given by the service.
    pub client_id: String,
    /// Given by the service; never shown again.
    #[serde(skip_serializing_if = "Secret::is_empty")]
    pub client_secret: Secret,
    /// Overrides the service's own address.
    #[serde(rename = "authURL")]
    pub auth_url: String,
    /// Overrides the service's own address.
    #[serde(rename = "tokenURL")]
    pub token_url: String,
    /// Overrides the service's own address.
    #[serde(rename = "userInfoURL")]
    pub user_info_url: String,
    /// Shown on the sign-in button.
    pub display_name: String,
    /// What only this service knows.
    #[serde(deserialize_with = "null_is_default")]
    pub extra: serde_json::Map<String, serde_json::Value>,
}

/// See [`OAuth2Options::mapped_fields`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OAuth2MappedFields {
    /// Field for the service's id.
    pub id: String,
    /// Field for the name.
    pub name: String,
    /// Field for the user name.
    pub username: String,
    /// Field for the picture.
    #[serde(rename = "avatarURL")]
    pub avatar_url: String,
}

/// See [`AuthOptions::password_auth`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PasswordAuth {
    /// On or off.
    pub enabled: bool,
    /// What one signs in with; each needs a unique index.
    #[serde(deserialize_with = "null_is_default")]
    pub identity_fields: Vec<String>,
}

/// See [`AuthOptions::mfa`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MfaOptions {
    /// On or off.
    pub enabled: bool,
    /// Seconds until the second method must have succeeded.
    pub duration: i64,
    /// Whom it concerns; `""` is everyone.
    pub rule: String,
}

/// See [`AuthOptions::otp`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OtpOptions {
    /// On or off.
    pub enabled: bool,
    /// Seconds a code lives.
    pub duration: i64,
    /// Digits of a code.
    pub length: i64,
    /// The mail.
    pub email_template: EmailTemplate,
}

/// How one type of token is signed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TokenOptions {
    /// Half of the signing key; the other half is the record's token key.
    #[serde(skip_serializing_if = "Secret::is_empty")]
    pub secret: Secret,
    /// Seconds a token lives.
    pub duration: i64,
}

/// Subject and body of a mail, with placeholders.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EmailTemplate {
    /// One line.
    pub subject: String,
    /// HTML.
    pub body: String,
}

/// Older data folders hold `null` where lists and maps are empty.
fn null_is_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
