//! The SQL console: what it answers, what it refuses, and what follows from what it writes.

mod aftermath;
mod answers;
mod limits;

use serde_json::{Value, json};

use crate::support::{Answer, Caller, TestApp};

const POSTS: &str = "/api/collections/posts/records";

/// Asks the console.
async fn ask(caller: &Caller, query: &str) -> Answer {
    caller.post("/api/sql", json!({ "query": query })).await
}

/// Asks, and the query is run.
async fn run(caller: &Caller, query: &str) -> Value {
    let answer = ask(caller, query).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    answer.body
}

/// The rows of an answer.
async fn rows(caller: &Caller, query: &str) -> Value {
    run(caller, query).await["rows"].clone()
}

/// The reason why a query is refused.
async fn refusal(caller: &Caller, query: &str) -> String {
    let answer = ask(caller, query).await;
    assert_eq!(answer.status, 400, "{query}: {}", answer.body);
    let reason = answer.message().strip_prefix("Failed to execute query. Raw error:\n");
    reason.unwrap_or_else(|| panic!("{query}: {}", answer.body)).to_owned()
}

/// A collection that everybody reads, with three records.
async fn posts(app: &TestApp) -> Caller {
    let root = app.superuser().await;
    let fields = json!([{"name": "title", "type": "text"}, {"name": "rank", "type": "number"}]);
    let made = json!({"name": "posts", "fields": fields, "listRule": "", "viewRule": ""});
    assert_eq!(root.post("/api/collections", made).await.status, 200);
    for at in 0..3 {
        let id = format!("post0000000000{at}");
        let record = json!({"id": id, "title": format!("t{at}"), "rank": f64::from(at) + 0.5});
        assert_eq!(root.post(POSTS, record).await.status, 200);
    }
    root
}
