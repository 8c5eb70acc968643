//! A new name of a collection, and who has to know.

use serde_json::json;

use super::{make, path, spawn};

#[tokio::test]
async fn limits_on_the_routes_of_a_collection_follow_its_name() {
    let (_test, root) = spawn().await;
    let id = make(&root, json!({"name": "a"})).await["id"].clone();
    let rule = |label: &str| json!({"label": label, "maxRequests": 5, "duration": 1});
    let rules = json!([rule("a:create"), rule("ab:create"), rule("*:list")]);
    let settings = json!({"rateLimits": {"rules": rules}});
    assert_eq!(root.patch("/api/settings", settings).await.status, 200);
    let labels = async || {
        let settings = root.get("/api/settings").await.body;
        let rules = settings["rateLimits"]["rules"].as_array().cloned().unwrap_or_default();
        rules.iter().map(|rule| rule["label"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(root.patch(&path("a"), json!({"name": "not a name"})).await.status, 400);
    assert_eq!(labels().await, ["a:create", "ab:create", "*:list"]);
    assert_eq!(root.patch(&path("a"), json!({"name": "b"})).await.status, 200);
    assert_eq!(labels().await, ["b:create", "ab:create", "*:list"]);
    let import = json!({"collections": [{"id": id, "name": "c"}]});
    assert_eq!(root.put("/api/collections/import", import).await.status, 204);
    assert_eq!(labels().await, ["c:create", "ab:create", "*:list"]);
}

#[tokio::test]
async fn nobody_takes_the_place_of_an_older_collection() {
    let (_test, root) = spawn().await;
    make(&root, json!({"id": "first", "name": "one"})).await;
    make(&root, json!({"id": "one", "name": "two"})).await;
    make(&root, json!({"name": "FIRST"})).await;
    assert_eq!(root.get(&path("one")).await.body["id"], "first");
    assert_eq!(root.get(&path("first")).await.body["name"], "one");
    let same = root.post("/api/collections", json!({"id": "first", "name": "three"})).await;
    assert_eq!(same.codes(), json!({"id": "invalid_or_existing_id"}));
    let taken = root.patch(&path("one"), json!({"name": "pbc_3142635823"})).await;
    assert_eq!(taken.codes(), json!({"name": "collection_name_id_duplicate"}));
    let base = root.patch(&path("two"), json!({"type": ""})).await;
    assert_eq!(base.body["type"], "base");
    let base = root.patch(&path("users"), json!({"type": null})).await;
    assert_eq!(base.codes(), json!({"type": "collection_type_change"}));
}
