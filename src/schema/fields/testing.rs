//! What the tests of all kinds share.

use crate::schema::{Field, FieldType};
use crate::sql::Value;

/// A plain field of a kind.
pub fn field(kind: FieldType) -> Field {
    Field { name: "f".to_owned(), ..Field::of(kind) }
}

/// The code a cast input is refused with.
pub fn code_of(field: &Field, input: &serde_json::Value) -> Option<&'static str> {
    let value = field.kind.cast(input);
    field.kind.validate(field, &value).err().map(|issue| issue.code.as_str())
}

/// Casts, shows and validates.
pub fn check(
    field: &Field,
    input: &serde_json::Value,
    column: &Value,
    shown: &str,
    code: Option<&str>,
) {
    let value = field.kind.cast(input);
    assert_eq!(&value, column, "{input}");
    let mut out = Vec::new();
    field.kind.write_json(value.as_ref(), &mut out);
    assert_eq!(String::from_utf8(out).unwrap(), shown, "{input}");
    assert_eq!(code_of(field, input), code, "{input}");
}
