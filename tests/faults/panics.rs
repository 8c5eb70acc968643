//! A panic in each worker: the server keeps serving, and the worker works again.

use serde_json::json;

use crate::disk::{posts, titles, upload};
use crate::point::{Point, alone};
use crate::support::{Stream, TestApp};

const RECORDS: &str = "/api/collections/posts/records";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3_a_panic_in_the_store_takes_nothing_along() {
    let _alone = alone().await;
    let app = TestApp::spawn().await;
    let root = posts(&app).await;
    for (number, point) in
        ["store::write", "store::flush", "store::checkpoint", "logs::turn"].into_iter().enumerate()
    {
        // What the log still had to write is not to meet the point.
        app.app.activity.flush().await;
        let panics = Point::panics_once(point);
        // The writer's own panic loses the write it had, and says so.
        let first = root.post(RECORDS, json!({"title": "lost"})).await.status;
        assert_eq!(first, if point == "store::write" { 503 } else { 200 }, "{point}");
        app.app.activity.flush().await;
        panics.is_met(1).await;
        let title = format!("after {number}");
        assert_eq!(root.post(RECORDS, json!({"title": title})).await.status, 200, "{point}");
        // It works again.
        app.app.activity.flush().await;
        panics.is_met(2).await;
        assert!(titles(&root).await.contains(&title), "{point}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3_a_panic_of_a_reader_is_one_refused_read() {
    let _alone = alone().await;
    let app = TestApp::spawn().await;
    let root = posts(&app).await;
    let panics = Point::panics_once("store::read");
    // Lists of the log are read by the pool.
    assert_eq!(root.get("/api/logs").await.status, 503);
    panics.is_met(1).await;
    for _ in 0..4 {
        assert_eq!(root.get("/api/logs").await.status, 200);
    }
    panics.is_met(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3_a_panic_of_realtime_cuts_its_clients_who_may_come_again() {
    let _alone = alone().await;
    let app = TestApp::spawn().await;
    let root = posts(&app).await;
    let mut stream = Stream::open(&root).await;
    stream.follow(&root, &["posts/*"]).await;
    let panics = Point::panics_once("realtime::tell");
    assert_eq!(root.post(RECORDS, json!({"title": "one"})).await.status, 200);
    panics.is_met(1).await;
    assert_eq!(stream.next().await, None, "it does not know what was told");
    let mut again = Stream::open(&root).await;
    again.follow(&root, &["posts/*"]).await;
    assert_eq!(root.post(RECORDS, json!({"title": "two"})).await.status, 200);
    let told = again.next().await.expect("a message");
    assert_eq!(told.record()["title"], "two");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3_a_panic_over_a_thumb_is_one_missing_thumb() {
    let _alone = alone().await;
    let app = TestApp::spawn().await;
    let root = posts(&app).await;
    let panics = Point::panics_once("files::thumb");
    for (number, title) in ["one", "two"].into_iter().enumerate() {
        assert_eq!(upload(&app, &root, title).await, 200);
        let filter = format!("{RECORDS}?filter=title='{title}'");
        let record = root.get(&filter).await.body["items"][0].clone();
        let (id, name) = (record["id"].as_str().unwrap(), record["picture"].as_str().unwrap());
        let path = format!("/api/files/posts/{id}/{name}?thumb=10x10");
        assert_eq!(root.fetch(&path, &[]).await.status, 200, "the original stands in");
        panics.is_met(number + 1).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3_a_panic_of_a_cron_or_a_job_leaves_the_next_one_to_run() {
    let _alone = alone().await;
    let app = TestApp::spawn().await;
    let root = posts(&app).await;
    let panics = Point::panics_once("jobs::cron");
    for times in 1..=2 {
        assert_eq!(root.post("/api/crons/__pbOTPCleanup__", json!({})).await.status, 204);
        panics.is_met(times).await;
    }
    drop(panics);
    let panics = Point::panics_once("jobs::run");
    let form = json!({"email": "nobody@example.com"});
    let path = "/api/collections/users/request-password-reset";
    assert_eq!(root.post(path, form).await.status, 204);
    // The second attempt follows by itself.
    panics.is_met(2).await;
    assert_eq!(root.get("/api/health").await.status, 200);
}
