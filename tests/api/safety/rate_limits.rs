//! How often who may ask what. The expected answers are those of PocketBase.

use serde_json::{Value, json};

use crate::support::{Caller, TestApp};

const NOTES: &str = "/api/collections/notes/records";
const MEMOS: &str = "/api/collections/memos/records";

/// Collections that are open to all, with one record each.
async fn open_collections(app: &TestApp) -> Caller {
    let root = app.superuser().await;
    for name in ["notes", "memos"] {
        let fields = json!([{"name": "text", "type": "text"}]);
        let made = json!({
            "name": name, "fields": fields, "listRule": "", "viewRule": "", "createRule": "",
            "updateRule": "", "deleteRule": "",
        });
        assert_eq!(root.post("/api/collections", made).await.status, 200);
        let path = format!("/api/collections/{name}/records");
        let record = json!({"id": format!("{name}0000000001")});
        assert_eq!(root.post(&path, record).await.status, 200);
    }
    let batch = json!({"batch": {"enabled": true}});
    assert_eq!(root.patch("/api/settings", batch).await.status, 200);
    root
}

/// Puts rules in force; no time of the test is long enough for a window to end.
async fn rule(root: &Caller, rules: &[(&str, &str, u32)]) {
    let rules: Vec<Value> = rules
        .iter()
        .map(|(label, audience, max)| {
            json!({"label": label, "audience": audience, "maxRequests": max, "duration": 600})
        })
        .collect();
    let changed =
        root.patch("/api/settings", json!({"rateLimits": {"enabled": true, "rules": rules}}));
    let changed = changed.await;
    assert_eq!(changed.status, 200, "{}", changed.body);
}

async fn statuses(caller: &Caller, paths: &[&str]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for path in paths {
        statuses.push(caller.raw("GET", path, None).await.status);
    }
    statuses
}

#[tokio::test]
async fn a_tag_counts_by_collection_and_by_audience() {
    let app = TestApp::spawn().await;
    let root = open_collections(&app).await;
    let (guest, ada) = (app.guest(), app.user("ada").await);
    rule(&root, &[("*:list", "", 2)]).await;
    assert_eq!(statuses(&guest, &[NOTES, NOTES, NOTES]).await, [200, 200, 429]);
    assert_eq!(statuses(&guest, &[MEMOS, MEMOS, MEMOS]).await, [200, 200, 429]);
    assert_eq!(statuses(&root, &[NOTES, NOTES, NOTES]).await, [200, 200, 200]);
    let one = format!("{NOTES}/notes0000000001");
    assert_eq!(statuses(&guest, &[&one, &one, &one]).await, [200, 200, 200]);

    rule(&root, &[("notes:list", "", 1), ("*:list", "", 3)]).await;
    assert_eq!(statuses(&guest, &[NOTES, NOTES]).await, [200, 429]);
    assert_eq!(statuses(&guest, &[MEMOS; 4]).await, [200, 200, 200, 429]);

    rule(&root, &[("*:list", "@guest", 1), ("*:list", "@auth", 2)]).await;
    assert_eq!(statuses(&guest, &[NOTES, NOTES]).await, [200, 429]);
    assert_eq!(statuses(&ada, &[NOTES, NOTES, NOTES]).await, [200, 200, 429]);
}

#[tokio::test]
async fn a_path_counts_as_the_contract_says() {
    let app = TestApp::spawn().await;
    let root = open_collections(&app).await;
    let guest = app.guest();
    rule(&root, &[("/api/", "", 4)]).await;
    let paths = [NOTES, "/api/health", "/api/nope", "/api/collections", "/_/", "/api/health"];
    assert_eq!(statuses(&guest, &paths).await, [200, 200, 404, 401, 200, 200]);
    assert_eq!(statuses(&guest, &["/api/health", MEMOS]).await, [429, 200]);

    // Whoever saves the settings lets all begin anew, though nothing is changed.
    rule(&root, &[("/api/", "", 4)]).await;
    assert_eq!(statuses(&guest, &["/api/health"]).await, [200]);

    rule(&root, &[("/api/health", "", 1), ("/api/", "", 5)]).await;
    assert_eq!(statuses(&guest, &["/api/health", "/api/health"]).await, [200, 429]);
    // The guard comes behind the count.
    rule(&root, &[("/api/settings", "", 1)]).await;
    assert_eq!(statuses(&guest, &["/api/settings", "/api/settings"]).await, [401, 429]);
    rule(&root, &[("GET /api/collections/notes/records", "", 1)]).await;
    assert_eq!(statuses(&guest, &[NOTES, NOTES]).await, [200, 429]);
    assert_eq!(guest.post(NOTES, json!({})).await.status, 200);
}

#[tokio::test]
async fn a_refusal_says_when_to_come_back() {
    let app = TestApp::spawn().await;
    let root = open_collections(&app).await;
    rule(&root, &[("*:view", "", 1)]).await;
    let path = format!("{NOTES}/notes0000000001");
    app.guest().get(&path).await;
    let refused = app.guest().fetch(&path, &[]).await;
    let body = json!({"data": {}, "message": "Too Many Requests.", "status": 429});
    let told: Value = serde_json::from_slice(&refused.bytes).unwrap();
    assert_eq!((refused.status, told), (429, body));
    let wait: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=600).contains(&wait), "{wait}");
    let excluded = json!({"rateLimits": {"excludedIPs": ["127.0.0.0/8"]}});
    assert_eq!(root.patch("/api/settings", excluded).await.status, 200);
    assert_eq!(app.guest().get(&path).await.status, 200);
}

#[tokio::test]
async fn all_that_signs_in_has_one_count_and_each_its_own() {
    let app = TestApp::spawn().await;
    let root = open_collections(&app).await;
    let guest = app.guest();
    let sign_in = "/api/collections/users/auth-with-password";
    let wrong = json!({"identity": "x@example.com", "password": "123"});
    for (first, second) in [
        (("*:auth", "", 2), ("*:authWithPassword", "", 1)),
        (("users:auth", "", 1), ("*:authWithPassword", "", 2)),
    ] {
        rule(&root, &[first, second]).await;
        assert_eq!(guest.post(sign_in, wrong.clone()).await.status, 400);
        assert_eq!(guest.post(sign_in, wrong.clone()).await.status, 429);
    }
}

#[tokio::test]
async fn writes_of_a_batch_count_each() {
    let app = TestApp::spawn().await;
    let root = open_collections(&app).await;
    let guest = app.guest();
    let create = json!({"method": "POST", "url": NOTES, "body": {}});
    let batch = |requests: Vec<Value>| guest.post("/api/batch", json!({"requests": requests}));
    rule(&root, &[("*:create", "", 2)]).await;
    let failed = batch(vec![create.clone(), create.clone(), create.clone()]).await;
    assert_eq!(failed.status, 400);
    let inner = &failed.body["data"]["requests"]["2"]["response"];
    assert_eq!(inner, &json!({"data": {}, "message": "Too Many Requests.", "status": 429}));
    // Those before it counted, though they were undone; single requests count by themselves.
    assert_eq!(batch(vec![create.clone()]).await.status, 400);
    assert_eq!(guest.post(NOTES, json!({})).await.status, 200);

    rule(&root, &[("*:update", "", 1), ("*:create", "", 1)]).await;
    let upsert = |body: Value| vec![json!({"method": "PUT", "url": NOTES, "body": body})];
    for body in [json!({"id": "notes0000000001"}), json!({})] {
        assert_eq!(batch(upsert(body.clone())).await.status, 200, "{body}");
        assert_eq!(batch(upsert(body.clone())).await.status, 400, "{body}");
    }
}
