//! What the other server is told, in which order, and what is remembered of it.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use serde_json::{Value, json};

use super::receiver::{Receiver, hanging};
use super::set_up::{HOOKS, hook, with_posts};
use crate::support::{Caller, TestApp};

const POSTS: &str = "/api/collections/posts/records";

async fn create(root: &Caller, values: Value) -> String {
    let made = root.post(POSTS, values).await;
    assert_eq!(made.status, 200, "{}", made.body);
    made.body["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn every_change_arrives_signed_and_in_order_though_attempts_fail() {
    let app = TestApp::spawn().await;
    let root = with_posts(&app).await;
    let count = AtomicUsize::new(0);
    let answer = move |_: &Value| match count.fetch_add(1, Ordering::SeqCst) % 4 {
        0 => 500,
        _ => 204,
    };
    let mut receiver = Receiver::start(answer).await;
    let made = hook(&root, &receiver.url, json!({"headers": {"x-key": "k"}})).await;
    let secret = made["secret"].as_str().expect("a secret");
    let key = base64::engine::general_purpose::STANDARD.decode(&secret["whsec_".len()..]);
    let key = key.expect("base64");
    for title in ["one", "two", "three"] {
        let id = create(&root, json!({"title": title, "inside": "not for others"})).await;
        let path = format!("{POSTS}/{id}");
        assert_eq!(root.patch(&path, json!({"title": "changed"})).await.status, 200);
        assert_eq!(root.delete(&path).await.status, 204);
    }
    let (mut done, mut failed) = (HashSet::new(), 0);
    let mut told: HashMap<String, Vec<String>> = HashMap::new();
    while done.len() < 9 {
        let message = receiver.next().await;
        assert_eq!(message.headers["webhook-signature"], message.signature(&key));
        assert_eq!(message.headers["x-key"], "k");
        assert!(!message.text.contains("not for others"));
        let data = &message.body["data"];
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let (id, action) = (text(&data["record"]["id"]), text(&data["action"]));
        assert_eq!(message.body["type"], format!("posts.{action}"));
        let title = if action == "create" { "any" } else { "changed" };
        assert!(title == "any" || data["record"]["title"] == title, "{data}");
        let before = told.entry(id).or_default();
        // What came before it has arrived: none overtakes, whatever failed.
        assert_eq!(action, ["create", "update", "delete"][before.len()]);
        if message.status == 500 {
            failed += 1;
        } else {
            before.push(action);
            done.insert(message.id().to_owned());
        }
    }
    assert_eq!(told.len(), 3);
    assert!(failed >= 3, "{failed}");
}

#[tokio::test]
async fn collections_events_and_filter_choose() {
    let app = TestApp::spawn().await;
    let root = with_posts(&app).await;
    let mut receiver = Receiver::start(|_| 200).await;
    let choice = json!({"events": ["create", "delete"], "filter": "title ~ 'yes'",
        "collections": ["posts"]});
    hook(&root, &receiver.url, choice).await;
    app.user("ada").await;
    let mut ids = Vec::new();
    for title in ["no", "yes 1", "yes 2"] {
        ids.push(create(&root, json!({"title": title})).await);
        let path = format!("{POSTS}/{}", ids[ids.len() - 1]);
        assert_eq!(root.patch(&path, json!({"inside": "x"})).await.status, 200);
    }
    assert_eq!(root.delete(&format!("{POSTS}/{}", ids[1])).await.status, 204);
    let mut told = Vec::new();
    for _ in 0..3 {
        let data = receiver.next().await.body["data"].clone();
        told.push(format!("{} {}", data["action"], data["record"]["title"]).replace('"', ""));
    }
    told.sort();
    assert_eq!(told, ["create yes 1", "create yes 2", "delete yes 1"]);
    assert_eq!(root.get("/api/gr/jobs?kind=webhook").await.body["totalItems"], 3);
}

#[tokio::test]
async fn a_webhook_that_is_switched_off_or_broken_hears_nothing_and_stops_no_write() {
    let app = TestApp::spawn().await;
    let root = with_posts(&app).await;
    let mut receiver = Receiver::start(|_| 200).await;
    let off = hook(&root, &receiver.url, json!({"enabled": false})).await;
    let broken = json!({"collections": ["posts"], "filter": "short = 1"});
    let short = json!([{"name": "title", "type": "text"}, {"name": "short", "type": "number"}]);
    let with = |fields: &Value| json!({"fields": fields});
    assert_eq!(root.patch("/api/collections/posts", with(&short)).await.status, 200);
    let broken = hook(&root, &receiver.url, broken).await;
    let left = json!([short[0]]);
    assert_eq!(root.patch("/api/collections/posts", with(&left)).await.status, 200);
    create(&root, json!({"title": "before"})).await;
    let path = format!("{HOOKS}/{}", off["id"].as_str().expect("an id"));
    assert_eq!(root.patch(&path, json!({"enabled": true})).await.status, 200);
    create(&root, json!({"title": "after"})).await;
    assert_eq!(receiver.next().await.body["data"]["record"]["title"], "after");
    assert_eq!(root.delete(&path).await.status, 204);
    create(&root, json!({"title": "later"})).await;
    assert_eq!(root.get("/api/gr/jobs?kind=webhook").await.body["totalItems"], 1);
    // What its filter means nothing to any more, it can be switched off, and not on again.
    let path = format!("{HOOKS}/{}", broken["id"].as_str().expect("an id"));
    assert_eq!(root.patch(&path, json!({"enabled": false})).await.status, 200);
    let refused = root.patch(&path, json!({"enabled": true})).await;
    assert_eq!(refused.codes(), json!({"filter": "invalid_format"}));
}

#[tokio::test]
async fn deliveries_are_remembered_and_sent_again() {
    let app = TestApp::spawn().await;
    let root = with_posts(&app).await;
    let mut receiver = Receiver::start(|_| 201).await;
    let made = hook(&root, &receiver.url, json!({})).await;
    let id = made["id"].as_str().expect("an id");
    assert_eq!(root.post("/api/gr/webhooks/none/test", json!({})).await.status, 404);
    assert_eq!(root.post(&format!("/api/gr/webhooks/{id}/test"), json!({})).await.status, 204);
    let first = receiver.next().await;
    assert_eq!(first.body["type"], "test");
    let list = format!("/api/gr/webhooks/{id}/deliveries");
    let mut known = Value::Null;
    for _ in 0..1000 {
        known = root.get(&list).await.body["items"][0].clone();
        if !known.is_null() {
            break;
        }
    }
    assert_eq!([&known["status"], &known["attempt"]], [&json!(201), &json!(1)]);
    assert_eq!([&known["answer"], &known["message"]], [&json!("ok"), &json!(first.id())]);
    let again = format!("/api/gr/deliveries/{}/redeliver", known["id"]);
    let mut status = 0;
    // Its end may not be written down yet.
    for _ in 0..1000 {
        status = root.post(&again, json!({})).await.status;
        if status != 400 {
            break;
        }
    }
    assert_eq!(status, 204);
    assert_eq!(receiver.next().await.id(), first.id());
    assert_eq!(root.post("/api/gr/deliveries/999/redeliver", json!({})).await.status, 404);
    assert_eq!(root.get("/api/gr/webhooks/none/deliveries").await.status, 404);
    assert_eq!(root.delete(&format!("{HOOKS}/{id}")).await.status, 204);
    assert_eq!(root.get(&list).await.status, 404);
}

#[tokio::test]
async fn a_collection_without_a_change_log_is_followed_too() {
    let app = TestApp::spawn().await;
    let root = with_posts(&app).await;
    let off = root.patch("/api/collections/posts", json!({"changes": false})).await;
    assert_eq!(off.status, 200, "{}", off.body);
    let mut receiver = Receiver::start(|_| 200).await;
    hook(&root, &receiver.url, json!({})).await;
    for title in ["a", "b"] {
        create(&root, json!({"title": title})).await;
    }
    let (first, second) = (receiver.next().await, receiver.next().await);
    assert_eq!([&first.body["data"]["seq"], &second.body["data"]["seq"]], [&Value::Null; 2]);
    assert_ne!(first.id(), second.id());
}

/// More messages than there are places wait for a server that hangs, before the other's.
#[tokio::test]
async fn a_server_that_hangs_leaves_room_for_the_others() {
    let app = TestApp::spawn().await;
    let root = with_posts(&app).await;
    let mut receiver = Receiver::start(|_| 200).await;
    let (url, held) = hanging().await;
    hook(&root, &url, json!({"filter": "title = 'stuck'"})).await;
    hook(&root, &receiver.url, json!({"filter": "title != 'stuck'"})).await;
    for _ in 0..300 {
        create(&root, json!({"title": "stuck"})).await;
    }
    let mut told = Vec::new();
    for i in 0..50 {
        let id = create(&root, json!({"title": format!("{i}")})).await;
        let path = format!("{POSTS}/{id}");
        assert_eq!(root.patch(&path, json!({"title": format!("{i} again")})).await.status, 200);
    }
    for _ in 0..100 {
        let data = receiver.next().await.body["data"].clone();
        told.push((data["record"]["id"].clone(), data["action"].clone()));
    }
    // Its own 64 places, and what is delivered but not written down yet.
    let running = root.get("/api/gr/jobs?kind=webhook&state=running").await;
    assert!(running.body["totalItems"].as_u64().is_some_and(|n| n < 88), "{}", running.body);
    for (at, (id, action)) in told.iter().enumerate().filter(|(_, (_, a))| a == "update") {
        let created = told.iter().position(|(other, a)| other == id && a == "create");
        assert!(created.is_some_and(|created| created < at), "{id} {action}");
    }
    held.abort();
}
