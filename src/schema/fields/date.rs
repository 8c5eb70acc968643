//! Field kind `date`: a moment in UTC.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::codes::Code;
use crate::error::Issue;
use crate::schema::field::require;
use crate::schema::{Field, FieldKind, date_text};
use crate::sql::Value;

/// A moment in UTC. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Date {
    /// `min`.
    pub min: String,
    /// `max`.
    pub max: String,
}

impl FieldKind for Date {
    fn cast(&self, input: &Json) -> Value {
        Value::Text(input.as_str().map(date_text::normalize).unwrap_or_default())
    }

    fn validate(&self, field: &Field, value: &Value) -> Result<(), Issue> {
        let text = value.text();
        require(field, !text.is_empty())?;
        if text.is_empty() {
            return Ok(());
        }
        // The form of the disk sorts like the moments it names.
        if !self.min.is_empty() && text < self.min.as_str() {
            return Err(limit(Code::MinGreaterEqualThanRequired, "less", &self.min));
        }
        if !self.max.is_empty() && text > self.max.as_str() {
            return Err(limit(Code::MaxLessEqualThanRequired, "greater", &self.max));
        }
        Ok(())
    }
}

fn limit(code: Code, side: &str, threshold: &str) -> Issue {
    let (shown, param) = date_text::parse(threshold).map(date_text::spellings).unwrap_or_default();
    Issue::with_message(code, format!("Must be no {side} than {shown}.")).param("threshold", param)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::FieldType;
    use crate::schema::fields::testing::{check, field};

    #[test]
    fn a_date_is_kept_in_the_form_of_the_wire() {
        let options = Date {
            min: "2020-01-01 00:00:00.000Z".to_owned(),
            max: "2030-01-01 00:00:00.000Z".to_owned(),
        };
        let field = field(FieldType::Date(options));
        let good = Value::from("2022-01-02 01:04:05.000Z");
        let shown = r#""2022-01-02 01:04:05.000Z""#;
        check(&field, &json!("2022-01-02T03:04:05+02:00"), &good, shown, None);
        check(&field, &json!(1_640_995_200), &Value::from(""), r#""""#, None);
        let issue = field.kind.validate(&field, &Value::from("2031-01-01 00:00:00.000Z"));
        let issue = issue.unwrap_err();
        assert_eq!(issue.message, "Must be no greater than 2030-01-01 00:00:00 +0000 UTC.");
        assert_eq!(issue.params["threshold"], "2030-01-01T00:00:00Z");
        let required = Field { required: true, ..field };
        check(&required, &json!("x"), &Value::from(""), r#""""#, Some("validation_required"));
    }
}
