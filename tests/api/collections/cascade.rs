//! What goes along with a deleted record, and what is mended.

use serde_json::{Value, json};

use super::{add, make, rows, spawn};
use crate::support::{Answer, Caller};

fn relation(name: &str, to: &str, options: &Value) -> Value {
    let mut field = json!({"name": name, "type": "relation", "collectionId": to});
    for (key, value) in options.as_object().expect("options") {
        field[key] = value.clone();
    }
    field
}

async fn delete(root: &Caller, collection: &str, id: &str) -> Answer {
    root.delete(&format!("/api/collections/{collection}/records/{id}")).await
}

fn id(prefix: &str, n: usize) -> String {
    format!("{prefix}{n:0width$}", width = 15 - prefix.len())
}

#[tokio::test]
async fn a_mended_record_is_a_changed_record() {
    let (_test, root) = spawn().await;
    make(&root, json!({"id": "ta", "name": "a"})).await;
    let links = relation("links", "ta", &json!({"maxSelect": 3, "minSelect": 2}));
    let updated =
        json!({"name": "updated", "type": "autodate", "onCreate": true, "onUpdate": true});
    make(&root, json!({"name": "b", "fields": [links, updated]})).await;
    for n in [1, 2] {
        add(&root, "a", json!({"id": id("a", n)})).await;
    }
    add(&root, "b", json!({"links": [id("a", 1), id("a", 2)]})).await;
    let before = rows(&root, "b", "updated").await[0]["updated"].clone();
    assert_eq!(delete(&root, "a", &id("a", 1)).await.status, 204);
    let after = rows(&root, "b", "links,updated").await;
    assert_eq!(after[0]["links"], json!([id("a", 2)]));
    assert!(after[0]["updated"].as_str() > before.as_str(), "{after} after {before}");
}

#[tokio::test]
async fn rings_and_long_chains_end() {
    let (_test, root) = spawn().await;
    let cascade = json!({"cascadeDelete": true});
    let ring = |to: &str| json!([relation("next", to, &cascade)]);
    let collections = json!([{"id": "rx", "name": "x", "fields": ring("ry")},
        {"id": "ry", "name": "y", "fields": ring("rx")},
        {"id": "rz", "name": "z", "fields": ring("rz")}]);
    let import = json!({"collections": collections});
    assert_eq!(root.put("/api/collections/import", import).await.status, 204);
    for n in 1..=3 {
        add(&root, "x", json!({"id": id("x", n)})).await;
        add(&root, "y", json!({"id": id("y", n), "next": id("x", n)})).await;
    }
    for n in 1..=3 {
        let path = format!("/api/collections/x/records/{}", id("x", n));
        let next = id("y", n % 3 + 1);
        assert_eq!(root.patch(&path, json!({"next": next})).await.status, 200);
    }
    assert_eq!(delete(&root, "y", &id("y", 2)).await.status, 204);
    assert_eq!(rows(&root, "x", "id").await, json!([]));
    assert_eq!(rows(&root, "y", "id").await, json!([]));
    for n in 1..=60 {
        let next = if n == 1 { String::new() } else { id("z", n - 1) };
        add(&root, "z", json!({"id": id("z", n), "next": next})).await;
    }
    assert_eq!(delete(&root, "z", &id("z", 31)).await.status, 204);
    let left = root.get("/api/collections/z/records").await;
    assert_eq!(left.body["totalItems"], 30);
}

#[tokio::test]
async fn a_required_link_below_stops_it_all_unless_its_record_went_before() {
    let (_test, root) = spawn().await;
    make(&root, json!({"id": "tr", "name": "root"})).await;
    let up = relation("root", "tr", &json!({"cascadeDelete": true}));
    make(&root, json!({"id": "tm", "name": "mid", "fields": [up.clone()]})).await;
    // The names say in which order the referrers of a record are handled.
    for name in ["a_leaf", "z_leaf"] {
        let mid = relation("mid", "tm", &json!({"required": true}));
        make(&root, json!({"name": name, "fields": [up.clone(), mid]})).await;
    }
    for (n, name, status) in [(1, "a_leaf", 204), (2, "z_leaf", 400)] {
        let (r, m) = (id("r", n), id("m", n));
        add(&root, "root", json!({"id": r})).await;
        add(&root, "mid", json!({"id": m, "root": r})).await;
        add(&root, name, json!({"id": id("l", n), "root": r, "mid": m})).await;
        assert_eq!(delete(&root, "root", &r).await.status, status, "{name}");
        let left = if status == 204 { 0 } else { 1 };
        for collection in ["root", "mid", name] {
            let rows = rows(&root, collection, "id").await;
            assert_eq!(rows.as_array().map(Vec::len), Some(left), "{name}: {collection}");
        }
    }
}

#[tokio::test]
async fn truncating_goes_through_the_same_gate() {
    let (_test, root) = spawn().await;
    make(&root, json!({"id": "ta", "name": "a"})).await;
    let required = relation("r", "ta", &json!({"required": true}));
    make(&root, json!({"name": "b", "fields": [required]})).await;
    for n in 1..=3 {
        add(&root, "a", json!({"id": id("a", n)})).await;
    }
    add(&root, "b", json!({"r": id("a", 3)})).await;
    let refused = root.delete("/api/collections/a/truncate").await;
    assert!(refused.message().starts_with("Failed to truncate collection (most likely"));
    assert_eq!(rows(&root, "a", "id").await.as_array().map(Vec::len), Some(3));
    assert_eq!(root.delete("/api/collections/b/truncate").await.status, 204);
    assert_eq!(root.delete("/api/collections/A/truncate").await.status, 204);
    assert_eq!(rows(&root, "a", "id").await, json!([]));
}
