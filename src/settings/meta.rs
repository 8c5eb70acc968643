//! Section `meta`: what the product is called and where it lives.

use serde::{Deserialize, Serialize};

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};
use crate::schema::{address::is_email, url_text::is_url};
use crate::settings::check;

/// What the product is called and where it lives.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Meta {
    /// The dashboard's accent, as `#rrggbb`.
    pub accent_color: String,
    /// The product's name, in mails.
    pub app_name: String,
    /// Where the product lives, for links in mails.
    #[serde(rename = "appURL")]
    pub app_url: String,
    /// Who mails come from.
    pub sender_name: String,
    /// From which address mails come.
    pub sender_address: String,
    /// Whether the dashboard hides what changes collections.
    pub hide_controls: bool,
}

impl Meta {
    pub(super) fn fresh() -> Self {
        Self {
            accent_color: "#1055c9".into(),
            app_name: "Acme".into(),
            app_url: "http://localhost:8090".into(),
            sender_name: "Support".into(),
            sender_address: "support@example.com".into(),
            hide_controls: false,
        }
    }

    pub(super) fn validate(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        for (field, text) in [("appName", &self.app_name), ("senderName", &self.sender_name)] {
            check::required(&mut errors, field, text);
            check::no_longer(&mut errors, field, text, 255);
        }
        check::required(&mut errors, "appURL", &self.app_url);
        check::passes(&mut errors, "appURL", &self.app_url, Code::IsUrl, is_url);
        check::required(&mut errors, "senderAddress", &self.sender_address);
        let address = &self.sender_address;
        check::passes(&mut errors, "senderAddress", address, Code::IsEmail, is_email);
        let color = &self.accent_color;
        if !color.is_empty() && color.len() != 7 {
            let message = "The length must be exactly 7.";
            let issue = Issue::with_message(Code::LengthInvalid, message);
            errors.add("accentColor", issue.param("min", 7).param("max", 7));
        }
        let code = Code::IsHexColor;
        check::passes(&mut errors, "accentColor", color, code, check::is_hex_color);
        errors
    }
}
