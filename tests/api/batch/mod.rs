//! Batches: what they see, what they may take, and what is left when they fail.

use serde_json::{Value, json};

use crate::files::form::Form;
use crate::support::{Answer, Caller, TestApp};

const NOTES: &str = "/api/collections/notes/records";
const BATCH: &str = "/api/batch";

async fn with_notes(app: &TestApp, rules: Value) -> Caller {
    let root = app.superuser().await;
    let fields = json!([{"name": "text", "type": "text"}, {"name": "doc", "type": "file"}]);
    let mut body = json!({"name": "notes", "fields": fields, "createRule": "", "updateRule": ""});
    for (slot, rule) in rules.as_object().into_iter().flatten() {
        body[slot] = rule.clone();
    }
    let made = root.post("/api/collections", body).await;
    assert_eq!(made.status, 200, "{}", made.body);
    allow(&root, json!({"enabled": true})).await;
    root
}

async fn allow(root: &Caller, batch: Value) {
    let changed = root.patch("/api/settings", json!({"batch": batch})).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
}

fn request(method: &str, url: &str, body: Value) -> Value {
    let mut request = json!({"method": method, "url": url});
    request["body"] = body;
    request
}

async fn send(caller: &Caller, requests: &[Value]) -> Answer {
    caller.post(BATCH, json!({"requests": requests})).await
}

async fn count(root: &Caller, path: &str) -> Value {
    root.get(&format!("{path}?perPage=1")).await.body["totalItems"].clone()
}

#[tokio::test]
async fn rules_see_an_upsert_as_what_it_turns_out_to_be() {
    let app = TestApp::spawn().await;
    let rule = json!("@request.method = @request.body.text && @request.context = 'batch'");
    with_notes(&app, json!({"createRule": rule, "updateRule": rule})).await;
    let upsert =
        |text: &str| [request("PUT", NOTES, json!({"id": "note00000000001", "text": text}))];
    let guest = app.guest();
    assert_eq!(send(&guest, &upsert("PUT")).await.status, 400);
    assert_eq!(send(&guest, &upsert("POST")).await.status, 200);
    assert_eq!(send(&guest, &upsert("POST")).await.status, 400);
    assert_eq!(send(&guest, &upsert("PATCH")).await.status, 200);
}

#[tokio::test]
async fn fields_that_make_no_sense_stop_the_write() {
    let app = TestApp::spawn().await;
    let root = with_notes(&app, json!({})).await;
    let url = format!("{NOTES}?fields=text:nothing(1)");
    let answer = send(&root, &[request("POST", &url, json!({"text": "x"}))]).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(answer.body["data"]["requests"]["0"]["response"]["status"], 400);
    assert_eq!(count(&root, NOTES).await, 0);
}

#[tokio::test]
async fn the_time_of_a_batch_ends_it_as_a_whole() {
    let app = TestApp::spawn().await;
    let root = with_notes(&app, json!({})).await;
    allow(&root, json!({"enabled": true, "timeout": 1, "maxRequests": 100_000})).await;
    // More sign-ups than any machine hashes in a second; the first is there only with the last.
    let sign_up = |n: usize| {
        let body = json!({
            "email": format!("u{n}@example.com"), "password": "1234567890",
            "passwordConfirm": "1234567890",
        });
        request("POST", "/api/collections/users/records", body)
    };
    let requests: Vec<Value> = (0..1000).map(sign_up).collect();
    let answer = send(&root, &requests).await;
    let expected = json!({"data": {}, "message": "Batch transaction failed.", "status": 400});
    assert_eq!((answer.status, answer.body), (400, expected));
    assert_eq!(count(&root, "/api/collections/users/records").await, 0);
}

#[tokio::test]
async fn a_batch_with_passwords_counts_what_came_before_in_it() {
    let app = TestApp::spawn().await;
    let root = with_notes(&app, json!({})).await;
    let users = "/api/collections/users/records";
    let rule = "@collection.notes.text ?= @request.body.name";
    let changed = root.patch("/api/collections/users", json!({"createRule": rule})).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let user = json!({
        "id": "user00000000001", "email": "a@example.com", "name": "invited",
        "password": "1234567890", "passwordConfirm": "1234567890",
    });
    let (invite, sign_up) =
        (request("POST", NOTES, json!({"text": "invited"})), request("POST", users, user));
    let guest = app.guest();
    let refused = send(&guest, &[sign_up.clone(), invite.clone()]).await;
    assert!(!refused.body["data"]["requests"]["0"].is_null(), "{}", refused.body);
    let rename = request("PATCH", &format!("{users}/user00000000001"), json!({"name": "new"}));
    let refused = send(&guest, &[invite.clone(), sign_up.clone(), rename]).await;
    assert!(!refused.body["data"]["requests"]["2"].is_null(), "{}", refused.body);
    assert_eq!(count(&root, users).await, 0);
    assert_eq!(count(&root, NOTES).await, 0);
    assert_eq!(send(&guest, &[invite, sign_up]).await.status, 200);
    assert_eq!((count(&root, users).await, count(&root, NOTES).await), (json!(1), json!(1)));
    guest.signed_in("users", "a@example.com", "1234567890").await;
}

#[tokio::test]
async fn more_requests_or_bytes_than_the_settings_allow_are_refused() {
    let app = TestApp::spawn().await;
    let root = with_notes(&app, json!({})).await;
    allow(&root, json!({"enabled": true, "maxRequests": 2, "maxBodySize": 2000})).await;
    let note = request("POST", NOTES, json!({"text": "x"}));
    assert_eq!(send(&root, &[note.clone(), note.clone()]).await.status, 200);
    let many = send(&root, &[note.clone(), note.clone(), note.clone()]).await;
    assert_eq!(many.codes(), json!({"requests": "length_too_long"}), "{}", many.body);
    let long = request("POST", NOTES, json!({"text": "x".repeat(2000)}));
    assert_eq!(send(&root, &[long]).await.status, 413);
    let form = Form::new().text("@jsonPayload", &json!({"requests": [note]}).to_string());
    let form = form.file("requests.0.doc", "a.txt", &"x".repeat(2000));
    assert_eq!(form.post(&root, BATCH).await.status, 413);
    assert_eq!(count(&root, NOTES).await, 2);
    assert_eq!(crate::files::folder::left(&app), Vec::<String>::new());
}

#[tokio::test]
async fn a_file_for_nobody_is_told_in_the_log() {
    let app = TestApp::spawn().await;
    let root = with_notes(&app, json!({})).await;
    let made = Form::new().file("text", "a.txt", "x").file("doc", "b.txt", "y").post(&root, NOTES);
    assert_eq!(made.await.status, 200);
    let requests = json!({"requests": [request("POST", NOTES, json!({}))]}).to_string();
    let form = Form::new().text("@jsonPayload", &requests);
    let form = form.file("requests.7.doc", "a.txt", "x").file("requests.00.doc", "a.txt", "x");
    assert_eq!(form.post(&root, BATCH).await.status, 200);
    app.app.activity.flush().await;
    let logs = root.get("/api/logs?filter=level=4&sort=created").await;
    let told: Vec<&Value> = logs.body["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|log| &log["data"]["warnings"])
        .collect();
    let of = |keys: &[&str]| -> Vec<String> {
        let line = |key| format!("a file for {key:?} was ignored: nothing takes files there");
        keys.iter().map(line).collect()
    };
    assert_eq!(told, [&json!(of(&["text"])), &json!(of(&["requests.7.doc", "requests.00.doc"]))]);
}
