//! A client that does not read is cut off, and nobody waits for it.

use std::time::Duration;

use serde_json::json;

use super::Bench;
use crate::support::Stream;

#[tokio::test]
async fn a_slow_reader_is_cut_off_and_others_are_told_at_once() {
    let bench = Bench::new().await;
    let text = json!({"name": "text", "type": "text", "max": 300_000});
    bench.collection("notes", json!({"fields": [text]})).await;
    let guest = bench.app.guest();
    let mut reader = bench.stream(&guest, &["notes/*"]).await;
    // A subscriber whose bytes are left where they arrive.
    let slow = Stream::open(&guest).await;
    bench.follow(&slow, &guest, &["notes/*"]).await;
    let long = "x".repeat(200_000);
    let mut sent = 0;
    // What lies in the sockets' buffers is not counted as waiting; they hold some megabytes.
    while bench.app.app.realtime.clients() > 1 || sent == 0 {
        assert!(sent < 300, "the slow reader is never cut off");
        bench.create("notes", json!({"text": long})).await;
        sent += 1;
        let told = tokio::time::timeout(Duration::from_secs(10), reader.next()).await;
        let told = told.expect("others do not wait").expect("the stream goes on");
        assert_eq!(told.action(), "create");
    }
    assert_eq!(bench.told(&mut reader).await, []);
    // It is told by the end of its stream, with a hole at the end and none before.
    let mut slow = slow;
    let mut read = 0;
    while slow.next().await.is_some() {
        read += 1;
    }
    assert!(read < sent, "{read} of {sent}");
}
