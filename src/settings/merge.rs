//! A client's changes over what there is, as JSON trees.

use serde_json::{Map, Value};

/// Every name of the settings; keys of a change match them in any case.
pub(super) const NAMES: &[&str] = &[
    "accentColor",
    "accessKey",
    "appName",
    "appURL",
    "audience",
    "authMethod",
    "backups",
    "batch",
    "bucket",
    "cron",
    "cronMaxKeep",
    "duration",
    "enabled",
    "endpoint",
    "excludedIPs",
    "forcePathStyle",
    "headers",
    "hideControls",
    "host",
    "label",
    "localName",
    "logAuthId",
    "logIP",
    "logSQL",
    "logs",
    "maxBodySize",
    "maxDataSize",
    "maxDays",
    "maxRequests",
    "maxSize",
    "meta",
    "minLevel",
    "password",
    "port",
    "rateLimits",
    "redirect",
    "region",
    "rules",
    "s3",
    "secret",
    "senderAddress",
    "senderName",
    "smtp",
    "superuserIPs",
    "timeout",
    "tls",
    "trustedProxy",
    "useLeftmostIP",
    "username",
];

/// The same tree with keys in our own spelling. Of two that fold to one the later wins.
pub(super) fn fold_names(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut folded = Map::new();
            for (key, item) in object {
                let own = NAMES.iter().find(|name| name.eq_ignore_ascii_case(&key));
                folded.insert(own.map_or(key, |name| (*name).to_owned()), fold_names(item));
            }
            Value::Object(folded)
        }
        Value::Array(items) => Value::Array(items.into_iter().map(fold_names).collect()),
        other => other,
    }
}

/// Puts `change` over `target`: objects merge, anything else replaces.
pub(super) fn merge(target: &mut Value, change: Value) {
    match (target, change) {
        (Value::Object(target), Value::Object(change)) => {
            for (key, item) in change {
                match target.get_mut(&key) {
                    Some(old) => merge(old, item),
                    None => drop(target.insert(key, item)),
                }
            }
        }
        (target, change) => *target = change,
    }
}

/// Whether `change` has a list where `target` has an object, or a list of lists.
pub(super) fn has_list_for_object(target: &Value, change: &Value) -> bool {
    match (target, change) {
        (Value::Object(target), Value::Object(change)) => change
            .iter()
            .any(|(key, item)| target.get(key).is_some_and(|old| has_list_for_object(old, item))),
        (Value::Object(_), Value::Array(_)) => true,
        (_, Value::Array(items)) => items.iter().any(Value::is_array),
        _ => false,
    }
}

/// Drops keys that hold null, so that they read as zero. Null in a list stands for a zero item.
pub(super) fn strip_nulls(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.retain(|_, item| !item.is_null());
            object.values_mut().for_each(strip_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_nulls),
        _ => {}
    }
}
