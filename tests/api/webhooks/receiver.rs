//! The other server: it takes messages, and answers what a test wants.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A test that waits longer has failed.
const LIMIT: Duration = Duration::from_secs(30);

/// A message that came, and what it was answered.
#[derive(Debug)]
pub struct Message {
    pub headers: HashMap<String, String>,
    pub text: String,
    pub body: Value,
    pub status: u16,
}

impl Message {
    pub fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    /// The signature that belongs to it.
    pub fn signature(&self, key: &[u8]) -> String {
        let time = self.headers["webhook-timestamp"].as_bytes();
        let parts: [&[u8]; 5] = [self.id().as_bytes(), b".", time, b".", self.text.as_bytes()];
        format!("v1,{}", greenroom::crypto::sign(key, &parts))
    }
}

/// A server on a port of its own.
pub struct Receiver {
    pub url: String,
    messages: mpsc::UnboundedReceiver<Message>,
}

type Answer = Arc<dyn Fn(&Value) -> u16 + Send + Sync>;

impl Receiver {
    /// Answers each body with a status.
    pub async fn start(answer: impl Fn(&Value) -> u16 + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let (sender, messages) = mpsc::unbounded_channel();
        let answer: Answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answer), sender.clone()));
            }
        });
        Self { url, messages }
    }

    pub async fn next(&mut self) -> Message {
        let next = tokio::time::timeout(LIMIT, self.messages.recv()).await;
        next.expect("a message comes in time").expect("the server runs")
    }
}

/// The address of a server that takes connections and never answers; it lives with the guard.
pub async fn hanging() -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let held = tokio::spawn(async move {
        let mut streams = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            streams.push(stream);
        }
    });
    (url, held)
}

async fn serve(mut stream: TcpStream, answer: Answer, sender: mpsc::UnboundedSender<Message>) {
    let mut bytes = Vec::new();
    loop {
        let Some((headers, text, used)) = parse(&bytes) else {
            match stream.read_buf(&mut bytes).await {
                Ok(read) if read > 0 => continue,
                _ => return,
            }
        };
        bytes.drain(..used);
        let body: Value = serde_json::from_str(&text).expect("a body of JSON");
        let status = answer(&body);
        let reply = format!("HTTP/1.1 {status} Answer\r\ncontent-length: 2\r\n\r\nok");
        // Told first: a test must not see a delivery before its message.
        let _ = sender.send(Message { headers, text, body, status });
        if stream.write_all(reply.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Headers and body of a whole request, and how many bytes it had.
fn parse(bytes: &[u8]) -> Option<(HashMap<String, String>, String, usize)> {
    let head_end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..head_end]).expect("a head of text");
    assert!(head.starts_with("POST /hook HTTP/1.1\r\n"), "{head}");
    let pairs = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let headers: HashMap<String, String> =
        pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let length: usize = headers["content-length"].parse().expect("a length");
    let body = bytes.get(head_end..head_end + length)?;
    let text = String::from_utf8(body.to_vec()).expect("a body of text");
    Some((headers, text, head_end + length))
}
