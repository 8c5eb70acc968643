//! A collection whose change log is switched off: who keeps a copy is told so, the rest goes on.

use std::sync::Arc;

use greenroom::collections::Collections;
use serde_json::{Value, json};

use crate::support::{Caller, Stream, TestApp};

const POSTS: &str = "/api/collections/posts";
const RECORDS: &str = "/api/collections/posts/records";

async fn posts(app: &TestApp, more: Value) -> Caller {
    let root = app.superuser().await;
    let mut body = json!({"name": "posts", "listRule": "", "viewRule": "",
        "fields": [{"name": "title", "type": "text"}]});
    let more = more.as_object().cloned().expect("an object");
    body.as_object_mut().expect("an object").extend(more);
    let made = root.post("/api/collections", body).await;
    assert_eq!(made.status, 200, "{}", made.body);
    root
}

async fn add(root: &Caller, title: &str) {
    let made = root.post(RECORDS, json!({"title": title})).await;
    assert_eq!(made.status, 200, "{}", made.body);
}

async fn newest(root: &Caller, collection: &str) -> u64 {
    let begin = root.get(&format!("/api/collections/{collection}/changes")).await;
    begin.body["seq"].as_u64().expect("a number")
}

fn topic(since: u64) -> String {
    format!("posts/*?options=%7B%22query%22%3A%7B%22since%22%3A{since}%7D%7D")
}

#[tokio::test]
async fn nothing_is_written_down_and_whoever_asks_is_told_so() {
    let app = TestApp::spawn().await;
    let root = posts(&app, json!({"changes": false})).await;
    let before = newest(&root, "users").await;
    add(&root, "a").await;
    assert_eq!(newest(&root, "users").await, before, "a row was written");
    for query in ["", "?since=0"] {
        let answer = root.get(&format!("{POSTS}/changes{query}")).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert_eq!(answer.message(), "The change log of this collection is switched off.");
    }
    let guest = app.guest();
    let mut stream = Stream::open(&guest).await;
    stream.follow(&guest, &[&topic(before)]).await;
    let first = stream.next().await.expect("a message");
    assert_eq!(first.data, json!({"action": "resync", "seq": before}));
    add(&root, "b").await;
    let live = stream.next().await.expect("a message");
    assert_eq!((live.action(), &live.record()["title"]), ("create", &json!("b")));
    assert_eq!(live.data.get("seq"), None);
}

#[tokio::test]
async fn live_changes_are_told_from_the_subscription_on() {
    let app = TestApp::spawn().await;
    let root = posts(&app, json!({"changes": false})).await;
    let guest = app.guest();
    let mut early = Stream::open(&guest).await;
    early.follow(&guest, &["posts/*"]).await;
    add(&root, "before").await;
    let mut late = Stream::open(&guest).await;
    late.follow(&guest, &["posts/*"]).await;
    add(&root, "after").await;
    for title in ["before", "after"] {
        assert_eq!(early.next().await.expect("a message").record()["title"], title);
    }
    assert_eq!(late.next().await.expect("a message").record()["title"], "after");
}

#[tokio::test]
async fn the_switch_is_shown_while_it_is_off_and_a_gap_is_not_passed_over() {
    let app = TestApp::spawn().await;
    let root = posts(&app, json!({})).await;
    assert_eq!(root.get(POSTS).await.body.get("changes"), None);
    add(&root, "told").await;
    let known = newest(&root, "posts").await;
    let off = root.patch(POSTS, json!({"changes": false})).await;
    assert_eq!(off.body["changes"], false);
    // A change that does not name it leaves it as it is.
    let kept = root.patch(POSTS, json!({"listRule": "title != ''"})).await;
    assert_eq!(kept.body["changes"], false);
    add(&root, "missed").await;
    let on = root.patch(POSTS, json!({"changes": true})).await;
    assert_eq!((on.status, on.body.get("changes")), (200, None));
    let answer = root.get(&format!("{POSTS}/changes?since={known}")).await.body;
    assert_eq!(answer["resync"], true, "{answer}");
    let from = answer["seq"].as_u64().expect("a number");
    add(&root, "seen").await;
    let answer = root.get(&format!("{POSTS}/changes?since={from}")).await.body;
    assert_eq!(answer["changes"].as_array().map(Vec::len), Some(1), "{answer}");
    assert_eq!(answer["changes"][0]["record"]["title"], "seen");
    let refused = root.patch(POSTS, json!({"changes": "off"})).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
}

#[tokio::test]
async fn the_switch_is_read_from_the_data_folder_and_imported() {
    let app = TestApp::spawn().await;
    let root = posts(&app, json!({"changes": false})).await;
    let auth = json!({"name": "members", "type": "auth", "changes": false});
    assert_eq!(root.post("/api/collections", auth).await.body["changes"], false);
    let services = Arc::clone(&app.app);
    let open = move || {
        let (store, settings) = (&services.store, &services.settings);
        Collections::open(store, settings, &services.files, &services.clock)
    };
    let stored = tokio::task::spawn_blocking(open).await.expect("no panic").expect("readable");
    let stored = stored.schema().load();
    let is_off = |name: &str| !stored.find(name).expect("a collection").keeps_changes;
    assert!(is_off("posts") && is_off("members") && !is_off("users"));
    let import = json!({"collections": [{"name": "posts", "changes": true, "fields": []}]});
    assert_eq!(root.put("/api/collections/import", import).await.status, 204);
    assert_eq!(root.get(POSTS).await.body.get("changes"), None);
}
