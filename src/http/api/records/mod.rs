//! `/api/collections/{collection}/records`.

pub mod create;
pub mod delete;
pub mod list;
pub mod update;
pub mod view;

use serde_json::{Map, Value};

use crate::codes::Code;
use crate::error::{FieldErrors, Issue, Result};
use crate::http::body::{DEFAULT_LIMIT, RecordBody};
use crate::schema::{Collection, FieldType};

/// Bytes a record's body may have: what its fields may hold beyond the general limit.
fn body_limit(collection: &Collection) -> usize {
    const MEBI: i64 = 1 << 20;
    let or = |given: i64, default: i64| if given > 0 { given } else { default };
    let extra: i64 = collection
        .fields
        .iter()
        .map(|field| match &field.kind {
            FieldType::File(file) => {
                or(file.max_size, 5 * MEBI).saturating_mul(file.max_select.max(1))
            }
            FieldType::Json(json) => or(json.max_size, MEBI),
            FieldType::Editor(editor) => or(editor.max_size, 5 * MEBI),
            _ => 0,
        })
        .fold(0, i64::saturating_add);
    DEFAULT_LIMIT.saturating_add(usize::try_from(extra).unwrap_or(usize::MAX))
}

/// The fields of a body. Files cannot be stored yet, and are refused rather than lost.
fn without_uploads(body: RecordBody) -> Result<Map<String, Value>> {
    let mut errors = FieldErrors::default();
    for field in body.file_fields {
        errors.add(
            field,
            Issue::with_message(Code::InvalidFile, "Files cannot be stored by this version."),
        );
    }
    errors.into_result("The request has files.")?;
    Ok(body.values)
}
