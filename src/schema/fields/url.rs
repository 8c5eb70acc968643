//! Field kind `url`: a web address.

use serde::{Deserialize, Serialize};

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};
use crate::schema::field::require;
use crate::schema::{Field, FieldKind, Place, address, checks, url_text};
use crate::sql::Value;

/// A web address. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Url {
    /// `except_domains`.
    pub except_domains: Vec<String>,
    /// `only_domains`.
    pub only_domains: Vec<String>,
}

impl FieldKind for Url {
    fn validate(&self, field: &Field, value: &Value) -> Result<(), Issue> {
        let text = value.text();
        require(field, !text.is_empty())?;
        if text.is_empty() {
            return Ok(());
        }
        if !url_text::is_url(text) {
            return Err(Issue::new(Code::InvalidUrl));
        }
        let host = url_text::url_host(text);
        if !address::is_allowed(host, &self.only_domains, &self.except_domains) {
            return Err(Issue::new(Code::UrlDomainNotAllowed));
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
    fn a_url_and_its_host_are_checked() {
        let only = Url { only_domains: vec!["x.co".to_owned()], ..Url::default() };
        let except = Url { except_domains: vec!["x.co".to_owned()], ..Url::default() };
        for (kind, input, expected) in [
            (&only, "http://x.co/a", None),
            (&only, "http://x.co:80/a", Some("validation_url_domain_not_allowed")),
            (&only, "x", Some("validation_invalid_url")),
            (&except, "http://y.co", None),
            (&except, "http://x.co", Some("validation_url_domain_not_allowed")),
        ] {
            let field = field(FieldType::Url(kind.clone()));
            assert_eq!(code_of(&field, &json!(input)), expected, "{input}");
        }
    }
}
