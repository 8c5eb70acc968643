//! Text fields that are sorted as people read.

use serde_json::{Value, json};

use crate::support::{Caller, TestApp};

const WORDS: [&str; 8] = ["zebra", "Zoo", "Äpfel", "apple", "éclair", "Eclair", "eclair", ""];
const READ: [&str; 8] = ["", "Äpfel", "apple", "eclair", "Eclair", "éclair", "zebra", "Zoo"];

async fn sorted(caller: &Caller, query: &str) -> Vec<String> {
    let answer = caller.get(&format!("/api/collections/words/records?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let items = answer.body["items"].as_array().expect("items");
    items.iter().map(|item| item["name"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn make(root: &Caller, name: &str, collation: Value) -> Value {
    let body = json!({"name": name, "listRule": "", "fields": [
        {"id": "text0000000001", "name": "name", "type": "text", "collation": collation},
    ]});
    let made = root.post("/api/collections", body).await;
    assert_eq!(made.status, 200, "{}", made.body);
    made.body
}

#[tokio::test]
async fn a_field_can_be_sorted_as_people_read() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let made = make(&root, "words", json!("unicode")).await;
    let name = made["fields"].as_array().expect("fields").iter().find(|f| f["name"] == "name");
    assert_eq!(name.expect("the field")["collation"], "unicode");
    for word in WORDS {
        let made = root.post("/api/collections/words/records", json!({"name": word})).await;
        assert_eq!(made.status, 200, "{}", made.body);
    }
    let guest = app.guest();
    assert_eq!(sorted(&guest, "sort=name").await, READ);
    let down = sorted(&guest, "sort=-name&skipTotal=1").await;
    assert!(down.iter().rev().eq(READ.iter()), "{down:?}");
    // Pages are parts of one order.
    let mut paged = Vec::new();
    for page in 1..=3 {
        paged.extend(sorted(&guest, &format!("sort=name&perPage=3&page={page}")).await);
    }
    assert_eq!(paged, READ);
    // A comparison stays what the contract says.
    assert_eq!(sorted(&guest, "filter=name='eclair'").await, ["eclair"]);

    let fields = made["fields"].as_array().expect("fields").iter().cloned().map(|mut field| {
        field.as_object_mut().expect("a field").remove("collation");
        field
    });
    let plain = json!({"fields": fields.collect::<Vec<_>>()});
    let changed = root.patch("/api/collections/words", plain).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let mut bytes = WORDS;
    bytes.sort_unstable();
    assert_eq!(sorted(&guest, "sort=name").await, bytes);
}

#[tokio::test]
async fn the_folder_never_depends_on_the_collation() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let made = make(&root, "plain", json!("")).await;
    let fields = made["fields"].as_array().expect("fields");
    assert!(fields.iter().all(|field| field.get("collation").is_none()), "{made}");
    make(&root, "words", json!("unicode")).await;
    let index = "CREATE INDEX idx_words ON words (name COLLATE gr_unicode)";
    let refused = root.patch("/api/collections/words", json!({"indexes": [index]})).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    let view = json!({"name": "seen", "type": "view",
        "viewQuery": "SELECT id, name FROM words ORDER BY name COLLATE gr_unicode"});
    let refused = root.post("/api/collections", view).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    let unknown = json!({"name": "other", "fields": [
        {"name": "name", "type": "text", "collation": "klingon"}]});
    assert_eq!(root.post("/api/collections", unknown).await.status, 400);
}
