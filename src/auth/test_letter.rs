//! A letter to try a mail server and a template with: to nobody's record, with a token that proves
//! nothing.

use std::sync::Arc;

use serde::Deserialize;

use crate::auth::claims::{Claims, TokenType};
use crate::auth::mailed::email_issue;
use crate::auth::parts::Auth;
use crate::auth::token;
use crate::codes::Code;
use crate::crypto::{KEY_ALPHABET, random_text};
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::mail::Message;
use crate::records::{Audience, Record};
use crate::schema::system::SUPERUSERS;
use crate::schema::{AuthOptions, Collection, EmailTemplate, Schema};
use crate::sql::Value;

const FAILED: &str = "Failed to send the test email.";
const ID: &str = "test-id";
const NAME: &str = "Test";
const CODE: &str = "123456";
const ALERT: &str = "test-ip test-browser";

/// The body of `POST /api/settings/test/email`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct TestLetterForm {
    /// Whom to write to.
    pub email: String,
    /// Which letter.
    pub template: String,
    /// Whose letter: an auth collection, superusers where nothing is said.
    pub collection: String,
}

impl TestLetterForm {
    /// The names of the form.
    pub const NAMES: &'static [&'static str] = &["email", "template", "collection"];
}

/// The letters there are, by their names in the form.
#[derive(Clone, Copy)]
enum Letter {
    Token(TokenType),
    Otp,
    Alert,
}

impl Letter {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "verification" => Self::Token(TokenType::Verification),
            "password-reset" => Self::Token(TokenType::PasswordReset),
            "email-change" => Self::Token(TokenType::EmailChange),
            "otp" => Self::Otp,
            "login-alert" => Self::Alert,
            _ => return None,
        })
    }

    fn template(self, options: &AuthOptions) -> Option<&EmailTemplate> {
        match self {
            Self::Token(kind) => kind.template(options),
            Self::Otp => Some(&options.otp.email_template),
            Self::Alert => Some(&options.auth_alert.email_template),
        }
    }
}

impl Auth {
    /// Sends a letter of a collection at once.
    ///
    /// # Errors
    /// 400 for a form with faults, and with the words of the mail server when that fails.
    pub async fn send_test_letter(&self, schema: &Schema, form: TestLetterForm) -> Result<()> {
        let mut errors = FieldErrors::default();
        if let Some(issue) = email_issue(&form.email) {
            errors.add("email", issue);
        }
        let letter = Letter::parse(&form.template);
        if letter.is_none() {
            let code = if form.template.is_empty() { Code::Required } else { Code::InInvalid };
            errors.add("template", Issue::new(code));
        }
        let name = if form.collection.is_empty() { SUPERUSERS } else { &form.collection };
        let collection = schema.find(name).filter(|found| found.auth().is_some());
        if collection.is_none() {
            let message = "Must be a valid auth collection id or name.";
            errors.add("collection", Issue::with_message(Code::InvalidAuthCollection, message));
        }
        let (Some(letter), Some(collection), true) = (letter, collection, errors.is_empty()) else {
            return Err(Error::invalid(FAILED, errors));
        };
        let message = self.test_letter(collection, letter, &form.email)?;
        let sent = self.mail.send(&message).await;
        sent.map_err(|error| Error::bad_request(format!("{FAILED} Raw error: \n{error}")))
    }

    fn test_letter(
        &self,
        collection: &Arc<Collection>,
        letter: Letter,
        email: &str,
    ) -> Result<Message> {
        let options = collection.auth().ok_or_else(Error::missing_collection)?;
        let template = letter.template(options).ok_or_else(Error::not_found)?;
        let value = |name: &str| match name {
            "id" => Some(Value::from(ID)),
            "email" => Some(Value::from(email)),
            "name" => Some(Value::from(NAME)),
            _ => None,
        };
        let fields = collection.fields.iter();
        let values: Vec<Value> =
            fields.map(|field| value(&field.name).unwrap_or_else(|| field.kind.zero())).collect();
        let shape = self.records.shape(collection, Audience::Internal);
        let record = Record::from_values(&shape, &values);
        let alert = format!("{} - {ALERT}", self.clock.now());
        let token = match letter {
            Letter::Token(kind) => {
                let expires = self.expiry(kind.options(options));
                let mut claims = Claims::new(kind, &collection.id, ID, expires);
                claims.email = Some(email.to_owned());
                claims.new_email = (kind == TokenType::EmailChange).then(|| email.to_owned());
                token::sign(&claims, collection, &random_text(ID.len(), KEY_ALPHABET))?
            }
            Letter::Otp | Letter::Alert => String::new(),
        };
        let own: &[(&str, &str)] = match letter {
            Letter::Token(_) => &[("TOKEN", &token)],
            Letter::Otp => &[("OTP", CODE), ("OTP_ID", ID)],
            Letter::Alert => &[("ALERT_INFO", &alert)],
        };
        Ok(self.letter_to(collection, &record, template, own))
    }
}
