//! Indexes: what is taken, what is refused and how, and what a rename does to them.

use serde_json::{Value, json};

use super::{add, make, path, spawn};

fn with_index(text: &str) -> Value {
    json!({"name": "t", "fields": [{"name": "a", "type": "text"}], "indexes": [text]})
}

#[tokio::test]
async fn definitions_of_any_spelling_are_taken() {
    let (_test, root) = spawn().await;
    for text in [
        "/* note */ create unique index i on t (a)",
        "CREATE INDEX `i.1` ON t (a)",
        "CREATE INDEX i ON t (a COLLATE NOCASE DESC, id) WHERE a != ';'",
        "CREATE INDEX i ON t (lower(a), length(a) DESC)",
    ] {
        let t = make(&root, with_index(text)).await;
        assert_eq!(t["indexes"], json!([text]));
        assert_eq!(root.delete(&path("t")).await.status, 204);
    }
    let t = make(&root, with_index("CREATE INDEX i ON main.t (a)")).await;
    assert_eq!(t["indexes"], json!(["CREATE INDEX `i` ON `t` (`a`)"]));
}

#[tokio::test]
async fn faults_stand_at_the_place_of_the_definition() {
    let (_test, root) = spawn().await;
    let taken = json!({"name": "u", "indexes": ["CREATE INDEX taken ON u (id)"]});
    make(&root, taken).await;
    for (text, code) in [
        ("nope", "invalid_index_expression"),
        ("CREATE INDEX i ON t (nope)", "invalid_index_expression"),
        ("CREATE INDEX i ON t (a) WHERE a = 1; DROP TABLE u", "invalid_index_expression"),
        ("CREATE INDEX TAKEN ON t (a)", "existing_index_name"),
    ] {
        let answer = root.post("/api/collections", with_index(text)).await;
        let found = &answer.body["data"]["indexes"]["0"]["code"];
        assert_eq!(*found, format!("validation_{code}"), "{text}: {}", answer.body);
    }
    assert_eq!(root.get(&path("u")).await.status, 200);
}

#[tokio::test]
async fn a_unique_index_over_equal_values_is_refused_and_nothing_changes() {
    let (_test, root) = spawn().await;
    let t = make(&root, with_index("CREATE INDEX i ON t (a)")).await;
    add(&root, "t", json!({"a": "x"})).await;
    add(&root, "t", json!({"a": "x"})).await;
    let unique = json!({"indexes": ["CREATE UNIQUE INDEX j ON t (a)"]});
    let refused = root.patch(&path("t"), unique).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body["data"]["indexes"]["0"].is_object(), "{}", refused.body);
    assert_eq!(root.get(&path("t")).await.body["indexes"], t["indexes"]);
}

#[tokio::test]
async fn unique_indexes_of_the_product_stay() {
    let (_test, root) = spawn().await;
    let none = json!({"indexes": []});
    for name in ["_externalAuths", "_authOrigins"] {
        let refused = root.patch(&path(name), none.clone()).await;
        let codes = json!({"indexes": "invalid_unique_system_field_index"});
        assert_eq!(refused.codes(), codes, "{name}");
    }
    let users = root.patch(&path("users"), none).await.body;
    assert_eq!(users["indexes"].as_array().map(Vec::len), Some(2));
    // An index of one's own may go again, whatever it is on.
    let own = json!({"indexes": ["CREATE UNIQUE INDEX own ON users (email, name)"]});
    assert_eq!(root.patch(&path("users"), own).await.status, 200);
    assert_eq!(root.patch(&path("users"), json!({"indexes": []})).await.status, 200);
}

#[tokio::test]
async fn indexes_follow_the_collection_and_wait_for_their_fields() {
    let (_test, root) = spawn().await;
    make(&root, with_index("CREATE INDEX i ON t (a)")).await;
    let renamed = root.patch(&path("t"), json!({"name": "tt"})).await.body;
    assert_eq!(renamed["indexes"], json!(["CREATE INDEX `i` ON `tt` (`a`)"]));
    let fields = super::changed(&renamed, |name, field| {
        Some(if name == "a" { super::with(field, "name", json!("b")) } else { field })
    });
    let refused = root.patch(&path("tt"), json!({"fields": fields})).await;
    assert_eq!(
        refused.body["data"]["indexes"]["0"]["code"], "validation_invalid_index_expression",
        "{}",
        refused.body
    );
    let both = json!({"fields": fields, "indexes": ["CREATE INDEX i ON tt (b)"]});
    assert_eq!(root.patch(&path("tt"), both).await.status, 200);
}
