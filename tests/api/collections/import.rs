//! `PUT /api/collections/import`.

use serde_json::{Value, json};

use super::{add, make, names, path, rows, spawn};
use crate::support::{Answer, Caller};

async fn import(root: &Caller, collections: Value, delete_missing: bool) -> Answer {
    let body = json!({"collections": collections, "deleteMissing": delete_missing});
    root.put("/api/collections/import", body).await
}

fn text(name: &str) -> Value {
    json!({"name": name, "type": "text"})
}

#[tokio::test]
async fn what_is_not_listed_stays_unless_it_is_to_go() {
    let (_test, root) = spawn().await;
    make(&root, json!({"name": "keep", "fields": [text("a"), text("b")]})).await;
    make(&root, json!({"name": "other"})).await;
    add(&root, "keep", json!({"id": "keep00000000001", "a": "A", "b": "B"})).await;
    let listed = json!([{"name": "keep", "fields": [text("z"), text("b")]}]);
    assert_eq!(import(&root, listed.clone(), false).await.status, 204);
    assert_eq!(names(&root.get(&path("keep")).await.body), ["z", "b", "id", "a"]);
    assert_eq!(rows(&root, "keep", "a,b,z").await, json!([{"a": "A", "b": "B", "z": ""}]));
    assert_eq!(import(&root, listed, true).await.status, 204);
    assert_eq!(names(&root.get(&path("keep")).await.body), ["z", "b", "id"]);
    assert_eq!(rows(&root, "keep", "b,z").await, json!([{"b": "B", "z": ""}]));
    assert_eq!(root.get(&path("other")).await.status, 404);
    assert_eq!(root.get(&path("_superusers")).await.status, 200);
}

#[tokio::test]
async fn an_id_names_a_collection_and_a_name_does_where_there_is_no_id() {
    let (_test, root) = spawn().await;
    let id = make(&root, json!({"name": "old"})).await["id"].clone();
    assert_eq!(import(&root, json!([{"id": id, "name": "new"}]), false).await.status, 204);
    assert_eq!(root.get(&path("new")).await.body["id"], id);
    // Another id under the same name is another collection.
    let twin = json!([{"id": "twin", "name": "new"}]);
    let refused = import(&root, twin.clone(), false).await;
    assert_eq!(refused.codes(), json!({"collections": "collections_import_failure"}));
    assert_eq!(import(&root, twin, true).await.status, 204);
    assert_eq!(root.get(&path("new")).await.body["id"], "twin");
    let twice = json!([{"name": "a"}, {"name": "A"}]);
    assert_eq!(import(&root, twice, false).await.status, 400);
}

#[tokio::test]
async fn imported_collections_may_point_to_each_other() {
    let (_test, root) = spawn().await;
    let to = |id: &str| json!({"name": "r", "type": "relation", "collectionId": id});
    let ring = json!([
        {"id": "ring_a", "name": "a", "fields": [to("ring_b")], "listRule": "r.x = 1"},
        {"id": "ring_b", "name": "b", "fields": [to("ring_a"), {"name": "x", "type": "number"}]},
        {"name": "v2", "type": "view", "viewQuery": "select id, x from b"},
    ]);
    assert_eq!(import(&root, ring, false).await.status, 204);
    // A relation that was dropped and made anew elsewhere comes with another target.
    let moved = json!([{"id": "ring_a", "name": "a", "fields": [to("ring_a")], "listRule": ""}]);
    assert_eq!(import(&root, moved, false).await.status, 204);
    assert_eq!(root.get(&path("a")).await.body["fields"][0]["collectionId"], "ring_a");
    let nowhere = json!([{"name": "c", "fields": [to("nowhere")]}]);
    assert_eq!(import(&root, nowhere, false).await.status, 400);
    // The view follows what became of the fields below it.
    let max = json!([{"id": "ring_b", "name": "b", "fields": [
        {"name": "x", "type": "number", "max": 7}]}]);
    assert_eq!(import(&root, max, false).await.status, 204);
    assert_eq!(root.get(&path("v2")).await.body["fields"][1]["max"], 7);
}

#[tokio::test]
async fn one_fault_takes_everything_back() {
    let (_test, root) = spawn().await;
    let good = json!({"name": "good"});
    for (bad, field) in [
        (json!({"name": "x y"}), "collections"),
        (json!({"name": "bad", "listRule": "nope = 1"}), "collections"),
        (json!({"name": "bad", "type": "view", "viewQuery": "select nope"}), "collections"),
        (json!({"name": "bad", "fields": [{"name": "a", "type": "nope"}]}), "collections"),
        (json!({"name": "bad", "indexes": ["nope"]}), "indexes"),
        (json!({"name": "bad", "indexes": ["CREATE INDEX i ON bad (nope)"]}), "indexes"),
        (json!({"name": "_superusers", "listRule": ""}), "collections"),
        (Value::Null, "collections"),
    ] {
        let answer = import(&root, json!([good, bad]), true).await;
        assert_eq!(answer.status, 400, "{bad}");
        assert!(answer.body["data"][field].is_object(), "{bad}: {}", answer.body);
        assert_eq!(answer.message(), "Failed to import collections.");
        assert_eq!(root.get(&path("good")).await.status, 404, "{bad}");
        assert_eq!(root.get(&path("users")).await.status, 200, "{bad}");
    }
    assert_eq!(import(&root, json!([]), false).await.codes(), json!({"collections": "required"}));
}

#[tokio::test]
async fn an_export_is_imported_as_it_is() {
    let (_test, root) = spawn().await;
    let query = "select id, name from users";
    make(&root, json!({"name": "v", "type": "view", "viewQuery": query})).await;
    let export = root.get("/api/collections?perPage=200").await.body["items"].clone();
    assert_eq!(import(&root, export.clone(), true).await.status, 204);
    let after = root.get("/api/collections?perPage=200").await.body["items"].clone();
    let plain = |list: &Value| -> Vec<Value> {
        let list = list.as_array().expect("a list").iter().cloned();
        list.map(|mut one| {
            one["updated"] = Value::Null;
            if one["type"] == "view" {
                one["fields"][1]["id"] = Value::Null;
            }
            one
        })
        .collect()
    };
    assert_eq!(plain(&after), plain(&export));
}
