//! The rules are asked for each subscriber, as a request of theirs would ask them.

use serde_json::json;

use super::{Bench, options};
use crate::support::Stream;

fn fields() -> serde_json::Value {
    json!([
        {"name": "title", "type": "text"},
        {"name": "public", "type": "bool"},
        {"name": "owner", "type": "relation", "collectionId": "_pb_users_auth_"},
        {"name": "secret", "type": "text", "hidden": true},
    ])
}

#[tokio::test]
async fn all_are_judged_by_the_list_rule_and_one_by_the_view_rule() {
    let bench = Bench::new().await;
    let form = json!({
        "fields": fields(), "listRule": "public = true", "viewRule": "title != \"unseen\"",
    });
    bench.collection("notes", form).await;
    let guest = bench.app.guest();
    let mut all = bench.stream(&guest, &["notes/*"]).await;
    let mut bare = bench.stream(&guest, &["notes"]).await;
    let mut one = bench.stream(&guest, &["notes/note00000000001"]).await;
    bench.create("notes", json!({"id": "note00000000001", "title": "a"})).await;
    bench.update("notes", "note00000000001", json!({"title": "unseen", "public": true})).await;
    bench.update("notes", "note00000000001", json!({"title": "b"})).await;
    bench.delete("notes", "note00000000001").await;
    assert_eq!(bench.short(&mut all, "title").await, "update unseen, update b, delete b");
    assert_eq!(bench.short(&mut bare, "title").await, "update unseen, update b, delete b");
    assert_eq!(bench.short(&mut one, "title").await, "create a, update b, delete b");
}

#[tokio::test]
async fn no_rule_means_superusers_and_they_see_hidden_fields() {
    let bench = Bench::new().await;
    let form = json!({"fields": fields(), "listRule": null});
    bench.collection("closed", form).await;
    bench.collection("open", json!({"fields": fields()})).await;
    let user = bench.app.user("ann").await;
    let topics = ["closed/*", "open/*"];
    let mut root = bench.stream(&bench.root, &topics).await;
    let mut user = bench.stream(&user, &topics).await;
    let mut guest = bench.stream(&bench.app.guest(), &topics).await;
    bench.create("closed", json!({"secret": "a"})).await;
    bench.create("open", json!({"secret": "b"})).await;
    assert_eq!(bench.short(&mut root, "secret").await, "create a, create b");
    for stream in [&mut user, &mut guest] {
        let told = bench.told(stream).await;
        assert_eq!((told.len(), told[0].topic.as_str()), (1, "open/*"));
        assert!(told[0].record().get("secret").is_none(), "{told:?}");
    }
}

#[tokio::test]
async fn owners_are_told_of_what_is_theirs_while_it_is() {
    let bench = Bench::new().await;
    let own = "owner = @request.auth.id";
    bench.collection("notes", json!({"fields": fields(), "listRule": own})).await;
    let (ann, bob) = (bench.app.user("ann").await, bench.app.user("bob").await);
    let mut anns = bench.stream(&ann, &["notes/*"]).await;
    let mut bobs = bench.stream(&bob, &["notes/*"]).await;
    let mut guests = bench.stream(&bench.app.guest(), &["notes/*"]).await;
    let id = bench.create("notes", json!({"title": "a", "owner": ann.id})).await;
    bench.update("notes", &id, json!({"title": "b"})).await;
    // Leaving the sight of somebody is not told to them.
    bench.update("notes", &id, json!({"title": "c", "owner": bob.id})).await;
    bench.delete("notes", &id).await;
    assert_eq!(bench.short(&mut anns, "title").await, "create a, update b");
    assert_eq!(bench.short(&mut bobs, "title").await, "update c, delete c");
    assert_eq!(bench.short(&mut guests, "title").await, "");
    bench.create("notes", json!({"title": "nobody's"})).await;
    assert_eq!(bench.short(&mut guests, "title").await, "create nobody's");
}

#[tokio::test]
async fn rules_see_the_context_the_query_and_the_headers_of_a_subscription() {
    let bench = Bench::new().await;
    let rule = "@request.context = \"realtime\" && @request.method = \"GET\" && \
                @request.query.key = \"k\" && @request.headers.x_key = \"h\"";
    bench.collection("notes", json!({"fields": fields(), "listRule": rule})).await;
    let guest = bench.app.guest();
    let both = options("notes/*", &json!({"query": {"key": "k"}, "headers": {"X-Key": "h"}}));
    let query = options("notes/*", &json!({"query": {"key": "k"}}));
    let mut right = bench.stream(&guest, &[&both, &query, "notes/*"]).await;
    bench.create("notes", json!({"title": "a"})).await;
    let told = bench.told(&mut right).await;
    assert_eq!((told.len(), told[0].topic.as_str()), (1, both.as_str()));
}

#[tokio::test]
async fn addresses_are_shown_to_their_owners_managers_and_superusers() {
    let bench = Bench::new().await;
    bench.change("users", json!({"listRule": "", "viewRule": ""})).await;
    let (ann, bob) = (bench.app.user("ann").await, bench.app.user("bob").await);
    let carl = bench.app.user("carl").await;
    bench.app.clock.advance(std::time::Duration::from_secs(1));
    bench
        .change("users", json!({"authRule": "", "manageRule": "@request.auth.name = \"boss\""}))
        .await;
    bench.update("users", &carl.id, json!({"name": "boss"})).await;
    let mut streams = Vec::new();
    for (caller, sees) in [
        (&ann, true),
        (&bob, false),
        (&carl, true),
        (&bench.root, true),
        (&bench.app.guest(), false),
    ] {
        streams.push((bench.stream(caller, &["users/*"]).await, sees));
    }
    bench.update("users", &ann.id, json!({"name": "Ann"})).await;
    for (stream, sees) in &mut streams {
        let told = bench.told(stream).await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].record().get("email").is_some(), *sees, "{told:?}");
        assert!(told[0].record().get("tokenKey").is_none());
    }
    bench.update("users", &ann.id, json!({"emailVisibility": true})).await;
    for (stream, _) in &mut streams {
        let told = bench.told(stream).await;
        assert_eq!(told[0].record()["email"], "ann@example.com");
    }
    // The last that is told of a record shows no more than before.
    bench.update("users", &ann.id, json!({"emailVisibility": false})).await;
    for (stream, _) in &mut streams {
        bench.told(stream).await;
    }
    bench.delete("users", &ann.id).await;
    // Whose record is gone is a guest before anything is told of it.
    streams[0].1 = false;
    for (stream, sees) in &mut streams {
        let told = bench.told(stream).await;
        assert_eq!((told.len(), told[0].action()), (1, "delete"));
        assert_eq!(told[0].record().get("email").is_some(), *sees, "{told:?}");
    }
}

#[tokio::test]
async fn a_rule_that_is_changed_holds_for_the_next_change() {
    let bench = Bench::new().await;
    bench.collection("notes", json!({"fields": fields()})).await;
    let mut stream: Stream = bench.stream(&bench.app.guest(), &["notes/*"]).await;
    bench.create("notes", json!({"title": "a"})).await;
    bench.change("notes", json!({"listRule": null})).await;
    bench.create("notes", json!({"title": "b"})).await;
    bench.change("notes", json!({"listRule": "title != \"c\""})).await;
    bench.create("notes", json!({"title": "c"})).await;
    bench.create("notes", json!({"title": "d"})).await;
    assert_eq!(bench.short(&mut stream, "title").await, "create a, create d");
}
