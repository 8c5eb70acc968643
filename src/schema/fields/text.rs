//! Field kind `text`: plain text; also what ids are.

use serde::{Deserialize, Serialize};

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};
use crate::schema::{Field, FieldKind, Place, checks, patterns};
use crate::sql::{ColumnType, Value};

/// Plain text; also what ids are. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Text {
    /// `autogenerate_pattern`.
    pub autogenerate_pattern: String,
    /// `min`.
    pub min: i64,
    /// `max`.
    pub max: i64,
    /// `pattern`.
    pub pattern: String,
    /// `primary_key`.
    pub primary_key: bool,
    /// The order of the texts in a sort. Ours: the contract does not know it, so it is written
    /// only where it is set.
    #[serde(skip_serializing_if = "Collation::is_binary")]
    pub collation: Collation,
}

/// How texts are put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Collation {
    /// By their bytes, as the contract has it.
    #[default]
    #[serde(rename = "")]
    Binary,
    /// As people read: by letters first, then accents, then case.
    #[serde(rename = "unicode")]
    Unicode,
}

impl Collation {
    fn is_binary(&self) -> bool {
        *self == Self::Binary
    }
}

impl Text {
    /// Characters where the options say nothing.
    pub const DEFAULT_MAX: i64 = 5000;

    /// A fresh text of the field's own pattern, `""` when it has none.
    pub fn autogenerate(&self) -> String {
        if self.autogenerate_pattern.is_empty() {
            return String::new();
        }
        // Saving the field proved that the pattern expands.
        patterns::generate(&self.autogenerate_pattern).unwrap_or_default()
    }

    /// True for a primary key whose pattern is not that of common ids, which are safe by it.
    pub fn has_keys_of_its_own(&self) -> bool {
        self.primary_key && self.pattern != patterns::ID_PATTERN
    }

    /// Proves on some samples that the pattern expands to what the field accepts.
    fn check_generator(&self, field: &Field, errors: &mut FieldErrors) {
        const SAMPLES: usize = 10;
        const NAME: &str = "autogeneratePattern";
        checks::regex(errors, NAME, &self.autogenerate_pattern);
        for _ in 0..SAMPLES {
            let text = match patterns::generate(&self.autogenerate_pattern) {
                Ok(text) => text,
                Err(reason) => {
                    let message = format!("Unsupported pattern - {reason}.");
                    let issue = Issue::with_message(Code::InvalidAutogeneratePattern, message);
                    return errors.add(NAME, issue);
                }
            };
            if self.validate(field, &Value::from(text.as_str())).is_err() {
                let message = format!(
                    "The provided autogenerate pattern could produce invalid field values, \
                     ex.: \"{text}\"."
                );
                let issue = Issue::with_message(Code::InvalidAutogeneratePatternValue, message);
                return errors.add(NAME, issue);
            }
        }
    }
}

/// Characters a primary key may not hold: it becomes part of paths and file names.
const FORBIDDEN_IN_KEYS: &[char] = &[
    '.', '/', '\\', '|', '"', '\'', '`', '<', '>', ':', '?', '*', '%', '$', '\0', '\t', '\r', '\n',
    ' ',
];

/// Names that some file systems keep for devices.
fn is_device_name(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let is_numbered = ["COM", "LPT"].iter().any(|name| {
        upper.strip_prefix(name).is_some_and(|n| matches!(n.as_bytes(), [b'1'..=b'9']))
    });
    is_numbered || matches!(upper.as_str(), "CON" | "PRN" | "AUX" | "NUL")
}

/// What the default pattern of ids excludes by itself.
fn check_key(text: &str) -> Result<(), Issue> {
    if let Some(forbidden) = text.chars().find(|c| FORBIDDEN_IN_KEYS.contains(c)) {
        let message = format!("'{forbidden}' is not a valid primary key character.");
        let issue = Issue::with_message(Code::ForbiddenPkCharacter, message);
        return Err(issue.param("ch", forbidden.to_string()));
    }
    if is_device_name(text) {
        let issue = Issue::with_message(Code::ReservedPk, format!("'{text}' is a reserved key."));
        return Err(issue.param("reserved", text.to_ascii_uppercase()));
    }
    Ok(())
}

