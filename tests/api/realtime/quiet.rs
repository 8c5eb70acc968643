//! While nothing happens, and while everything does.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::json;

use super::Bench;
use super::bench::records;
use crate::support::Stream;

/// Length and time of each file in a folder.
fn files(dir: &Path) -> BTreeMap<String, (u64, SystemTime)> {
    let entries = fs::read_dir(dir).expect("the data folder").map(|entry| entry.expect("a file"));
    let of = |entry: fs::DirEntry| {
        let known = entry.metadata().expect("what is known of it");
        let name = entry.file_name().to_string_lossy().into_owned();
        (name, (known.len(), known.modified().expect("a time")))
    };
    entries.map(of).collect()
}

/// Between two heartbeats a server that nobody asks for anything writes nothing to its disk.
#[tokio::test]
async fn r9_r13_a_quiet_stream_has_heartbeats_and_writes_nothing() {
    let bench = Bench::new().await;
    let mut stream = bench.stream(&bench.app.guest(), &["fences/*"]).await;
    assert_eq!(stream.block().await.as_deref(), Some(":\n\n"));
    let dir = &bench.app.app.config.dir;
    let before = files(dir);
    assert_eq!(stream.block().await.as_deref(), Some(":\n\n"));
    assert_eq!(files(dir), before);
}

/// Writers, changes of the schema and streams that come and go: none waits for another for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r10_writes_schema_changes_and_streams_do_not_block_each_other() {
    let bench = Bench::new().await;
    let fields = json!({"fields": [{"name": "title", "type": "text"}]});
    bench.collection("notes", fields.clone()).await;
    let write = async || {
        for i in 0..60 {
            let made = bench.root.post(&records("notes"), json!({"title": format!("{i}")})).await;
            // A change of the schema may have been faster too often.
            assert!([200, 503].contains(&made.status), "{}", made.body);
            let batch = bench.batch(&[("POST", "notes/records", json!({"title": "batch"}))]).await;
            assert!([200, 400, 503].contains(&batch.status), "{}", batch.body);
        }
    };
    let change = async || {
        for i in 0..30 {
            let rule = json!({"listRule": format!("title != '{i}'")});
            let changed = bench.root.patch("/api/collections/notes", rule).await;
            assert_eq!(changed.status, 200, "{}", changed.body);
        }
    };
    let follow = async || {
        let guest = bench.app.guest();
        for _ in 0..30 {
            let stream = Stream::open(&guest).await;
            stream.follow(&guest, &["notes/*", "notes"]).await;
        }
    };
    let all = async { tokio::join!(write(), write(), write(), change(), follow(), follow()) };
    tokio::time::timeout(Duration::from_secs(120), all).await.expect("nobody waits for ever");
    bench.app.app.store.write(|_| Ok(())).await.expect("the writer is there");
}
