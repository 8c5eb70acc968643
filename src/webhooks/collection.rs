//! The collection that webhooks are records of. PocketBase has none like it, so it is made when it
//! is first wanted; its fields are of kinds that PocketBase can read.

use serde_json::{Map, Value as Json, json};

/// Its name.
pub const COLLECTION: &str = "_webhooks";

/// Its definition: for superusers only.
pub(super) fn definition() -> Map<String, Json> {
    let definition = json!({
        "name": COLLECTION,
        "type": "base",
        "system": true,
        "fields": [
            {"name": "name", "type": "text", "system": true, "max": 255},
            {"name": "url", "type": "url", "system": true, "required": true},
            {"name": "collections", "type": "json", "system": true, "maxSize": 10_000},
            {"name": "events", "type": "select", "system": true, "maxSelect": 3,
             "values": ["create", "update", "delete"]},
            {"name": "filter", "type": "text", "system": true, "max": 3500},
            {"name": "secret", "type": "text", "system": true, "hidden": true, "max": 255,
             "autogeneratePattern": "whsec_[A-Za-z0-9]{32}"},
            {"name": "headers", "type": "json", "system": true, "hidden": true, "maxSize": 10_000},
            {"name": "enabled", "type": "bool", "system": true},
            {"name": "created", "type": "autodate", "system": true, "onCreate": true},
            {"name": "updated", "type": "autodate", "system": true, "onCreate": true,
             "onUpdate": true},
        ],
    });
    definition.as_object().cloned().unwrap_or_default()
}
