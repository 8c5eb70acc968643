//! Only what is committed is told, in the order of the commits.

use serde_json::{Value, json};

use super::Bench;
use super::bench::{record, records};

fn counters() -> Value {
    json!({"fields": [
        {"name": "n", "type": "number"},
        {"name": "public", "type": "bool"},
        {"name": "title", "type": "text"},
    ]})
}

#[tokio::test]
async fn r11_what_is_rolled_back_is_not_told() {
    let bench = Bench::new().await;
    bench.collection("counters", counters()).await;
    let id = bench.create("counters", json!({"title": "old"})).await;
    let mut stream = bench.stream(&bench.app.guest(), &["counters/*"]).await;
    let (path, missing) = (format!("counters/records/{id}"), "counters/records/missing00000000");
    let answer = bench
        .batch(&[
            ("POST", "counters/records", json!({"title": "new"})),
            ("PATCH", &path, json!({"title": "changed"})),
            ("DELETE", &path, json!({})),
            ("PATCH", missing, json!({})),
        ])
        .await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    let refused = bench.root.post(&records("counters"), json!({"id": "too short"})).await;
    assert_eq!(refused.status, 400);
    assert_eq!(bench.told(&mut stream).await, []);
}

#[tokio::test]
async fn a_batch_is_told_in_its_order() {
    let bench = Bench::new().await;
    bench.collection("counters", counters()).await;
    let old = bench.create("counters", json!({"title": "old"})).await;
    let mut stream = bench.stream(&bench.app.guest(), &["counters/*"]).await;
    let old = format!("counters/records/{old}");
    let answer = bench
        .batch(&[
            ("POST", "counters/records", json!({"title": "a"})),
            ("PATCH", &old, json!({"title": "older"})),
            ("POST", "counters/records", json!({"title": "b"})),
        ])
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    bench.delete("counters", old.rsplit('/').next().expect("an id")).await;
    let expected = "create a, update older, create b, delete older";
    assert_eq!(bench.short(&mut stream, "title").await, expected);
}

#[tokio::test]
async fn s14_what_a_record_was_within_a_transaction_is_not_told() {
    let bench = Bench::new().await;
    bench.collection("counters", counters()).await;
    bench.change("counters", json!({"listRule": "public = true"})).await;
    let mut stream = bench.stream(&bench.app.guest(), &["counters/*"]).await;
    let path = "counters/records/counter00000001";
    let (open, closed) = (json!({"public": true, "title": "draft"}), json!({"public": false}));
    let with_id = json!({"id": "counter00000001", "public": true, "title": "draft"});
    let done = [("POST", "counters/records", with_id), ("PATCH", path, closed.clone())];
    assert_eq!(bench.batch(&done).await.status, 200);
    assert_eq!(bench.told(&mut stream).await, []);
    let done = [("PATCH", path, open), ("PATCH", path, closed.clone())];
    assert_eq!(bench.batch(&done).await.status, 200);
    assert_eq!(bench.told(&mut stream).await, []);
    // Opened and gone at once: nobody saw it open.
    let done = [("PATCH", path, json!({"public": true})), ("DELETE", path, json!({}))];
    assert_eq!(bench.batch(&done).await.status, 200);
    assert_eq!(bench.told(&mut stream).await, []);
    // Made and gone at once: told as the contract has it, to those whom it was open to.
    let again = json!({"id": "counter00000002", "public": true, "title": "brief"});
    let there = "counters/records/counter00000002";
    let done = [("POST", "counters/records", again), ("DELETE", there, json!({}))];
    assert_eq!(bench.batch(&done).await.status, 200);
    assert_eq!(bench.short(&mut stream, "title").await, "create brief, delete brief");
    let closed = json!({"id": "counter00000003", "title": "brief"});
    let there = "counters/records/counter00000003";
    let done = [("POST", "counters/records", closed), ("DELETE", there, json!({}))];
    assert_eq!(bench.batch(&done).await.status, 200);
    assert_eq!(bench.told(&mut stream).await, []);
}

#[tokio::test]
async fn what_was_open_before_a_transaction_is_told_as_it_was_when_it_goes() {
    let bench = Bench::new().await;
    bench.collection("counters", counters()).await;
    bench.change("counters", json!({"listRule": "public = true"})).await;
    let id = bench.create("counters", json!({"public": true, "title": "seen"})).await;
    let mut stream = bench.stream(&bench.app.guest(), &["counters/*"]).await;
    let path = format!("counters/records/{id}");
    let unseen = json!({"title": "unseen", "public": false});
    let done = [("PATCH", path.as_str(), unseen), ("DELETE", path.as_str(), json!({}))];
    assert_eq!(bench.batch(&done).await.status, 200);
    assert_eq!(bench.short(&mut stream, "title").await, "delete seen");
}

#[tokio::test]
async fn writers_at_the_same_time_are_told_in_the_order_of_their_commits() {
    let bench = Bench::new().await;
    bench.collection("counters", counters()).await;
    let id = bench.create("counters", json!({"n": 0})).await;
    let mut stream = bench.stream(&bench.app.guest(), &["counters/*"]).await;
    let path = record("counters", &id);
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (root, path) = (bench.root.clone(), path.clone());
        writers.spawn(async move {
            for _ in 0..25 {
                assert_eq!(root.patch(&path, json!({"n+": 1})).await.status, 200);
            }
        });
    }
    while let Some(writer) = writers.join_next().await {
        writer.expect("it wrote");
    }
    let told = bench.told(&mut stream).await;
    let counts: Vec<i64> = told.iter().filter_map(|m| m.record()["n"].as_i64()).collect();
    assert_eq!(counts, (1..=200).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_told_is_already_there() {
    let bench = Bench::new().await;
    bench.collection("counters", counters()).await;
    let guest = bench.app.guest();
    let mut stream = bench.stream(&guest, &["counters/*"]).await;
    let writer = tokio::spawn({
        let root = bench.root.clone();
        async move {
            for n in 0..50 {
                let made = root.post(&records("counters"), json!({"n": n})).await;
                assert_eq!(made.status, 200);
            }
        }
    });
    for n in 0..50 {
        let told = stream.next().await.expect("it is told");
        assert_eq!(told.record()["n"], n);
        let id = told.record()["id"].as_str().expect("an id");
        assert_eq!(guest.get(&record("counters", id)).await.body, *told.record());
    }
    writer.await.expect("it wrote");
}
