//! The queue as superusers see it.

use greenroom::jobs::NewJob;
use serde_json::{Value, json};

use crate::support::TestApp;

/// Jobs of a kind that nobody handles, so that they stay.
async fn queue(app: &TestApp, key: &'static str) {
    let jobs = app.app.jobs.clone();
    let job = NewJob::new("test", r#"{"secret":"text"}"#.to_owned()).in_order_of(key);
    app.app.store.write(move |tx| jobs.enqueue(tx, job)).await.expect("there is room");
}

#[tokio::test]
async fn jobs_are_listed_without_their_payload_and_discarded() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    for key in ["", "k", "k"] {
        queue(&app, key).await;
    }
    let list = root.get("/api/gr/jobs?perPage=2").await;
    assert_eq!(list.status, 200, "{}", list.body);
    assert!(!list.body.to_string().contains("secret"));
    let counts = ["page", "perPage", "totalItems"].map(|name| list.body[name].clone());
    assert_eq!(counts, [json!(1), json!(2), json!(3)]);
    let newest = &list.body["items"][0];
    assert_eq!(newest["id"], 3);
    assert_eq!([&newest["state"], &newest["key"]], [&json!("waiting"), &json!("k")]);
    let waiting = root.get("/api/gr/jobs?state=waiting&kind=test").await;
    assert_eq!(waiting.body["totalItems"], 1);
    assert_eq!(root.delete("/api/gr/jobs/2").await.status, 204);
    let states = root.get("/api/gr/jobs").await.body["items"].clone();
    let states: Vec<&Value> = states.as_array().unwrap().iter().map(|i| &i["state"]).collect();
    assert_eq!(states, ["queued", "queued"]);
    assert_eq!(root.post("/api/gr/jobs/3/retry", json!({})).await.status, 204);
}

#[tokio::test]
async fn bad_input_gets_a_clear_answer() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    queue(&app, "k").await;
    queue(&app, "k").await;
    for (path, status) in [
        ("/api/gr/jobs/1x/retry", 404),
        ("/api/gr/jobs/99/retry", 404),
        ("/api/gr/jobs/-1/retry", 404),
        ("/api/gr/jobs/99999999999999999999/retry", 404),
        ("/api/gr/jobs/2/retry", 400),
    ] {
        assert_eq!(root.post(path, json!({})).await.status, status, "{path}");
    }
    assert_eq!(root.get("/api/gr/jobs?state=gone").await.status, 400);
    assert_eq!(root.get("/api/gr/jobs?page=x").await.status, 400);
    assert_eq!(root.delete("/api/gr/jobs/99").await.status, 404);
    for (caller, status) in [(app.guest(), 401), (app.user("ada").await, 403)] {
        assert_eq!(caller.get("/api/gr/jobs").await.status, status);
        assert_eq!(caller.delete("/api/gr/jobs/1").await.status, status);
        assert_eq!(caller.post("/api/gr/jobs/1/retry", json!({})).await.status, status);
    }
}
