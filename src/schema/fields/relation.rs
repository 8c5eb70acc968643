//! Field kind `relation`: ids of records of another collection.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};
use crate::schema::field::require;
use crate::schema::{Field, FieldKind, FieldType, Place, cast, checks};
use crate::sql::{ColumnType, Value, ValueRef};

/// Ids of records of another collection. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Relation {
    /// `collection_id`.
    pub collection_id: String,
    /// `cascade_delete`.
    pub cascade_delete: bool,
    /// `min_select`.
    pub min_select: i64,
    /// `max_select`.
    pub max_select: i64,
}

impl FieldKind for Relation {
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
        let count = items.len() as u64;
        if count > 0 && self.max_select > 1 && count < self.min_select.max(0).unsigned_abs() {
            let message = format!("Select at least {}.", self.min_select);
            let issue = Issue::with_message(Code::NotEnoughValues, message);
            return Err(issue.param("minSelect", self.min_select));
        }
        let max = self.max_select.max(1);
        if count > max.unsigned_abs() {
            let message = format!("Select no more than {max}.");
            return Err(Issue::with_message(Code::TooManyValues, message).param("maxSelect", max));
        }
        Ok(())
    }

    fn write_json(&self, value: ValueRef<'_>, out: &mut Vec<u8>) {
        cast::write_items(value, self.max_select > 1, out);
    }

    fn check_options(&self, place: &Place<'_>, errors: &mut FieldErrors) {
        checks::at_least(errors, "minSelect", self.min_select, 0);
        if self.min_select > 0 && self.max_select == 0 {
            errors.add("maxSelect", Issue::new(Code::Required));
        }
        checks::at_least(errors, "maxSelect", self.max_select, self.min_select);
        checks::required(errors, "collectionId", &self.collection_id);
        if self.collection_id == place.collection.id {
            return;
        }
        if let Some(FieldType::Relation(old)) = place.old.map(|field| &field.kind)
            && old.collection_id != self.collection_id
        {
            errors.add("collectionId", Issue::new(Code::FieldRelationChange));
        }
        // An id that is also the name of another collection would be taken for that one.
        let id = self.collection_id.as_str();
        let target = place.schema.find(id).filter(|target| target.id == id);
        let Some(target) = target else {
            let message = "The relation collection doesn't exist.";
            let code = Code::FieldRelationMissingCollection;
            return errors.add("collectionId", Issue::with_message(code, message));
        };
        if target.is_view() && !place.collection.is_view() {
            errors.add("collectionId", Issue::new(Code::RelationFieldNonViewBaseCollection));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::fields::testing::{check, code_of, field};

    #[test]
    fn the_number_of_links_is_checked() {
        let options = Relation { min_select: 2, max_select: 3, ..Relation::default() };
        let field = field(FieldType::Relation(options));
        check(&field, &json!(["a", "b"]), &Value::from(r#"["a","b"]"#), r#"["a","b"]"#, None);
        assert_eq!(code_of(&field, &json!(["a"])), Some("validation_not_enough_values"));
        assert_eq!(code_of(&field, &json!([])), None);
        let code = code_of(&field, &json!(["a", "b", "c", "d"]));
        assert_eq!(code, Some("validation_too_many_values"));
    }
}
