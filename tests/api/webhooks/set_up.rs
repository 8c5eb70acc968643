//! Before the first webhook, and who may set one up.

use serde_json::{Value, json};

use crate::support::{Caller, TestApp};

pub const HOOKS: &str = "/api/collections/_webhooks/records";
const ENABLE: &str = "/api/gr/webhooks/enable";

/// A superuser of a server with webhooks and a collection `posts` that anybody may write.
pub async fn with_posts(app: &TestApp) -> Caller {
    let root = app.superuser().await;
    assert_eq!(root.post(ENABLE, json!({})).await.status, 204);
    let fields = json!([
        {"name": "title", "type": "text"},
        {"name": "inside", "type": "text", "hidden": true},
    ]);
    let posts = json!({"name": "posts", "fields": fields});
    let made = root.post("/api/collections", posts).await;
    assert_eq!(made.status, 200, "{}", made.body);
    root
}

/// Makes a webhook that is switched on.
pub async fn hook(root: &Caller, url: &str, more: Value) -> Value {
    let mut hook = json!({"url": url, "enabled": true});
    hook.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    let made = root.post(HOOKS, hook).await;
    assert_eq!(made.status, 200, "{}", made.body);
    made.body
}

#[tokio::test]
async fn the_collection_is_made_when_it_is_wanted() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let total = async || root.get("/api/collections").await.body["totalItems"].clone();
    assert_eq!(total().await, 6);
    for _ in 0..2 {
        assert_eq!(root.post(ENABLE, json!({})).await.status, 204);
        assert_eq!(total().await, 7);
    }
    let made = root.get("/api/collections/_webhooks").await.body;
    assert_eq!([&made["system"], &made["listRule"]], [&json!(true), &Value::Null]);
    assert_eq!(root.delete("/api/collections/_webhooks").await.status, 400);
    let secret = hook(&root, "https://example.com", json!({})).await["secret"].clone();
    assert!(secret.as_str().is_some_and(|secret| secret.len() == 38), "{secret}");
    let refused = root.post(HOOKS, json!({"url": "no url"})).await;
    assert_eq!(refused.codes(), json!({"url": "invalid_url"}), "{}", refused.body);
}

#[tokio::test]
async fn only_superusers_set_webhooks_up() {
    let app = TestApp::spawn().await;
    with_posts(&app).await;
    let ada = app.user("ada").await;
    for (caller, status) in [(app.guest(), 401), (ada, 403)] {
        assert_eq!(caller.post(ENABLE, json!({})).await.status, status);
        assert_eq!(caller.post("/api/gr/webhooks/a/test", json!({})).await.status, status);
        assert_eq!(caller.get("/api/gr/webhooks/a/deliveries").await.status, status);
        assert_eq!(caller.post("/api/gr/deliveries/1/redeliver", json!({})).await.status, status);
        assert_eq!(caller.get(HOOKS).await.status, 403);
        assert_eq!(caller.post(HOOKS, json!({"url": "https://a.com"})).await.status, 403);
    }
}

#[tokio::test]
async fn what_could_never_deliver_is_refused_with_its_field() {
    let app = TestApp::spawn().await;
    let root = with_posts(&app).await;
    assert_eq!(root.get("/api/gr/webhooks/a/deliveries").await.status, 404);
    let good = hook(&root, "https://example.com/a", json!({"collections": ["posts"]})).await;
    let path = format!("{HOOKS}/{}", good["id"].as_str().expect("an id"));
    for (values, codes) in [
        (json!({"url": "ftp://example.com"}), json!({"url": "invalid_url"})),
        (json!({"url": "file:///etc/passwd"}), json!({"url": "invalid_url"})),
        (json!({"events": ["create", "read"]}), json!({"events": "invalid_value"})),
        (json!({"collections": "posts"}), json!({"collections": "invalid_value"})),
        (json!({"collections": {"a": 1}}), json!({"collections": "invalid_value"})),
        (json!({"collections": ["nope"]}), json!({"collections": "invalid_collection"})),
        (json!({"collections": ["POSTS"]}), json!({"collections": "invalid_collection"})),
        (json!({"headers": ["a"]}), json!({"headers": "invalid_value"})),
        (json!({"headers": {"a": 1}}), json!({"headers": "invalid_value"})),
        (json!({"filter": "title ="}), json!({"filter": "invalid_format"})),
        (json!({"filter": "nope = 1"}), json!({"filter": "invalid_format"})),
        (json!({"collections": [], "filter": "nope = 1"}), json!({"filter": "invalid_format"})),
        (
            json!({"collections": ["posts", "users"], "filter": "title = 1"}),
            json!({"filter": "invalid_format"}),
        ),
    ] {
        let mut made = json!({"url": "https://example.com", "collections": ["posts"]});
        let more = values.as_object().cloned().expect("an object");
        made.as_object_mut().expect("an object").extend(more);
        for refused in [root.post(HOOKS, made).await, root.patch(&path, values).await] {
            assert_eq!((refused.status, refused.codes()), (400, codes.clone()), "{}", refused.body);
        }
    }
    // A hidden field may be asked for: the operator sets webhooks up.
    for values in [
        json!({"filter": "inside = 'x' && title ~ 'a'"}),
        json!({"collections": [], "filter": "title = 'x'"}),
        json!({"collections": null, "headers": null, "filter": ""}),
    ] {
        let saved = root.patch(&path, values).await;
        assert_eq!(saved.status, 200, "{}", saved.body);
    }
}
