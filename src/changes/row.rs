//! The row that a delete took, as JSON and back.

use serde_json::{Map, Value as Json};

use crate::schema::{Collection, Field, FieldType};
use crate::sql::Value;

/// The values of a row by the name of their fields; passwords and token keys are left out.
pub(super) fn to_json(collection: &Collection, values: &[Value]) -> String {
    let is_auth = collection.auth().is_some();
    let is_secret = |field: &Field| {
        matches!(field.kind, FieldType::Password(_)) || (is_auth && field.name == "tokenKey")
    };
    let kept = collection.fields.iter().zip(values).filter(|(field, _)| !is_secret(field));
    let object: Map<String, Json> =
        kept.map(|(field, value)| (field.name.clone(), json(value))).collect();
    Json::Object(object).to_string()
}

fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Int(int) => Json::from(*int),
        Value::Real(real) => Json::from(*real),
        Value::Text(text) => Json::from(text.as_str()),
    }
}

/// The row in the order of the fields as they are now; what it did not have is empty.
pub(super) fn from_json(collection: &Collection, text: &str) -> Vec<Value> {
    let object: Map<String, Json> = serde_json::from_str(text).unwrap_or_default();
    let value = |field: &Field| match object.get(&field.name) {
        Some(Json::Null) => Value::Null,
        Some(Json::String(text)) => Value::Text(text.clone()),
        Some(Json::Number(number)) => number
            .as_i64()
            .map_or_else(|| Value::Real(number.as_f64().unwrap_or_default()), Value::Int),
        _ => field.kind.zero(),
    };
    collection.fields.iter().map(value).collect()
}
