//! What a new auth collection starts with: methods, durations, secrets and the texts of mails.

use crate::crypto::{KEY_ALPHABET, Secret, random_text};
use crate::schema::{
    AuthAlert, AuthOptions, EmailTemplate, MfaOptions, OtpOptions, PasswordAuth, TokenOptions,
};

/// Characters of a fresh signing secret.
const SECRET_LENGTH: usize = 50;

const VERIFY: &str = "<p>Hello,</p>
<p>Welcome to {APP_NAME}. Please confirm that this is your e-mail address.</p>
<p><a class=\"btn\" href=\"{APP_URL}/_/#/auth/confirm-verification/{TOKEN}\" \
target=\"_blank\" rel=\"noopener\">Confirm e-mail</a></p>
<p><small>You did not sign up at {APP_NAME}? Then there is nothing for you to do.</small></p>";

const RESET: &str = "<p>Hello,</p>
<p>Somebody asked for a new password for your account at {APP_NAME}. Choose one here.</p>
<p><a class=\"btn\" href=\"{APP_URL}/_/#/auth/confirm-password-reset/{TOKEN}\" \
target=\"_blank\" rel=\"noopener\">Choose a password</a></p>
<p><small>It was not you? Then ignore this mail; your password stays as it is.</small></p>";

const CHANGE: &str = "<p>Hello,</p>
<p>This address was entered as the new one of an account at {APP_NAME}.</p>
<p><a class=\"btn\" href=\"{APP_URL}/_/#/auth/confirm-email-change/{TOKEN}\" \
target=\"_blank\" rel=\"noopener\">Use this address</a></p>
<p><small>You did not ask for that? Then ignore this mail; nothing will change.</small></p>";

const OTP: &str = "<p>Hello,</p>
<p>Your code for {APP_NAME} is <strong>{OTP}</strong></p>
<p><small>You did not try to sign in? Then ignore this mail, and tell nobody the code.</small></p>";

const ALERT: &str = "<p>Hello,</p>
<p>Your account at {APP_NAME} was just used from a place it was not used from before:</p>
<p><em>{ALERT_INFO}</em></p>
<p><strong>If that was not you, change your password now:</strong> it ends all other sign-ins.</p>";

/// Durations, methods and mails; the secrets are left empty.
pub fn options() -> AuthOptions {
    let template = |subject: &str, body: &str| EmailTemplate {
        subject: subject.to_owned(),
        body: body.to_owned(),
    };
    let token = |duration: i64| TokenOptions { secret: Secret::default(), duration };
    AuthOptions {
        auth_rule: Some(String::new()),
        auth_alert: AuthAlert {
            enabled: true,
            email_template: template("Login from a new location", ALERT),
        },
        password_auth: PasswordAuth { enabled: true, identity_fields: vec!["email".to_owned()] },
        mfa: MfaOptions { enabled: false, duration: 600, rule: String::new() },
        otp: OtpOptions {
            enabled: false,
            duration: 180,
            length: 8,
            email_template: template("OTP for {APP_NAME}", OTP),
        },
        auth_token: token(432_000),
        password_reset_token: token(1800),
        email_change_token: token(1800),
        verification_token: token(86_400),
        file_token: token(180),
        verification_template: template("Verify your {APP_NAME} email", VERIFY),
        reset_password_template: template("Reset your {APP_NAME} password", RESET),
        confirm_email_change_template: template(
            "Confirm your {APP_NAME} new email address",
            CHANGE,
        ),
        ..AuthOptions::default()
    }
}

/// A fresh signing secret.
pub fn secret() -> Secret {
    Secret::new(random_text(SECRET_LENGTH, KEY_ALPHABET))
}

/// Gives every token type its own secret, where it has none.
pub fn fill_secrets(options: &mut AuthOptions) {
    for token in options.tokens_mut() {
        if token.secret.is_empty() {
            token.secret = secret();
        }
    }
}

impl AuthOptions {
    /// The options of all token types, with their names on the wire.
    pub fn tokens(&self) -> [(&'static str, &TokenOptions); 5] {
        [
            ("authToken", &self.auth_token),
            ("passwordResetToken", &self.password_reset_token),
            ("emailChangeToken", &self.email_change_token),
            ("verificationToken", &self.verification_token),
            ("fileToken", &self.file_token),
        ]
    }

    /// The same, to be changed.
    pub fn tokens_mut(&mut self) -> [&mut TokenOptions; 5] {
        [
            &mut self.auth_token,
            &mut self.password_reset_token,
            &mut self.email_change_token,
            &mut self.verification_token,
            &mut self.file_token,
        ]
    }

    /// A copy that may be shown: without any secret.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        let mut shown = self.clone();
        for token in shown.tokens_mut() {
            token.secret = Secret::default();
        }
        for provider in &mut shown.oauth2.providers {
            provider.client_secret = Secret::default();
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_token_type_gets_a_secret_of_its_own() {
        let mut options = options();
        fill_secrets(&mut options);
        let secrets: std::collections::HashSet<&str> =
            options.tokens().iter().map(|(_, token)| token.secret.reveal()).collect();
        assert_eq!(secrets.len(), 5);
        assert!(secrets.iter().all(|secret| secret.len() == 50));
    }

    #[test]
    fn what_may_be_shown_has_no_secret() {
        let mut options = options();
        fill_secrets(&mut options);
        let shown = serde_json::to_string(&options.without_secrets()).unwrap();
        assert!(!shown.contains("ecret"), "{shown}");
    }

    #[test]
    fn mails_lead_to_the_pages_that_answer_them() {
        for (body, link) in [
            (VERIFY, "/_/#/auth/confirm-verification/{TOKEN}"),
            (RESET, "/_/#/auth/confirm-password-reset/{TOKEN}"),
            (CHANGE, "/_/#/auth/confirm-email-change/{TOKEN}"),
        ] {
            assert!(body.contains(&format!("{{APP_URL}}{link}")));
        }
        assert!(OTP.contains("<strong>{OTP}</strong>") && ALERT.contains("{ALERT_INFO}"));
    }
}
