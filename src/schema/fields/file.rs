//! Field kind `file`: names of stored files.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};
use crate::schema::field::require;
use crate::schema::{Field, FieldKind, Place, cast, checks};
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
        cast::column_of(cast::flat_list(input), self.max_select > 1)
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

    fn check_options(&self, _: &Place<'_>, errors: &mut FieldErrors) {
        checks::at_least(errors, "maxSelect", self.max_select, 0);
        checks::at_most(errors, "maxSelect", self.max_select, checks::MAX_SAFE_INT);
        checks::at_least(errors, "maxSize", self.max_size, 0);
        checks::at_most(errors, "maxSize", self.max_size, checks::MAX_SAFE_INT);
        let mut inner = FieldErrors::default();
        for (at, size) in self.thumbs.iter().enumerate() {
            if let Some(code) = thumb_fault(size) {
                inner.add(at.to_string(), Issue::new(code));
            }
        }
        errors.nest("thumbs", inner);
    }
}

/// What is wrong with `WxH`, `WxHt`, `WxHb` or `WxHf`; one of both sides may be zero.
fn thumb_fault(size: &str) -> Option<Code> {
    let plain = size.strip_suffix(['t', 'b', 'f']).unwrap_or(size);
    if size.is_empty() {
        return None;
    }
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match plain.split_once('x') {
        Some((width, height)) if is_number(width) && is_number(height) => {
            (plain == "0x0").then_some(Code::NotInInvalid)
        }
        _ => Some(Code::MatchInvalid),
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
