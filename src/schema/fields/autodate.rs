//! Field kind `autodate`: a moment the server sets when a record is made or changed.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};
use crate::schema::{Field, FieldKind, Place, date_text};
use crate::sql::Value;

/// A moment the server sets when a record is made or changed. Options as on the wire; see contract
/// §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Autodate {
    /// `on_create`.
    pub on_create: bool,
    /// `on_update`.
    pub on_update: bool,
}

impl FieldKind for Autodate {
    /// Reads dates of our own making; what a client sends is dropped before it comes here.
    fn cast(&self, input: &Json) -> Value {
        Value::Text(input.as_str().map(date_text::normalize).unwrap_or_default())
    }

    fn validate(&self, _: &Field, _: &Value) -> Result<(), Issue> {
        Ok(())
    }

    fn check_options(&self, _: &Place<'_>, errors: &mut FieldErrors) {
        if !self.on_create && !self.on_update {
            let message = "Either onCreate or onUpdate must be enabled.";
            for name in ["onCreate", "onUpdate"] {
                errors.add(name, Issue::with_message(Code::Required, message));
            }
        }
    }
}
