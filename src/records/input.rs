//! What a client sent, made into values: modifiers first, then casts (contract §1.9).

use serde_json::{Map, Value as Json};

use crate::json;
use crate::records::expand::listed;
use crate::schema::{Collection, Field, FieldType, cast};
use crate::sql::Value;

/// How a key such as `tags+` changes a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Modifier {
    Append,
    Prepend,
    Remove,
    Autogenerate,
}

/// The field a key names and how it changes it.
fn target<'c>(collection: &'c Collection, key: &str) -> Option<(&'c Field, Modifier)> {
    let (name, modifier) = if let Some(name) = key.strip_suffix(":autogenerate") {
        (name, Modifier::Autogenerate)
    } else if let Some(name) = key.strip_suffix('+') {
        (name, Modifier::Append)
    } else if let Some(name) = key.strip_suffix('-') {
        (name, Modifier::Remove)
    } else {
        (key.strip_prefix('+')?, Modifier::Prepend)
    };
    let field = collection.field(name)?;
    let fits = match field.kind {
        FieldType::Number(_) => matches!(modifier, Modifier::Append | Modifier::Remove),
        FieldType::Select(_) | FieldType::Relation(_) | FieldType::File(_) => {
            modifier != Modifier::Autogenerate
        }
        FieldType::Text(_) => modifier == Modifier::Autogenerate,
        _ => false,
    };
    fits.then_some((field, modifier))
}

/// The body with its modifiers worked out: rules see the value that would be stored.
///
/// `stored` gives the present value of a field. Keys are applied from the shortest to the longest.
pub(crate) fn resolve_modifiers(
    collection: &Collection,
    stored: impl Fn(&Field) -> Value,
    mut body: Map<String, Json>,
) -> Map<String, Json> {
    let mut keys: Vec<String> =
        body.keys().filter(|key| target(collection, key).is_some()).cloned().collect();
    keys.sort_by_key(|key| (key.len(), key.clone()));
    for key in keys {
        let (Some((field, modifier)), Some(operand)) =
            (target(collection, &key), body.remove(&key))
        else {
            continue;
        };
        let current = match body.get(&field.name) {
            Some(sent) => field.kind.cast(sent),
            None => stored(field),
        };
        body.insert(field.name.clone(), apply(field, modifier, &current, &operand));
    }
    body
}

fn apply(field: &Field, modifier: Modifier, current: &Value, operand: &Json) -> Json {
    match &field.kind {
        FieldType::Number(_) => {
            let sign = if modifier == Modifier::Remove { -1.0 } else { 1.0 };
            number(float(current) + sign * float(&field.kind.cast(operand)))
        }
        FieldType::Text(text) => {
            Json::from(format!("{}{}", cast::text(operand), text.autogenerate()))
        }
        // All items of the operand count, even where the field keeps one.
        FieldType::File(_) => {
            list(field, modifier, listed(current.text()), &cast::flat_list(operand))
        }
        _ => list(field, modifier, listed(current.text()), &cast::list(operand)),
    }
}

fn list(field: &Field, modifier: Modifier, current: Vec<String>, operand: &[String]) -> Json {
    let joined: Vec<String> = match modifier {
        Modifier::Remove => current.into_iter().filter(|item| !operand.contains(item)).collect(),
        Modifier::Prepend => operand.iter().cloned().chain(current).collect(),
        Modifier::Append | Modifier::Autogenerate => {
            current.into_iter().chain(operand.iter().cloned()).collect()
        }
    };
    let mut unique: Vec<String> = Vec::with_capacity(joined.len());
    for item in joined {
        if !unique.contains(&item) {
            unique.push(item);
        }
    }
    if field.kind.is_multiple() {
        Json::from(unique)
    } else {
        Json::from(unique.pop().unwrap_or_default())
    }
}

fn float(value: &Value) -> f64 {
    match value {
        Value::Int(int) => *int as f64,
        Value::Real(real) => *real,
        _ => 0.0,
    }
}

/// Whole numbers stay whole.
fn number(float: f64) -> Json {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if float.fract() == 0.0 && float.abs() <= EXACT {
        Json::from(float as i64)
    } else {
        Json::from(float)
    }
}

/// Leaves out what this caller may not write, under whatever key it was sent: `credits` as well as
/// `credits+`.
pub(crate) fn without_hidden(
    collection: &Collection,
    mut body: Map<String, Json>,
    is_superuser: bool,
) -> Map<String, Json> {
    if is_superuser {
        return body;
    }
    let is_auth = collection.auth().is_some();
    body.retain(|key, _| {
        let named = collection.field(key);
        let field = named.or_else(|| target(collection, key).map(|(field, _)| field));
        field.is_none_or(|field| !field.hidden || (is_auth && field.name == "password"))
    });
    body
}

/// The body as rules see it: what was sent for a field is what the field makes of it, so that no
/// spelling of a value gets past a rule. `values` are those of [`cast_into`].
pub(crate) fn as_cast(
    collection: &Collection,
    mut body: Map<String, Json>,
    values: &[Value],
) -> Map<String, Json> {
    for (field, value) in collection.fields.iter().zip(values) {
        let Some(sent) = body.get_mut(&field.name) else { continue };
        if matches!(field.kind, FieldType::Password(_)) {
            *sent = Json::String(cast::text(sent));
            continue;
        }
        let mut shown = Vec::new();
        field.kind.write_json(value.as_ref(), &mut shown);
        if let Ok(seen) = json::parse(&shown) {
            *sent = seen;
        }
    }
    body
}

/// Casts the sent values over `values`, which stand in the order of the collection's fields.
/// Passwords and moments the server sets are left alone.
pub(crate) fn cast_into(collection: &Collection, body: &Map<String, Json>, values: &mut [Value]) {
    for (field, value) in collection.fields.iter().zip(values) {
        let sent_by_others = matches!(field.kind, FieldType::Autodate(_) | FieldType::Password(_));
        if let Some(sent) = body.get(&field.name).filter(|_| !sent_by_others) {
            *value = field.kind.cast(sent);
        }
    }
}
