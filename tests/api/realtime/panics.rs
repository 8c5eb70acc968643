//! S3: a panic in a worker costs those who follow a connection, and nobody the server.

use std::sync::Arc;

use greenroom::changes::Action;
use greenroom::store::Tx;
use serde_json::json;

use super::{Bench, options};

#[tokio::test]
async fn s3_a_panic_over_a_change_ends_the_streams_and_the_next_ones_work() {
    let bench = Bench::new().await;
    bench.collection("notes", json!({"fields": [{"name": "title", "type": "text"}]})).await;
    let guest = bench.app.guest();
    let mut stream = bench.stream(&guest, &["notes/*"]).await;
    // A change whose record lacks its values: nothing of the sort is ever written.
    let (changes, schema) = (bench.app.app.changes.clone(), bench.app.app.schema.load());
    let notes = Arc::clone(schema.find("notes").expect("the collection"));
    let broken = move |tx: &Tx<'_>| {
        changes.written(tx, &schema, &notes, "broken000000001", Action::Create, Vec::new)
    };
    bench.app.app.store.write(broken).await.expect("it is written");
    // Who was not told must not go on as if nothing had happened.
    assert_eq!(stream.next().await, None);
    let mut stream = bench.stream(&guest, &["notes/*"]).await;
    bench.create("notes", json!({"title": "after"})).await;
    assert_eq!(bench.short(&mut stream, "title").await, "create after");
    assert_eq!(guest.get("/api/health").await.status, 200);
}

#[tokio::test]
async fn s3_a_panic_over_a_delete_does_not_keep_the_record() {
    let bench = Bench::new().await;
    let fields = json!([
        {"name": "title", "type": "text"},
        {"name": "owner", "type": "relation", "collectionId": "_pb_users_auth_"},
    ]);
    bench.collection("notes", json!({"fields": fields})).await;
    let guest = bench.app.guest();
    let topic = options("notes/*", &json!({"query": {"expand": "owner"}}));
    let mut stream = bench.stream(&guest, &[&topic]).await;
    let (changes, schema) = (bench.app.app.changes.clone(), bench.app.app.schema.load());
    let notes = Arc::clone(schema.find("notes").expect("the collection"));
    let broken = move |tx: &Tx<'_>| {
        let id = "broken000000001";
        let going = changes.before_delete(tx, &schema, &notes, id, Vec::new());
        changes.deleted(tx, going)
    };
    bench.app.app.store.write(broken).await.expect("it is written");
    assert_eq!(stream.next().await, None);
    let mut stream = bench.stream(&guest, &[&topic]).await;
    bench.create("notes", json!({"title": "after"})).await;
    assert_eq!(bench.short(&mut stream, "title").await, "create after");
}
