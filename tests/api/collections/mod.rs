//! Collections as their routes show and change them.

mod auth_options;
mod cascade;
mod fields;
mod import;
mod indexes;
mod meta;
mod rename;
mod views;

use serde_json::{Value, json};

use crate::support::{Caller, TestApp};

const COLLECTIONS: &str = "/api/collections";

/// A running server and its superuser.
async fn spawn() -> (TestApp, Caller) {
    let test = TestApp::spawn().await;
    let root = test.superuser().await;
    (test, root)
}

/// Makes a collection that must be fine.
async fn make(root: &Caller, body: Value) -> Value {
    let answer = root.post(COLLECTIONS, body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

/// Makes a record that must be fine.
async fn add(root: &Caller, collection: &str, body: Value) {
    let answer = root.post(&format!("{COLLECTIONS}/{collection}/records"), body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// The records of a collection by id, each reduced to `fields`.
async fn rows(root: &Caller, collection: &str, fields: &str) -> Value {
    let path = format!("{COLLECTIONS}/{collection}/records?sort=id&fields={fields}");
    root.get(&path).await.body["items"].clone()
}

/// The fields of a collection, each changed by `change`; those it answers `None` for go.
fn changed(collection: &Value, change: impl Fn(&str, Value) -> Option<Value>) -> Value {
    let fields = collection["fields"].as_array().expect("fields").iter();
    let kept = fields.filter_map(|field| {
        let name = field["name"].as_str().unwrap_or_default().to_owned();
        change(&name, field.clone())
    });
    json!(kept.collect::<Vec<Value>>())
}

/// A field with one option of its own.
fn with(mut field: Value, option: &str, value: Value) -> Value {
    field[option] = value;
    field
}

/// The names of the fields of a collection.
fn names(collection: &Value) -> Vec<&str> {
    let fields = collection["fields"].as_array().expect("fields").iter();
    fields.filter_map(|field| field["name"].as_str()).collect()
}

fn path(name: &str) -> String {
    format!("{COLLECTIONS}/{name}")
}
