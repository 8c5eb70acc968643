//! Field kind `password`: a password, of which only the hash is kept.

use serde::{Deserialize, Serialize};

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};
use crate::schema::field::require;
use crate::schema::{Field, FieldKind, Place, checks, patterns};
use crate::sql::{Value, ValueRef};

/// A password, of which only the hash is kept. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Password {
    /// `cost`.
    pub cost: i64,
    /// `min`.
    pub min: i64,
    /// `max`.
    pub max: i64,
    /// `pattern`.
    pub pattern: String,
}

impl Password {
    /// The most bytes a hash looks at.
    pub const MAX_BYTES: usize = 72;
    /// Characters where the options say nothing.
    pub const DEFAULT_MAX: i64 = 71;
}

impl FieldKind for Password {
    /// Checks a password as it was typed, before it is hashed.
    fn validate(&self, field: &Field, value: &Value) -> Result<(), Issue> {
        let text = value.text();
        require(field, !text.is_empty())?;
        if text.is_empty() {
            return Ok(());
        }
        if text.len() > Self::MAX_BYTES {
            return Err(Issue::new(Code::InvalidValue));
        }
        let length = text.chars().count() as u64;
        if self.min > 0 && length < self.min.unsigned_abs() {
            let message = format!("Must be at least {} character(s).", self.min);
            return Err(Issue::with_message(Code::MinTextConstraint, message));
        }
        let max = if self.max > 0 { self.max } else { Self::DEFAULT_MAX };
        if length > max.unsigned_abs() {
            let message = format!("Must be less than {max} character(s).");
            return Err(Issue::with_message(Code::MaxTextConstraint, message));
        }
        if !self.pattern.is_empty() && !patterns::is_match(&self.pattern, text) {
            return Err(Issue::new(Code::InvalidFormat));
        }
        Ok(())
    }

    /// Never shown.
    fn write_json(&self, _: ValueRef<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\"\"");
    }

    fn check_options(&self, _: &Place<'_>, errors: &mut FieldErrors) {
        checks::at_least(errors, "min", self.min, 1);
        checks::at_most(errors, "min", self.min, Self::DEFAULT_MAX);
        checks::at_least(errors, "max", self.max, self.min);
        checks::at_most(errors, "max", self.max, Self::DEFAULT_MAX);
        checks::at_least(errors, "cost", self.cost, 4);
        checks::at_most(errors, "cost", self.cost, 31);
        checks::regex(errors, "pattern", &self.pattern);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::FieldType;
    use crate::schema::fields::testing::{check, code_of, field};

    #[test]
    fn a_password_is_checked_and_never_shown() {
        let pattern = "^[a-z]+$".to_owned();
        let field = field(FieldType::Password(Password { min: 4, max: 6, pattern, cost: 0 }));
        check(&field, &json!("abcd"), &Value::from("abcd"), r#""""#, None);
        for (input, expected) in [
            (json!(""), None),
            (json!("abc"), Some("validation_min_text_constraint")),
            (json!("abcdefg"), Some("validation_max_text_constraint")),
            (json!("ABCDE"), Some("validation_invalid_format")),
            (json!("é".repeat(40)), Some("validation_invalid_value")),
        ] {
            assert_eq!(code_of(&field, &input), expected, "{input}");
        }
    }
}
