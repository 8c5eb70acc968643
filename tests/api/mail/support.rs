//! The letter box of a server with `--dev`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Caller, TestApp};

const PATIENCE: Duration = Duration::from_secs(10);

/// Sets the texts of an auth collection's letters.
pub async fn write_template(
    root: &Caller,
    collection: &str,
    name: &str,
    subject: &str,
    body: &str,
) {
    let change = json!({name: {"subject": subject, "body": body}});
    let answer = root.patch(&format!("/api/collections/{collection}"), change).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// What a collection answers to a request for a letter.
pub async fn ask(caller: &Caller, what: &str, email: &str) -> (u16, Value) {
    let path = format!("/api/collections/users/{what}");
    let answer = caller.post(&path, json!({"email": email})).await;
    (answer.status, answer.body)
}

/// The newest of `count` mails, with what it says; waits for it.
pub async fn mail(root: &Caller, count: usize) -> Value {
    let arrived = async {
        loop {
            let list = root.get("/api/gr/mails").await.body;
            let items = list["items"].as_array().expect("a list").clone();
            if items.len() >= count {
                assert_eq!(items.len(), count, "{list}");
                let id = items[0]["id"].as_str().expect("an id");
                return root.get(&format!("/api/gr/mails/{id}")).await.body;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, arrived).await.expect("the mail arrives")
}

/// Waits until no job is open.
pub async fn settled(root: &Caller) {
    let idle = async {
        loop {
            let mut open = 0;
            for state in ["waiting", "queued", "running"] {
                let jobs = root.get(&format!("/api/gr/jobs?state={state}")).await.body;
                open += jobs["totalItems"].as_i64().expect("a number");
            }
            if open == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, idle).await.expect("the jobs end");
}

/// A server that shows its mails, its superuser, and the user `ada`.
pub async fn server() -> (TestApp, Caller, Caller) {
    let app = TestApp::spawn_dev().await;
    let root = app.superuser().await;
    let ada = app.user("ada").await;
    (app, root, ada)
}
