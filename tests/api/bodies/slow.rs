//! A client that keeps the server waiting is cut off; one that is slow and steady is not.

use std::time::Duration;

use greenroom::http::limits::Intake;
use serde_json::{Value, json};

use crate::bodies::socket::Socket;
use crate::support::TestApp;

const CREATE: &str = "POST /api/collections/notes/records";

async fn app(patience: Duration, least: usize) -> TestApp {
    let app = TestApp::spawn_within(Intake { patience, least, ..Intake::default() }).await;
    let root = app.superuser().await;
    let fields = json!([{"name": "text", "type": "text"}, {"name": "doc", "type": "file"}]);
    let body = json!({"name": "notes", "fields": fields, "createRule": ""});
    assert_eq!(root.post("/api/collections", body).await.status, 200);
    app
}

fn too_slow() -> Value {
    let message = "The request took too long to arrive.";
    json!({"data": {}, "message": message, "status": 408})
}

#[tokio::test]
async fn a_body_that_stops_coming_is_answered_with_408_and_the_connection_ends() {
    let app = app(Duration::from_millis(300), 100).await;
    let mut socket = Socket::announce(&app, CREATE, "application/json", 1000).await;
    socket.send(b"{\"text\": \"").await;
    assert_eq!(socket.answer().await, (408, too_slow()));
    socket.ends().await;
}

#[tokio::test]
async fn a_byte_now_and_then_is_not_enough() {
    let app = app(Duration::from_millis(300), 1 << 20).await;
    let mut socket = Socket::announce(&app, CREATE, "application/json", 1 << 20).await;
    let drip = async {
        // The pace of the client; the test ends with the server's answer.
        let mut clock = tokio::time::interval(Duration::from_millis(20));
        loop {
            clock.tick().await;
            socket.send(b" ").await;
            if let Ok(answer) =
                tokio::time::timeout(Duration::from_millis(1), socket.answer()).await
            {
                return answer;
            }
        }
    };
    assert_eq!(drip.await, (408, too_slow()));
}

#[tokio::test]
async fn an_upload_that_stops_is_cut_off_and_leaves_no_file() {
    let app = app(Duration::from_millis(300), 100).await;
    let kind = "multipart/form-data; boundary=x";
    let mut socket = Socket::announce(&app, CREATE, kind, 1 << 20).await;
    let head = "--x\r\nContent-Disposition: form-data; name=doc; filename=a.txt\r\n\r\n";
    socket.send(head.as_bytes()).await;
    socket.send(&vec![b'x'; 600_000]).await;
    assert_eq!(socket.answer().await, (408, too_slow()));
    assert_eq!(crate::files::folder::left(&app), Vec::<String>::new());
}

#[tokio::test]
async fn a_slow_and_steady_client_is_served() {
    // The whole takes longer than the patience, no hundred bytes do.
    let app = app(Duration::from_millis(1000), 100).await;
    let body = format!("{{\"text\": \"{}\"}}", "x".repeat(1200));
    let mut socket = Socket::announce(&app, CREATE, "application/json", body.len()).await;
    let mut clock = tokio::time::interval(Duration::from_millis(100));
    for piece in body.as_bytes().chunks(100) {
        clock.tick().await;
        socket.send(piece).await;
    }
    let (status, record) = socket.answer().await;
    assert_eq!(status, 200, "{record}");
}

#[tokio::test]
async fn a_refused_request_does_not_wait_for_its_body() {
    let app = app(Duration::from_secs(30), 100).await;
    let target = "POST /api/collections";
    let mut socket = Socket::announce(&app, target, "application/json", 1 << 20).await;
    socket.send(b"{").await;
    assert_eq!(socket.answer().await.0, 401);
    socket.ends().await;
}
