//! Field kind `bool`: true or false.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::error::Issue;
use crate::schema::field::require;
use crate::schema::{Field, FieldKind, cast};
use crate::sql::{ColumnType, Value, ValueRef};

/// True or false. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Bool {}

impl FieldKind for Bool {
    fn column(&self) -> ColumnType {
        ColumnType::Bool
    }

    fn zero(&self) -> Value {
        Value::Int(0)
    }

    fn cast(&self, input: &Json) -> Value {
        Value::from(cast::truth(input))
    }

    fn validate(&self, field: &Field, value: &Value) -> Result<(), Issue> {
        require(field, value.as_ref().is_true())
    }

    fn write_json(&self, value: ValueRef<'_>, out: &mut Vec<u8>) {
        let is_true = match value {
            ValueRef::Text(text) => cast::truth(&Json::String(text.to_owned())),
            number => number.is_true(),
        };
        out.extend_from_slice(if is_true { b"true" } else { b"false" });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::FieldType;
    use crate::schema::fields::testing::{check, field};

    #[test]
    fn a_bool_is_one_or_zero_on_disk() {
        let field = field(FieldType::Bool(Bool::default()));
        check(&field, &json!("t"), &Value::Int(1), "true", None);
        check(&field, &json!(0), &Value::Int(0), "false", None);
        let required = Field { required: true, ..field };
        check(&required, &json!(false), &Value::Int(0), "false", Some("validation_required"));
    }
}
