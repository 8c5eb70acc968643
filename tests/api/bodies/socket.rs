//! A client that sends what it is told, piece by piece.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::TestApp;

pub struct Socket(TcpStream);

impl Socket {
    /// Connects and sends a head that announces `length` bytes.
    pub async fn announce(app: &TestApp, target: &str, kind: &str, length: usize) -> Self {
        let mut socket = Self(TcpStream::connect(app.address).await.expect("it listens"));
        let about = format!("Content-Type: {kind}\r\nContent-Length: {length}");
        let head = format!("{target} HTTP/1.1\r\nHost: x\r\n{about}\r\n\r\n");
        socket.send(head.as_bytes()).await;
        socket
    }

    /// Sends; a server that hung up is no failure here.
    pub async fn send(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes).await;
    }

    /// The status and JSON of the answer, and whether the server then hangs up.
    pub async fn answer(&mut self) -> (u16, Value) {
        let mut seen = Vec::new();
        let mut piece = [0; 4096];
        loop {
            if let Some(answer) = parse(&seen) {
                return answer;
            }
            let count = self.0.read(&mut piece).await.expect("the connection stands");
            assert!(count > 0, "hung up after {:?}", String::from_utf8_lossy(&seen));
            seen.extend_from_slice(&piece[..count]);
        }
    }

    /// Waits for the server to hang up.
    pub async fn ends(&mut self) {
        let mut piece = [0; 4096];
        while self.0.read(&mut piece).await.is_ok_and(|count| count > 0) {}
    }
}

fn parse(seen: &[u8]) -> Option<(u16, Value)> {
    let text = std::str::from_utf8(seen).expect("text");
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().expect("a status");
    let length: Option<usize> = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse().expect("a length"))
    });
    (body.len() >= length?).then(|| (status, serde_json::from_str(body).expect("JSON")))
}
