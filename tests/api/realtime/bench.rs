//! A server, its superuser, and a way to tell that nothing more was sent.

use serde_json::{Value, json};

use crate::support::{Answer, Caller, Message, Stream, TestApp};

/// A collection that everybody may follow: its records tell where a test has got to.
const FENCES: &str = "fences/*";

pub struct Bench {
    pub app: TestApp,
    pub root: Caller,
}

impl Bench {
    pub async fn new() -> Self {
        let app = TestApp::spawn().await;
        let root = app.superuser().await;
        let bench = Self { app, root };
        let batch = json!({"batch": {"enabled": true, "timeout": 60}});
        assert_eq!(bench.root.patch("/api/settings", batch).await.status, 200);
        bench.collection("fences", json!({"listRule": "", "fields": []})).await;
        bench
    }

    /// Makes a collection, open to all where nothing else is said; tells its id.
    pub async fn collection(&self, name: &str, form: Value) -> String {
        let mut all = json!({
            "name": name, "listRule": "", "viewRule": "",
            "createRule": "", "updateRule": "", "deleteRule": "",
        });
        let given = form.as_object().expect("an object");
        all.as_object_mut().expect("an object").extend(given.clone());
        made(self.root.post("/api/collections", all).await)
    }

    /// Changes a collection.
    pub async fn change(&self, name: &str, form: Value) {
        let answer = self.root.patch(&format!("/api/collections/{name}"), form).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// Makes a record as the superuser; tells its id.
    pub async fn create(&self, collection: &str, values: Value) -> String {
        made(self.root.post(&records(collection), values).await)
    }

    /// Changes a record as the superuser.
    pub async fn update(&self, collection: &str, id: &str, values: Value) {
        let answer = self.root.patch(&record(collection, id), values).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// Deletes a record as the superuser.
    pub async fn delete(&self, collection: &str, id: &str) {
        let answer = self.root.delete(&record(collection, id)).await;
        assert_eq!(answer.status, 204, "{}", answer.body);
    }

    /// Sends several requests in one transaction as the superuser.
    pub async fn batch(&self, requests: &[(&str, &str, Value)]) -> Answer {
        let one = |(method, url, body): &(&str, &str, Value)| {
            let url = format!("/api/collections/{url}");
            json!({"method": method, "url": url, "body": body})
        };
        let requests: Vec<Value> = requests.iter().map(one).collect();
        self.root.post("/api/batch", json!({"requests": requests})).await
    }

    /// A stream of this caller's that follows these topics.
    pub async fn stream(&self, caller: &Caller, topics: &[&str]) -> Stream {
        let stream = Stream::open(caller).await;
        self.follow(&stream, caller, topics).await;
        stream
    }

    /// Lets a stream follow other topics.
    pub async fn follow(&self, stream: &Stream, caller: &Caller, topics: &[&str]) {
        let mut topics = topics.to_vec();
        topics.push(FENCES);
        stream.follow(caller, &topics).await;
    }

    /// All that a stream was told of what happened until now.
    pub async fn told(&self, stream: &mut Stream) -> Vec<Message> {
        let fence = self.create("fences", json!({})).await;
        let mut told = Vec::new();
        loop {
            let message = stream.next().await.expect("the stream goes on");
            if message.topic != FENCES {
                told.push(message);
            } else if message.record()["id"] == fence {
                return told;
            }
        }
    }

    /// As [`Bench::told`], in short: `create a, delete b` by this field.
    pub async fn short(&self, stream: &mut Stream, field: &str) -> String {
        let told = self.told(stream).await;
        let short = |message: &Message| {
            let value = &message.record()[field];
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("{} {text}", message.action())
        };
        told.iter().map(short).collect::<Vec<_>>().join(", ")
    }
}

/// The id of a record or collection that was made.
pub fn made(Answer { status, body }: Answer) -> String {
    assert_eq!(status, 200, "{body}");
    body["id"].as_str().expect("an id").to_owned()
}

pub fn records(collection: &str) -> String {
    format!("/api/collections/{collection}/records")
}

pub fn record(collection: &str, id: &str) -> String {
    format!("/api/collections/{collection}/records/{id}")
}

/// A topic with options.
pub fn options(topic: &str, options: &Value) -> String {
    let text = url_encoded(&options.to_string());
    format!("{topic}?options={text}")
}

/// Text as one part of a query.
pub fn url_encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                out.push(char::from(byte));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}