impl FieldKind for Text {
    fn column(&self) -> ColumnType {
        if self.primary_key { ColumnType::PrimaryKey } else { ColumnType::Text }
    }

    fn validate(&self, field: &Field, value: &Value) -> Result<(), Issue> {
        let text = value.text();
        if text.is_empty() {
            return if field.required || self.primary_key {
                Err(Issue::new(Code::Required))
            } else {
                Ok(())
            };
        }
        let length = text.chars().count() as u64;
        if self.min > 0 && length < self.min.unsigned_abs() {
            let message = format!("Must be at least {} character(s).", self.min);
            let issue = Issue::with_message(Code::MinTextConstraint, message);
            return Err(issue.param("min", self.min));
        }
        let max = if self.max > 0 { self.max } else { Self::DEFAULT_MAX };
        if length > max.unsigned_abs() {
            let message = format!("Must be no more than {max} character(s).");
            return Err(Issue::with_message(Code::MaxTextConstraint, message).param("max", max));
        }
        if !self.pattern.is_empty() && !patterns::is_match(&self.pattern, text) {
            return Err(Issue::new(Code::InvalidFormat));
        }
        if self.has_keys_of_its_own() { check_key(text) } else { Ok(()) }
    }

    fn check_options(&self, place: &Place<'_>, errors: &mut FieldErrors) {
        checks::at_least(errors, "min", self.min, 0);
        checks::at_most(errors, "min", self.min, checks::MAX_SAFE_INT);
        checks::at_least(errors, "max", self.max, self.min);
        checks::at_most(errors, "max", self.max, checks::MAX_SAFE_INT);
        checks::regex(errors, "pattern", &self.pattern);
        if self.primary_key {
            if place.field.name != "id" {
                let message = "The primary key must be named \"id\".";
                errors.add("name", Issue::with_message(Code::InInvalid, message));
            }
            checks::required(errors, "pattern", &self.pattern);
            if !place.field.required {
                errors.add("required", Issue::new(Code::Required));
            }
        }
        if !self.autogenerate_pattern.is_empty() {
            self.check_generator(place.field, errors);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::FieldType;
    use crate::schema::fields::testing::{check, code_of, field};

    #[test]
    fn length_and_form_are_checked() {
        let options = Text { min: 2, max: 4, pattern: "^[a-zé]+$".to_owned(), ..Text::default() };
        let field = field(FieldType::Text(options));
        check(&field, &json!("éé"), &Value::from("éé"), r#""éé""#, None);
        for (input, expected) in [
            (json!(""), None),
            (json!("a"), Some("validation_min_text_constraint")),
            (json!("abcde"), Some("validation_max_text_constraint")),
            (json!("AB"), Some("validation_invalid_format")),
        ] {
            assert_eq!(code_of(&field, &input), expected, "{input}");
        }
        let required = Field { required: true, ..field };
        assert_eq!(code_of(&required, &json!("")), Some("validation_required"));
    }

    #[test]
    fn keys_of_a_pattern_of_their_own_must_still_be_safe_names() {
        let key = field(FieldType::Text(Text { primary_key: true, ..Text::default() }));
        for (input, expected) in [
            (json!("a-b_C"), None),
            (json!("a/b"), Some("validation_forbidden_pk_character")),
            (json!("a b"), Some("validation_forbidden_pk_character")),
            (json!("con"), Some("validation_reserved_pk")),
            (json!("LPT9"), Some("validation_reserved_pk")),
            (json!("LPT0"), None),
            (json!(""), Some("validation_required")),
        ] {
            assert_eq!(code_of(&key, &input), expected, "{input}");
        }
    }

    #[test]
    fn a_text_generates_itself() {
        let text = Text { autogenerate_pattern: "s-[a-z0-9]{6}".to_owned(), ..Text::default() };
        let slug = text.autogenerate();
        assert!(slug.starts_with("s-") && slug.len() == 8, "{slug}");
        assert_eq!(Text::default().autogenerate(), "");
    }
}
