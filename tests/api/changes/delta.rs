//! `GET /api/collections/{collection}/changes`.

use std::time::Duration;

use greenroom::config::KeptChanges;
use serde_json::{Value, json};

use crate::support::{Caller, TestApp};

async fn notes(app: &TestApp) -> Caller {
    let root = app.superuser().await;
    let fields = json!([
        {"name": "text", "type": "text"},
        {"name": "owner", "type": "text"},
        {"name": "secret", "type": "text", "hidden": true},
        {"name": "parent", "type": "relation", "collectionId": "notes0000000000",
         "cascadeDelete": true},
    ]);
    let made = root
        .post(
            "/api/collections",
            json!({"id": "notes0000000000", "name": "notes",
            "listRule": "owner = @request.auth.id || owner = 'all'", "fields": fields}),
        )
        .await;
    assert_eq!(made.status, 200, "{}", made.body);
    root
}

async fn add(root: &Caller, id: &str, owner: &str, parent: &str) {
    let body = json!({"id": id, "text": id, "owner": owner, "secret": "s", "parent": parent});
    let made = root.post("/api/collections/notes/records", body).await;
    assert_eq!(made.status, 200, "{}", made.body);
}

async fn since(caller: &Caller, query: &str) -> Value {
    let answer = caller.get(&format!("/api/collections/notes/changes?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

fn short(body: &Value) -> Vec<String> {
    let changes = body["changes"].as_array().expect("changes");
    let word = |change: &Value, key: &str| change[key].as_str().unwrap_or_default().to_owned();
    changes.iter().map(|c| format!("{} {}", word(c, "action"), word(c, "id"))).collect()
}

#[tokio::test]
async fn each_caller_is_told_what_the_list_rule_opens_and_no_more() {
    let app = TestApp::spawn().await;
    let root = notes(&app).await;
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let begin = since(&ann, "").await;
    assert_eq!(begin["changes"], json!([]));
    let at = begin["seq"].as_u64().expect("a number");
    add(&root, "annannannannann", &ann.id, "").await;
    add(&root, "bobbobbobbobbob", &bob.id, "").await;
    add(&root, "allallallallall", "all", "").await;
    let query = format!("since={at}");
    let told = since(&ann, &query).await;
    assert_eq!(short(&told), ["create annannannannann", "create allallallallall"]);
    assert_eq!(told["changes"][0]["record"].get("secret"), None, "hidden fields stay hidden");
    assert_eq!(short(&since(&app.guest(), &query).await), ["create allallallallall"]);
    assert_eq!(short(&since(&root, &query).await).len(), 3);
    let own = format!("{query}&filter=text='bobbobbobbobbob'");
    assert_eq!(short(&since(&bob, &own).await), ["create bobbobbobbobbob"]);
    // From where the answer ended there is nothing new.
    let rest = since(&ann, &format!("since={}", told["seq"])).await;
    assert_eq!((rest["changes"].clone(), rest["hasMore"].clone()), (json!([]), json!(false)));
}

#[tokio::test]
async fn deletes_leave_a_tombstone_with_their_cascade() {
    let app = TestApp::spawn().await;
    let root = notes(&app).await;
    add(&root, "parentparent000", "all", "").await;
    add(&root, "childchildchil0", "all", "parentparent000").await;
    add(&root, "foreignforeign0", "somebody", "parentparent000").await;
    let at = since(&root, "").await["seq"].as_u64().expect("a number");
    root.delete("/api/collections/notes/records/parentparent000").await;
    let told = since(&app.guest(), &format!("since={at}")).await;
    assert_eq!(short(&told), ["delete childchildchil0", "delete parentparent000"]);
    assert_eq!(told["changes"][0].get("record"), None);
}

#[tokio::test]
async fn pages_of_the_log_follow_each_other() {
    let app = TestApp::spawn().await;
    let root = notes(&app).await;
    for i in 0..7 {
        add(&root, &format!("note00000000{i:03}"), "all", "").await;
    }
    let (mut at, mut told) = (0, Vec::new());
    loop {
        let page = since(&app.guest(), &format!("since={at}&limit=3")).await;
        told.extend(short(&page));
        at = page["seq"].as_u64().expect("a number");
        if page["hasMore"] == false {
            break;
        }
    }
    assert_eq!(told.len(), 7);
}

#[tokio::test]
async fn who_was_away_for_too_long_reads_anew() {
    let app = TestApp::spawn().await;
    let root = notes(&app).await;
    for i in 0..5 {
        add(&root, &format!("note00000000{i:03}"), "all", "").await;
    }
    let newest = since(&root, "").await["seq"].clone();
    let changes = app.app.changes.clone();
    let keep = KeptChanges { age: Duration::from_secs(3600), rows: 2 };
    app.app.store.write(move |tx| changes.trim(tx, keep)).await.expect("trimmed");
    let old = since(&root, "since=1").await;
    assert_eq!(old, json!({"resync": true, "seq": newest}));
    let future = since(&root, "since=99999").await;
    assert_eq!(future, json!({"resync": true, "seq": newest}));
}

#[tokio::test]
async fn nonsense_is_refused_with_a_reason() {
    let app = TestApp::spawn().await;
    let root = notes(&app).await;
    for (path, status) in [
        ("/api/collections/notes/changes?since=x", 400),
        ("/api/collections/notes/changes?since=-1", 400),
        ("/api/collections/notes/changes?since=1&limit=many", 400),
        ("/api/collections/notes/changes?since=0&filter=nope=1", 400),
        ("/api/collections/notes/changes?since=0&filter=secret='s'", 400),
        ("/api/collections/nope/changes?since=0", 404),
        ("/api/collections/_superusers/changes?since=0", 403),
    ] {
        assert_eq!(app.guest().get(path).await.status, status, "{path}");
    }
    let view = json!({"name": "v", "type": "view", "viewQuery": "SELECT id FROM notes"});
    assert_eq!(root.post("/api/collections", view).await.status, 200);
    assert_eq!(root.get("/api/collections/v/changes?since=0").await.status, 400);
}
