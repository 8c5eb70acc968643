//! The bodies of all requests share one budget of memory.

use greenroom::http::limits::Intake;
use serde_json::json;

use crate::bodies::socket::Socket;
use crate::support::TestApp;

const CREATE: &str = "POST /api/collections/notes/records";
const PATH: &str = "/api/collections/notes/records";

async fn app(memory: usize) -> TestApp {
    let app = TestApp::spawn_within(Intake { memory, ..Intake::default() }).await;
    let root = app.superuser().await;
    let fields = json!([
        {"name": "text", "type": "text", "max": 1_000_000},
        {"name": "list", "type": "json", "maxSize": 10_000_000},
        {"name": "doc", "type": "file", "maxSize": 10_000_000},
    ]);
    let body = json!({"name": "notes", "fields": fields, "createRule": ""});
    let made = root.post("/api/collections", body).await;
    assert_eq!(made.status, 200, "{}", made.body);
    app
}

#[tokio::test]
async fn what_the_others_leave_is_not_enough_and_then_it_is() {
    let app = app(1 << 20).await;
    // Holds most of the memory and does not go on.
    let mut slow = Socket::announce(&app, CREATE, "application/json", 900_000).await;
    slow.send(b"{\"text\": \"").await;
    slow.send(&vec![b'x'; 800_000]).await;
    let guest = app.guest();
    let body = json!({"text": "x".repeat(300_000)});
    // The server may not have taken the slow one's bytes yet.
    let refused = loop {
        let answer = guest.post(PATH, body.clone()).await;
        if answer.status != 200 {
            break answer;
        }
    };
    let message = "Too many request bodies are held in memory, please try again.";
    assert_eq!((refused.status, refused.message()), (503, message));
    // What fits is served meanwhile.
    assert_eq!(guest.post(PATH, json!({"text": "small"})).await.status, 200);
    drop(slow);
    loop {
        match guest.post(PATH, body.clone()).await.status {
            200 => break,
            status => assert_eq!(status, 503),
        }
    }
}

#[tokio::test]
async fn a_document_that_grows_too_large_when_read_is_refused_before() {
    let app = app(4 << 20).await;
    let list = vec![0; 200_000];
    let refused = app.guest().post(PATH, json!({"list": list})).await;
    assert_eq!(refused.status, 413, "{}", refused.body);
    assert_eq!(app.guest().post(PATH, json!({"list": &list[..20_000]})).await.status, 200);
}

#[tokio::test]
async fn files_take_nothing_of_the_memory() {
    let app = app(64 << 10).await;
    let form = crate::files::form::Form::new().file("doc", "a.txt", &"x".repeat(5_000_000));
    let made = form.post(&app.guest(), PATH).await;
    assert_eq!(made.status, 200, "{}", made.body);
}
