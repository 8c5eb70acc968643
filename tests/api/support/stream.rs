//! A realtime stream, read as the bytes of the wire come.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{Answer, Caller};

/// How long a message may take; none takes a hundredth of it.
const PATIENCE: Duration = Duration::from_secs(30);

/// One event of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// What was subscribed to, as it was written.
    pub topic: String,
    /// The data.
    pub data: Value,
}

impl Message {
    /// `create`, `update` or `delete`.
    pub fn action(&self) -> &str {
        self.data["action"].as_str().unwrap_or_default()
    }

    /// The record.
    pub fn record(&self) -> &Value {
        &self.data["record"]
    }
}

/// An open connection and its place in it.
pub struct Stream {
    /// The id of this client.
    pub client_id: String,
    response: reqwest::Response,
    unread: String,
}

impl Stream {
    /// Connects, and waits to be told the client's id.
    pub async fn open(caller: &Caller) -> Self {
        let response = caller.open("/api/realtime").await;
        assert_eq!(response.status(), 200);
        let mut stream = Self { client_id: String::new(), response, unread: String::new() };
        let hello = stream.next().await.expect("the first message");
        assert_eq!(hello.topic, "PB_CONNECT");
        stream.client_id = hello.data["clientId"].as_str().expect("an id").to_owned();
        stream
    }

    /// Asks to follow these topics as `caller`.
    pub async fn try_follow(&self, caller: &Caller, topics: &[&str]) -> Answer {
        let body = json!({"clientId": self.client_id, "subscriptions": topics});
        caller.post("/api/realtime", body).await
    }

    /// Follows these topics as `caller`, instead of all others.
    pub async fn follow(&self, caller: &Caller, topics: &[&str]) {
        let answer = self.try_follow(caller, topics).await;
        assert_eq!(answer.status, 204, "{}", answer.body);
    }

    /// The next message; `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<Message> {
        loop {
            let block = self.block().await?;
            if let Some(message) = parse(&block) {
                assert!(self.client_id.is_empty() || block.contains(&self.client_id), "{block}");
                return Some(message);
            }
        }
    }

    /// The next lines of the stream up to an empty one: a message or a comment.
    pub async fn block(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.unread.find("\n\n") {
                let rest = self.unread.split_off(end + 2);
                return Some(std::mem::replace(&mut self.unread, rest));
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await.expect("in time");
            // A connection that is cut is as good as one that ends.
            let chunk = chunk.ok().flatten()?;
            self.unread.push_str(std::str::from_utf8(&chunk).expect("messages are not torn"));
        }
    }
}

fn parse(block: &str) -> Option<Message> {
    if block.starts_with(':') {
        return None;
    }
    let (mut topic, mut data) = (None, None);
    for line in block.lines().filter(|line| !line.is_empty()) {
        match line.split_once(':').expect("a name and a value") {
            ("id", _) => {}
            ("event", name) => topic = Some(name.to_owned()),
            ("data", text) => data = Some(serde_json::from_str(text).expect("JSON")),
            other => panic!("what is {other:?}"),
        }
    }
    Some(Message { topic: topic?, data: data? })
}
