//! What a write or a delete leaves behind on the disk: nothing that no record names.

use std::path::Path;

use serde_json::json;

use crate::support::{Caller, TestApp};

const BOUNDARY: &str = "edge-of-a-part";
const RECORDS: &str = "/api/collections/papers/records";

fn form(parts: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (head, value) in parts {
        let head = format!("Content-Disposition: form-data; name={head}");
        text.push_str(&format!("--{BOUNDARY}\r\n{head}\r\n\r\n{value}\r\n"));
    }
    text + &format!("--{BOUNDARY}--\r\n")
}

async fn papers(app: &TestApp) -> Caller {
    let root = app.superuser().await;
    let fields = json!([
        {"name": "title", "type": "text", "required": true},
        {"name": "doc", "type": "file", "maxSelect": 2},
    ]);
    let made = root.post("/api/collections", json!({"name": "papers", "fields": fields})).await;
    assert_eq!(made.status, 200, "{}", made.body);
    root
}

fn count(dir: &Path) -> usize {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { count(&entry.path()) } else { 1 }).sum()
}

/// Files and sidecars once everything queued is done, which ends the app's use of its files.
fn left(app: &TestApp) -> usize {
    app.app.files.close();
    let dir = &app.app.config.dir;
    count(&dir.join("storage")) + count(&dir.join(".pb_temp_to_delete"))
}

#[tokio::test]
async fn a_refused_write_leaves_no_file() {
    let app = TestApp::spawn().await;
    let root = papers(&app).await;
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let body = form(&[("\"doc\"; filename=\"a.txt\"", "hello")]);
    let refused = root.post_text(RECORDS, &kind, &body).await;
    assert_eq!(refused.codes(), json!({"title": "required"}), "{}", refused.body);
    assert_eq!(left(&app), 0);
}

#[tokio::test]
async fn a_deleted_record_takes_its_files_along_and_others_keep_theirs() {
    let app = TestApp::spawn().await;
    let root = papers(&app).await;
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let file = ("\"doc\"; filename=\"a.txt\"", "hello");
    let mut made = Vec::new();
    for title in ["one", "two"] {
        let body = form(&[("\"title\"", title), file]);
        made.push(root.post_text(RECORDS, &kind, &body).await);
        assert_eq!(made.last().map(|answer| answer.status), Some(200), "{made:?}");
    }
    let id = made[0].body["id"].as_str().unwrap_or_default();
    assert_eq!(root.delete(&format!("{RECORDS}/{id}")).await.status, 204);
    assert_eq!(left(&app), 2);
}
