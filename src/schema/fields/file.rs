//! Field kind `file`: names of stored files.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::codes::Code;
use crate::error::Issue;
use crate::schema::field::require;
use crate::schema::{Field, FieldKind, cast};
use crate::sql::{ColumnType, Value, ValueRef};

/// Names of stored files. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct File {
    /// `max_select`.
    pub max_select: i64,
    /// `max_size`.
    pub max_size: i64,
    /// `mime_types`.
    pub mime_types: Vec<String>,
    /// `thumbs`.
    pub thumbs: Vec<String>,
    /// `protected`.
    pub protected: bool,
}

impl FieldKind for File {
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
            let message = format!("The maximum allowed files is {max}.");
            return Err(Issue::with_message(Code::TooManyFiles, message).param("maxSelect", max));
        }
        Ok(())
    }

    fn write_json(&self, value: ValueRef<'_>, out: &mut Vec<u8>) {
        cast::write_items(value, self.max_select > 1, out);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::FieldType;
    use crate::schema::fields::testing::{check, code_of, field};

    #[test]
    fn the_number_of_files_is_checked() {
        let field = field(FieldType::File(File { max_select: 2, ..File::default() }));
        check(&field, &json!("a.txt"), &Value::from(r#"["a.txt"]"#), r#"["a.txt"]"#, None);
        assert_eq!(code_of(&field, &json!(["a", "b", "c"])), Some("validation_too_many_files"));
    }
}
