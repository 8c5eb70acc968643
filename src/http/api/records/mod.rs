//! `/api/collections/{collection}/records`.

pub mod changes;
pub mod create;
pub mod delete;
pub mod list;
pub mod update;
pub mod view;

use crate::http::limits::{BodyLimits, DEFAULT_BODY};
use crate::schema::{Collection, FieldType};

/// Bytes a record's body may have: what its fields may hold beyond the general limit.
fn body_limits(collection: &Collection) -> BodyLimits {
    const MEBI: i64 = 1 << 20;
    let or = |given: i64, default: i64| if given > 0 { given } else { default };
    let (mut files, mut texts) = (0_i64, 0_i64);
    for field in &collection.fields {
        match &field.kind {
            FieldType::File(file) => {
                let size = or(file.max_size, 5 * MEBI).saturating_mul(file.max_select.max(1));
                files = files.saturating_add(size);
            }
            FieldType::Json(json) => texts = texts.saturating_add(or(json.max_size, MEBI)),
            FieldType::Editor(editor) => {
                texts = texts.saturating_add(or(editor.max_size, 5 * MEBI));
            }
            _ => {}
        }
    }
    let bytes = |extra: i64| usize::try_from(extra).unwrap_or(usize::MAX);
    let text = DEFAULT_BODY.saturating_add(bytes(texts));
    BodyLimits { whole: text.saturating_add(bytes(files)), text }
}
