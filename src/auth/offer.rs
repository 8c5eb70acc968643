//! What a collection offers to sign in with, as `auth-methods` shows it.

use serde::Serialize;

use crate::auth::oauth2::setup::{ProviderOffer, Setup};
use crate::schema::AuthOptions;

/// The answer of `auth-methods`, in the contract's order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthOffer {
    password: PasswordOffer,
    oauth2: OAuth2Offer,
    mfa: TimedOffer,
    otp: TimedOffer,
    auth_providers: Vec<ProviderOffer>,
    username_password: bool,
    email_password: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    totp: Option<TotpOffer>,
}

/// Left out where there are no authenticator apps.
#[derive(Debug, Serialize)]
struct TotpOffer {
    enabled: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PasswordOffer {
    identity_fields: Vec<String>,
    enabled: bool,
}

#[derive(Debug, Serialize)]
struct OAuth2Offer {
    providers: Vec<ProviderOffer>,
    enabled: bool,
}

#[derive(Debug, Serialize)]
struct TimedOffer {
    enabled: bool,
    duration: i64,
}

impl TimedOffer {
    fn new(enabled: bool, duration: i64) -> Self {
        Self { enabled, duration: if enabled { duration } else { 0 } }
    }
}

impl AuthOffer {
    /// What `options` offer.
    pub fn new(options: &AuthOptions) -> Self {
        let password = &options.password_auth;
        let fields = if password.enabled { password.identity_fields.clone() } else { Vec::new() };
        let offered = options.oauth2.providers.iter().filter(|_| options.oauth2.enabled);
        let providers: Vec<ProviderOffer> =
            offered.filter_map(Setup::new).map(|setup| setup.offer()).collect();
        let has = |name: &str| fields.iter().any(|field| field == name);
        Self {
            username_password: has("username"),
            email_password: has("email"),
            password: PasswordOffer { enabled: password.enabled, identity_fields: fields },
            auth_providers: providers.iter().map(ProviderOffer::without_logo).collect(),
            oauth2: OAuth2Offer { providers, enabled: options.oauth2.enabled },
            mfa: TimedOffer::new(options.mfa.enabled, options.mfa.duration),
            otp: TimedOffer::new(options.otp.enabled, options.otp.duration),
            totp: options.totp.enabled.then_some(TotpOffer { enabled: true }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{MfaOptions, PasswordAuth};

    fn json(options: &AuthOptions) -> String {
        serde_json::to_string(&AuthOffer::new(options)).unwrap()
    }

    #[test]
    fn the_offer_reads_as_in_the_contract() {
        let password_auth = PasswordAuth { enabled: true, identity_fields: vec!["email".into()] };
        let options = AuthOptions { password_auth, ..AuthOptions::default() };
        assert_eq!(
            json(&options),
            concat!(
                r#"{"password":{"identityFields":["email"],"enabled":true},"#,
                r#""oauth2":{"providers":[],"enabled":false},"#,
                r#""mfa":{"enabled":false,"duration":0},"otp":{"enabled":false,"duration":0},"#,
                r#""authProviders":[],"usernamePassword":false,"emailPassword":true}"#
            )
        );
    }

    #[test]
    fn what_is_off_shows_neither_fields_nor_durations() {
        let password_auth = PasswordAuth { enabled: false, identity_fields: vec!["email".into()] };
        let mfa = MfaOptions { enabled: false, duration: 600, rule: String::new() };
        let text = json(&AuthOptions { password_auth, mfa, ..AuthOptions::default() });
        assert!(text.starts_with(r#"{"password":{"identityFields":[],"enabled":false}"#), "{text}");
        assert!(text.contains(r#""mfa":{"enabled":false,"duration":0}"#), "{text}");
        assert!(text.ends_with(r#""emailPassword":false}"#), "{text}");
    }
}
