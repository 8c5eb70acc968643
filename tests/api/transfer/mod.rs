//! Records as files: imports and exports, for superusers.

mod exports;
mod imports;
mod round_trip;

use serde_json::{Value, json};

use crate::support::{Answer, Caller};

/// Makes a collection with these fields, and nobody but superusers may look.
async fn collection(root: &Caller, name: &str, fields: Value) -> Value {
    let made = root.post("/api/collections", json!({"name": name, "fields": fields})).await;
    assert_eq!(made.status, 200, "{}", made.body);
    made.body
}

/// Imports text under a content type.
async fn import(root: &Caller, collection: &str, query: &str, kind: &str, text: &str) -> Answer {
    let path = format!("/api/gr/collections/{collection}/import?{query}");
    root.post_text(&path, kind, text).await
}

/// The counts of a report: rows, created, updated, rejected.
fn counts(report: &Value) -> [u64; 4] {
    ["rows", "created", "updated", "rejected"].map(|name| report[name].as_u64().expect("a count"))
}

async fn total(root: &Caller, collection: &str) -> u64 {
    let list = root.get(&format!("/api/collections/{collection}/records")).await;
    list.body["totalItems"].as_u64().expect("a list")
}

/// The body of an export as text.
async fn export(root: &Caller, path: &str) -> String {
    let fetched = root.fetch(path, &[("authorization", &root.token)]).await;
    let text = String::from_utf8(fetched.bytes.clone()).expect("text");
    assert_eq!(fetched.status, 200, "{text}");
    text
}
