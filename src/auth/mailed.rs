//! What is proved by mail: requests for a letter. See `errands` for how they are answered.

use serde::Deserialize;

use crate::auth::errands::Errand;
use crate::auth::parts::Auth;
use crate::codes::Code;
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::schema::system::SUPERUSERS;
use crate::schema::{Collection, address};

pub(super) const INVALID: &str = "An error occurred while validating the submitted data.";

/// The body of a request for a letter.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct EmailForm {
    /// Whom to write to.
    pub email: String,
}

impl EmailForm {
    /// The names of the form.
    pub const NAMES: &'static [&'static str] = &["email"];

    fn check(&self) -> Result<()> {
        let issue = if self.email.is_empty() {
            Issue::new(Code::Required)
        } else if address::is_email(&self.email) {
            return Ok(());
        } else {
            Issue::new(Code::IsEmail)
        };
        Err(Error::invalid(INVALID, FieldErrors::one("email", issue)))
    }
}

impl Auth {
    /// Refuses a collection whose records need no verification.
    ///
    /// # Errors
    /// 400 for superusers.
    pub fn require_verification(&self, collection: &Collection) -> Result<()> {
        if collection.name == SUPERUSERS {
            return Err(Error::bad_request("All superusers are verified by default."));
        }
        Ok(())
    }

    /// Has a link mailed that verifies the record of an address.
    ///
    /// # Errors
    /// 400 for what is no address, 503 when too much is queued.
    pub async fn request_verification(
        &self,
        collection: &Collection,
        form: EmailForm,
    ) -> Result<()> {
        form.check()?;
        let (collection, email) = (collection.id.clone(), form.email);
        self.send_on(&Errand::Verification { collection, email }).await
    }

    /// Refuses a collection whose records have no use for a password.
    ///
    /// # Errors
    /// 400.
    pub fn require_password_reset(&self, collection: &Collection) -> Result<()> {
        let options = collection.auth().filter(|options| options.password_auth.enabled);
        options.map(drop).ok_or_else(|| {
            Error::bad_request("The collection is not configured to allow password authentication.")
        })
    }

    /// Has a link mailed that sets a new password for the record of an address.
    ///
    /// # Errors
    /// 400 for what is no address, 503 when too much is queued.
    pub async fn request_password_reset(
        &self,
        collection: &Collection,
        form: EmailForm,
    ) -> Result<()> {
        form.check()?;
        let (collection, email) = (collection.id.clone(), form.email);
        self.send_on(&Errand::PasswordReset { collection, email }).await
    }
}
