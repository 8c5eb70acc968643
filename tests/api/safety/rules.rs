//! What rules see of a request: each line was asked of the reference too.

use serde_json::{Value, json};

use crate::support::TestApp;

const POSTS: &str = "/api/collections/posts";

#[tokio::test]
async fn a_rule_sees_the_values_that_would_be_stored() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let posts = json!({"name": "posts", "createRule": "", "updateRule": "", "fields": [
        {"name": "title", "type": "text"},
        {"name": "num", "type": "number"},
        {"name": "meta", "type": "json"},
        {"name": "at", "type": "date"},
        {"name": "opts", "type": "select", "values": ["x", "y"], "maxSelect": 2},
    ]});
    let posts = root.post("/api/collections", posts).await;
    assert_eq!(posts.status, 200, "{}", posts.body);
    let relation = json!({"name": "post", "type": "relation", "collectionId": posts.body["id"]});
    let notes = json!({"name": "notes", "fields": [relation]});
    assert_eq!(root.post("/api/collections", notes).await.status, 200);
    let records = format!("{POSTS}/records");
    for (rule, body, status) in [
        ("@request.body.num > 3", json!({"num": "abc"}), 400),
        ("@request.body.num > 3", json!({"num": "4"}), 200),
        ("title = @request.body.title", json!({"title": 5}), 200),
        ("@request.body.meta.k = 'v'", json!({"meta": "{\"k\":\"v\"}"}), 200),
        ("@request.body.opts = '[\"x\"]'", json!({"opts": "x"}), 200),
        ("@request.body.opts:length = 1", json!({"opts": "x"}), 200),
        // Nothing points to what is not stored, and asking so lets nobody in.
        ("notes_via_post.id = ''", json!({}), 400),
        ("1 = 1 || notes_via_post.id = ''", json!({}), 400),
        ("@request.headers.host = ''", json!({}), 200),
    ] {
        assert_eq!(root.patch(POSTS, json!({"createRule": rule})).await.status, 200, "{rule}");
        let made = app.guest().post(&records, body.clone()).await;
        assert_eq!(made.status, status, "{rule} {body} {}", made.body);
    }
    let stored = json!({"id": "post00000000001", "at": "2024-05-06 07:08:09.123Z"});
    assert_eq!(root.post(&records, stored).await.status, 200);
    let changed = json!({"updateRule": "@request.body.at:changed = true"});
    assert_eq!(root.patch(POSTS, changed).await.status, 200);
    let own = format!("{records}/post00000000001");
    let same = json!({"at": "2024-05-06T07:08:09.123Z"});
    assert_eq!(app.guest().patch(&own, same).await.status, 404);
    assert_eq!(app.guest().patch(&own, json!({"at": ""})).await.status, 200);
}

#[tokio::test]
async fn a_path_through_a_caller_of_another_collection_is_empty() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let user = app.user("ada").await;
    let staff = root.post("/api/collections", json!({"name": "staff", "type": "auth"})).await.body;
    let field = json!({"name": "boss", "type": "relation", "collectionId": staff["id"]});
    let rule = Value::from("@request.auth.tasks_via_boss.id ?= ''");
    let tasks = json!({"name": "tasks", "fields": [field], "listRule": rule});
    let made = root.post("/api/collections", json!({"name": "tasks", "fields": [field]})).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let ruled = root.patch("/api/collections/tasks", tasks).await;
    assert_eq!(ruled.status, 200, "{}", ruled.body);
    assert_eq!(root.post("/api/collections/tasks/records", json!({})).await.status, 200);
    let list = user.get("/api/collections/tasks/records").await;
    assert_eq!((list.status, &list.body["totalItems"]), (200, &json!(1)), "{}", list.body);
}

#[tokio::test]
async fn a_sort_key_is_a_name() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let posts = json!({"name": "posts", "listRule": "", "fields": [
        {"name": "meta", "type": "json"}, {"name": "code", "type": "password"},
    ]});
    assert_eq!(root.post("/api/collections", posts).await.status, 200);
    for (sort, status) in [
        ("meta.a.b", 200),
        ("meta.a%00b", 400),
        ("meta.%C3%A9", 400),
        ("meta.a-b", 400),
        ("code", 400),
        ("code:lower", 400),
    ] {
        let list = app.guest().get(&format!("{POSTS}/records?sort={sort}")).await;
        assert_eq!(list.status, status, "{sort} {}", list.body);
    }
}
