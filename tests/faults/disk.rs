//! A disk that is full, that can only be read, or that is slow.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::Mutex;

use crate::point::{Point, alone};
use crate::support::{Caller, TestApp};

const RECORDS: &str = "/api/collections/posts/records";

pub async fn posts(app: &TestApp) -> Caller {
    let root = app.superuser().await;
    let fields = json!([{"name": "title", "type": "text"},
        {"name": "picture", "type": "file", "thumbs": ["10x10"]}]);
    let rules = json!({"name": "posts", "fields": fields, "listRule": "", "viewRule": ""});
    assert_eq!(root.post("/api/collections", rules).await.status, 200);
    root
}

pub async fn titles(caller: &Caller) -> Vec<String> {
    let list = caller.get("/api/collections/posts/records?sort=title&fields=title").await;
    assert_eq!(list.status, 200, "{}", list.body);
    let items = list.body["items"].as_array().expect("items");
    items.iter().map(|item| item["title"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3_a_full_disk_refuses_writes_and_loses_none_that_it_acknowledged() {
    let _alone = alone().await;
    let app = TestApp::spawn().await;
    let root = posts(&app).await;
    assert_eq!(root.post(RECORDS, json!({"title": "before"})).await.status, 200);
    let full = Point::fails("store::commit", 28);
    let refused = root.post(RECORDS, json!({"title": "while"})).await;
    assert_eq!((refused.status, refused.message()), (503, "The disk of the server is full."));
    assert_eq!(titles(&root).await, ["before"], "reads go on");
    drop(full);
    assert_eq!(root.post(RECORDS, json!({"title": "then"})).await.status, 200);
    assert_eq!(titles(&root).await, ["before", "then"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3_a_disk_that_can_only_be_read_is_read() {
    let _alone = alone().await;
    let app = TestApp::spawn().await;
    let root = posts(&app).await;
    assert_eq!(root.post(RECORDS, json!({"title": "before"})).await.status, 200);
    let locked = Point::fails("store::commit", 30);
    assert_eq!(root.post(RECORDS, json!({"title": "while"})).await.status, 503);
    assert_eq!(titles(&root).await, ["before"]);
    drop(locked);
    assert_eq!(root.post(RECORDS, json!({"title": "then"})).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3_a_disk_without_room_for_a_file_refuses_the_record_with_it() {
    let _alone = alone().await;
    let app = TestApp::spawn().await;
    let root = posts(&app).await;
    for point in ["files::upload", "files::put"] {
        let full = Point::fails(point, 28);
        let refused = upload(&app, &root, "while").await;
        assert_eq!(refused, 503, "{point}");
        assert_eq!(titles(&root).await, Vec::<String>::new(), "{point}");
        drop(full);
    }
    assert_eq!(upload(&app, &root, "then").await, 200);
    assert_eq!(titles(&root).await, ["then"]);
}

/// A picture of one point.
pub fn picture() -> Vec<u8> {
    let head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
    let data = b"\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d";
    let end = b"\0\0\0\0IEND\xaeB`\x82";
    [&head[..], &data[..], &end[..]].concat()
}

pub async fn upload(app: &TestApp, root: &Caller, title: &str) -> u16 {
    let part = reqwest::multipart::Part::bytes(picture()).file_name("one.png");
    let form = reqwest::multipart::Form::new().text("title", title.to_owned());
    let call = reqwest::Client::new()
        .post(format!("http://{}{RECORDS}", app.address))
        .header("Authorization", root.token.as_str())
        .multipart(form.part("picture", part));
    call.send().await.expect("an answer").status().as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3_reads_do_not_wait_for_a_slow_disk() {
    let _alone = alone().await;
    let app = TestApp::spawn().await;
    let root = posts(&app).await;
    assert_eq!(root.post(RECORDS, json!({"title": "before"})).await.status, 200);
    let gate = Arc::new(Mutex::new(()));
    let shut = gate.lock().await;
    let slow = Point::waits("store::commit", Arc::clone(&gate));
    let writer = root.clone();
    let write = tokio::spawn(async move { writer.post(RECORDS, json!({"title": "slow"})).await });
    slow.is_met(1).await;
    for _ in 0..20 {
        assert_eq!(titles(&root).await, ["before"]);
    }
    assert!(!write.is_finished(), "nothing is acknowledged before it is written");
    drop(shut);
    assert_eq!(write.await.expect("an answer").status, 200);
    assert_eq!(titles(&root).await, ["before", "slow"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3_a_log_that_cannot_be_written_stops_nothing() {
    let _alone = alone().await;
    let app = TestApp::spawn().await;
    let root = posts(&app).await;
    let full = Point::fails("logs::write", 28);
    assert_eq!(root.post(RECORDS, json!({"title": "one"})).await.status, 200);
    app.app.activity.flush().await;
    assert_eq!(root.get("/api/logs?perPage=1").await.status, 200);
    drop(full);
    assert_eq!(root.get("/api/collections/posts/records?then=1").await.status, 200);
    app.app.activity.flush().await;
    let logs = root.get("/api/logs?filter=data.url~'then=1'").await;
    assert_eq!(logs.body["totalItems"], 1, "{}", logs.body);
}
