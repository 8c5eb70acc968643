//! Other programs at the same database: what they do to the file is no matter of the clients.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use greenroom::clock::Stopwatch;
use rusqlite::Connection;
use serde_json::json;

use crate::support::TestApp;

/// Writers at the same time.
const WRITERS: usize = 500;

fn outside(dir: &std::path::Path) -> Connection {
    let connection = Connection::open(dir.join("data.db")).expect("the database opens");
    connection.busy_timeout(Duration::from_secs(10)).expect("a time");
    connection
}

#[tokio::test]
async fn r1_nobody_hears_of_a_lock_that_passes() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let notes = json!({"name": "notes", "listRule": "", "createRule": "", "fields": [
        {"name": "text", "type": "text"}]});
    assert_eq!(root.post("/api/collections", notes).await.status, 200);
    let path = "/api/collections/notes/records";
    let dir = &app.app.config.dir;
    // A long reader keeps its snapshot all the time; another program holds the lock for a while.
    let reader = outside(dir);
    reader.execute_batch("BEGIN; SELECT count(*) FROM notes").expect("a snapshot");
    let holder = outside(dir);
    holder.execute_batch("BEGIN IMMEDIATE; CREATE TABLE theirs (a)").expect("the lock");
    let writers: Vec<_> = (0..WRITERS)
        .map(|i| {
            let guest = app.guest();
            tokio::spawn(
                async move { guest.post(path, json!({"text": format!("n{i}")})).await.status },
            )
        })
        .collect();
    let started = Stopwatch::start();
    for _ in 0..20 {
        assert_eq!(app.guest().get("/api/health").await.status, 200);
        assert_eq!(app.guest().get(path).await.status, 200);
    }
    assert!(started.elapsed() < Duration::from_secs(5), "reads waited: {:?}", started.elapsed());
    assert!(
        !writers.iter().any(tokio::task::JoinHandle::is_finished),
        "two programs wrote at once"
    );
    holder.execute_batch("COMMIT").expect("the lock is given back");
    for writer in writers {
        assert_eq!(writer.await.expect("an answer"), 200);
    }
    let listed = root.get(&format!("{path}?perPage=1")).await;
    assert_eq!(listed.body["totalItems"], WRITERS);
    drop(reader);
}

/// A server as a process of its own.
struct Process(Child);

impl Process {
    /// Waits for its end; how long it took since the signal.
    async fn end(&mut self) -> Duration {
        let pid = self.0.id().to_string();
        let started = Stopwatch::start();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        assert!(sent.success());
        while self.0.try_wait().expect("it can be waited for").is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        started.elapsed()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn r1_a_lock_that_stays_is_told_and_does_not_stop_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("data");
    let made = Command::new(env!("CARGO_BIN_EXE_greenroom"))
        .args(["superuser", "create", "root@example.com", "1234567890", "--dir"])
        .arg(&dir)
        .output()
        .expect("the program runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let server = Command::new(env!("CARGO_BIN_EXE_greenroom"))
        .args(["serve", "--no-open", "--http", &address.to_string(), "--dir"])
        .arg(&dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut server = Process(server.expect("the program runs"));
    let client = reqwest::Client::new();
    let url = format!("http://{address}");
    let health = || client.get(format!("{url}/api/health")).send();
    while !health().await.is_ok_and(|answer| answer.status() == 200) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let holder = outside(&dir);
    holder.execute_batch("BEGIN IMMEDIATE; CREATE TABLE theirs (a)").expect("the lock");
    let sign_up = json!({"email": "a@example.com", "password": "1234567890",
        "passwordConfirm": "1234567890"});
    let write = || {
        let path = format!("{url}/api/collections/users/records");
        client.post(path).json(&sign_up).send()
    };
    // All of them are told within the time of one, and when to come again.
    let started = Stopwatch::start();
    let answers = futures_util::future::join_all((0..50).map(|_| write())).await;
    // One after the other they would take 500 seconds.
    assert!(started.elapsed() < Duration::from_secs(150), "{:?}", started.elapsed());
    for answer in answers {
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), 503);
        assert!(answer.headers().contains_key("retry-after"));
        let body = answer.text().await.expect("a body");
        assert!(!body.contains("SQLITE") && !body.contains("locked"), "{body}");
    }
    // One waits for the lock when the signal comes.
    let waiting = tokio::spawn(write());
    assert_eq!(health().await.expect("an answer").status(), 200);
    let took = server.end().await;
    assert!(took < Duration::from_secs(10), "{took:?}");
    drop(waiting);
}
