//! Field kind `select`: one or more of a fixed list of words.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};
use crate::schema::field::require;
use crate::schema::{Field, FieldKind, Place, cast, checks};
use crate::sql::{ColumnType, Value, ValueRef};

/// One or more of a fixed list of words. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Select {
    /// `values`.
    pub values: Vec<String>,
    /// `max_select`.
    pub max_select: i64,
}

impl FieldKind for Select {
    fn column(&self) -> ColumnType {
        if self.max_select > 1 { ColumnType::List } else { ColumnType::Text }
    }

    fn zero(&self) -> Value {
        cast::column_of(Vec::new(), self.max_select > 1)
    }

    fn cast(&self, input: &Json) -> Value {
        cast::column_of(cast::list(input), self.max_select > 1)
    }

    fn validate(&self, field: &Field, value: &Value) -> Result<(), Issue> {
        let items = cast::items_of(value.as_ref(), self.max_select > 1);
        require(field, !items.is_empty())?;
        let max = self.max_select.max(1);
        if items.len() as u64 > max.unsigned_abs() {
            let message = format!("Select no more than {max}.");
            return Err(Issue::with_message(Code::TooManyValues, message).param("maxSelect", max));
        }
        if let Some(unknown) = items.iter().find(|item| !self.values.contains(item)) {
            let message = format!("Invalid value {unknown}.");
            let issue = Issue::with_message(Code::InvalidValue, message);
            return Err(issue.param("value", unknown.as_str()));
        }
        Ok(())
    }

    fn write_json(&self, value: ValueRef<'_>, out: &mut Vec<u8>) {
        cast::write_items(value, self.max_select > 1, out);
    }

    fn check_options(&self, _: &Place<'_>, errors: &mut FieldErrors) {
        if self.values.is_empty() {
            return errors.add("values", Issue::new(Code::Required));
        }
        let count = i64::try_from(self.values.len()).unwrap_or(i64::MAX);
        checks::at_least(errors, "maxSelect", self.max_select, 0);
        checks::at_most(errors, "maxSelect", self.max_select, count);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::FieldType;
    use crate::schema::fields::testing::{check, code_of, field};

    fn select(max_select: i64) -> Field {
        let values = ["a", "b", "c"].map(str::to_owned).to_vec();
        field(FieldType::Select(Select { values, max_select }))
    }

    #[test]
    fn one_value_is_a_text_and_more_are_a_list() {
        check(&select(0), &json!(["a", "b"]), &Value::from("b"), r#""b""#, None);
        check(&select(2), &json!("a"), &Value::from(r#"["a"]"#), r#"["a"]"#, None);
        check(&select(2), &json!(null), &Value::from("[]"), "[]", None);
        check(&select(1), &json!(null), &Value::from(""), r#""""#, None);
    }

    #[test]
    fn values_and_their_number_are_checked() {
        let code = code_of(&select(2), &json!(["a", "b", "c"]));
        assert_eq!(code, Some("validation_too_many_values"));
        assert_eq!(code_of(&select(2), &json!(["a", "z"])), Some("validation_invalid_value"));
        let required = Field { required: true, ..select(2) };
        assert_eq!(code_of(&required, &json!([])), Some("validation_required"));
    }
}
