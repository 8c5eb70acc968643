//! Field kind `email`: an e-mail address.

use serde::{Deserialize, Serialize};

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};
use crate::schema::field::require;
use crate::schema::{Field, FieldKind, Place, address, checks};
use crate::sql::Value;

/// An e-mail address. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Email {
    /// `except_domains`.
    pub except_domains: Vec<String>,
    /// `only_domains`.
    pub only_domains: Vec<String>,
}

impl FieldKind for Email {
    fn validate(&self, field: &Field, value: &Value) -> Result<(), Issue> {
        let text = value.text();
        require(field, !text.is_empty())?;
        if text.is_empty() {
            return Ok(());
        }
        if !address::is_email(text) {
            return Err(Issue::new(Code::IsEmail));
        }
        let domain = address::email_domain(text);
        if !address::is_allowed(domain, &self.only_domains, &self.except_domains) {
            return Err(Issue::new(Code::EmailDomainNotAllowed));
        }
        Ok(())
    }

    fn check_options(&self, _: &Place<'_>, errors: &mut FieldErrors) {
        checks::domains(errors, &self.only_domains, &self.except_domains);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::FieldType;
    use crate::schema::fields::testing::{code_of, field};

    #[test]
    fn an_address_and_its_domain_are_checked() {
        let only = Email { only_domains: vec!["x.co".to_owned()], ..Email::default() };
        let except = Email { except_domains: vec!["x.co".to_owned()], ..Email::default() };
        for (kind, input, expected) in [
            (&only, "a@x.co", None),
            (&only, "a@X.co", Some("validation_email_domain_not_allowed")),
            (&only, "a", Some("validation_is_email")),
            (&only, "", None),
            (&except, "a@y.co", None),
            (&except, "a@x.co", Some("validation_email_domain_not_allowed")),
        ] {
            let field = field(FieldType::Email(kind.clone()));
            assert_eq!(code_of(&field, &json!(input)), expected, "{input}");
        }
    }
}
