//! Views, and what becomes of them when the collections below them change.

use serde_json::{Value, json};

use super::{COLLECTIONS, add, changed, make, path, rows, spawn, with};

fn view(name: &str, query: &str) -> Value {
    json!({"name": name, "type": "view", "viewQuery": query})
}

#[tokio::test]
async fn views_of_views_follow_the_fields_below() {
    let (_test, root) = spawn().await;
    let fields = json!([{"name": "a", "type": "text"}]);
    let t = make(&root, json!({"name": "t", "fields": fields})).await;
    make(&root, view("v1", "select id, a from t")).await;
    make(&root, view("v2", "select id, a as b from v1")).await;
    let fields = changed(&t, |name, field| {
        Some(if name == "a" { with(field, "max", json!(50)) } else { field })
    });
    assert_eq!(root.patch(&path("t"), json!({"fields": fields})).await.status, 200);
    for name in ["v1", "v2"] {
        assert_eq!(root.get(&path(name)).await.body["fields"][1]["max"], 50, "{name}");
    }
}

#[tokio::test]
async fn a_view_that_shows_itself_is_refused() {
    let (_test, root) = spawn().await;
    make(&root, view("v1", "select id from users")).await;
    make(&root, view("v2", "select id from v1")).await;
    for query in ["select id from v1", "select id from v2"] {
        let refused = root.patch(&path("v1"), json!({"viewQuery": query})).await;
        assert_eq!(refused.status, 400, "{query}");
        assert!(refused.message().starts_with("Failed to update collection. Raw error: \n"));
    }
    assert_eq!(root.get(&path("v1")).await.body["viewQuery"], "select id from users");
    assert_eq!(root.get("/api/collections/v2/records").await.status, 200);
}

#[tokio::test]
async fn a_view_whose_table_has_another_name_answers_400_until_it_is_mended() {
    let (_test, root) = spawn().await;
    make(&root, json!({"name": "t"})).await;
    add(&root, "t", json!({"id": "t00000000000001"})).await;
    make(&root, view("v1", "select id from t")).await;
    make(&root, view("v2", "select id from v1")).await;
    assert_eq!(root.patch(&path("v1"), json!({"name": "v0"})).await.status, 200);
    assert_eq!(root.get("/api/collections/v2/records").await.status, 400);
    assert_eq!(root.get("/api/collections/v2/records/t00000000000001").await.status, 404);
    assert_eq!(root.patch(&path("v0"), json!({"name": "v1"})).await.status, 200);
    assert_eq!(rows(&root, "v2", "id").await, json!([{"id": "t00000000000001"}]));
}

#[tokio::test]
async fn columns_must_be_names_of_fields() {
    let (_test, root) = spawn().await;
    for query in [
        "select id, name as expand from users",
        "select id, name as `a b` from users",
        "select id, name as a_via_b from users",
        "select id, name, name from users",
    ] {
        let dry = json!({"query": query});
        let dry = root.post("/api/collections/meta/dry-run-view", dry).await;
        assert!(dry.message().starts_with("Invalid view query. Raw error: \n"), "{query}");
        let saved = root.post("/api/collections", view("v", query)).await;
        let code = &saved.body["data"]["viewQuery"]["code"];
        assert_eq!(*code, "validation_invalid_view_query", "{query}: {}", saved.body);
    }
}

#[tokio::test]
async fn what_could_not_be_listed_is_not_saved() {
    let (_test, root) = spawn().await;
    let fields = json!([{"name": "n", "type": "number"}, {"name": "s", "type": "text"}]);
    make(&root, json!({"name": "base", "fields": fields})).await;
    for filled in [false, true] {
        for query in [
            "SELECT id, n + 1 FROM base",
            "SELECT id, load_extension('x') AS e FROM base",
            "SELECT id, count(*) FROM base",
            "SELECT id, \"nothing\" FROM base",
            "SELECT id, nothing AS n FROM base",
        ] {
            let made = root.post(COLLECTIONS, view("bad", query)).await;
            assert_eq!(made.status, 400, "{query} {filled}: {}", made.body);
        }
        add(&root, "base", json!({"n": 1, "s": "x"})).await;
    }
    let good = "SELECT id, n + 1 AS m, \"text\" AS t, \"s\" FROM base WHERE s != \"\"";
    make(&root, view("good", good)).await;
    let list = root.get("/api/collections/good/records").await;
    let shown = &list.body["items"][0];
    assert_eq!((&shown["m"], &shown["t"], &shown["s"]), (&json!(2), &json!("text"), &json!("x")));
}

#[tokio::test]
async fn a_view_goes_on_when_a_column_it_shows_takes_another_name() {
    let (_test, root) = spawn().await;
    let fields = json!([{"name": "n", "type": "number"}, {"name": "s", "type": "text"}]);
    let base = make(&root, json!({"name": "base", "fields": fields})).await;
    add(&root, "base", json!({"n": 7, "s": "x"})).await;
    for (name, query) in [
        ("plain", "SELECT id, s FROM base"),
        ("cast", "SELECT n AS id, s FROM base"),
        ("above", "SELECT id, s FROM plain"),
    ] {
        make(&root, view(name, query)).await;
    }
    let renamed =
        |name: &str, field| Some(if name == "s" { with(field, "name", json!("t")) } else { field });
    let fields = changed(&base, renamed);
    let renamed = root.patch("/api/collections/base", json!({"fields": fields})).await;
    assert_eq!(renamed.status, 200, "{}", renamed.body);
    for name in ["plain", "cast", "above"] {
        let list = root.get(&format!("/api/collections/{name}/records")).await;
        assert_eq!(list.status, 200, "{name}: {}", list.body);
        assert_eq!(list.body["items"][0]["s"], "x", "{name}: {}", list.body);
    }
}
