//! To connect, to subscribe, and what is refused.

use serde_json::json;

use super::{Bench, made};
use crate::support::Stream;

#[tokio::test]
async fn the_first_message_names_the_client_in_the_form_of_the_wire() {
    let bench = Bench::new().await;
    let mut response = bench.app.guest().open("/api/realtime").await;
    let header = |name: &str| response.headers()[name].to_str().expect("text").to_owned();
    assert_eq!(header("content-type"), "text/event-stream");
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("x-accel-buffering"), "no");
    let chunk = response.chunk().await.expect("bytes").expect("some");
    let text = String::from_utf8(chunk.to_vec()).expect("UTF-8");
    let id = text[3..43].to_owned();
    assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
    let expected = format!("id:{id}\nevent:PB_CONNECT\ndata:{{\"clientId\":\"{id}\"}}\n\n");
    assert_eq!(text, expected);
}

#[tokio::test]
async fn bad_subscriptions_are_refused_with_a_reason() {
    let bench = Bench::new().await;
    let guest = bench.app.guest();
    let stream = Stream::open(&guest).await;
    let id = stream.client_id.as_str();
    let refused = async |body: serde_json::Value, status: u16, codes: serde_json::Value| {
        let answer = guest.post("/api/realtime", body.clone()).await;
        assert_eq!((answer.status, answer.codes()), (status, codes), "{body}");
        answer.message().to_owned()
    };
    let unknown = json!({"clientId": "x".repeat(40), "subscriptions": []});
    assert_eq!(refused(unknown, 404, json!({})).await, "Missing or invalid client id.");
    refused(json!({}), 400, json!({"clientId": "required"})).await;
    let long = json!({"clientId": "x".repeat(256)});
    refused(long, 400, json!({"clientId": "length_out_of_range"})).await;
    let many: Vec<String> = (0..1001).map(|n| format!("t{n}")).collect();
    let many = json!({"clientId": id, "subscriptions": many});
    refused(many, 400, json!({"subscriptions": "length_too_long"})).await;
    let long = json!({"clientId": id, "subscriptions": ["a", "x".repeat(2501)]});
    let answer = guest.post("/api/realtime", long).await;
    assert_eq!(answer.status, 400);
    let code = &answer.body["data"]["subscriptions"]["1"]["code"];
    assert_eq!(code, "validation_length_too_long");
    for text in ["", "{", "[]", "5", "\"x\""] {
        let answer = guest.post_text("/api/realtime", "application/json", text).await;
        assert_eq!(answer.status, 400, "{text}");
    }
}

#[tokio::test]
async fn what_matches_nothing_is_accepted_and_what_is_largest_works() {
    let bench = Bench::new().await;
    bench.collection("notes", json!({"fields": [{"name": "title", "type": "text"}]})).await;
    let guest = bench.app.guest();
    let mut stream = Stream::open(&guest).await;
    let mut topics: Vec<String> = (0..993).map(|n| format!("nothing{n}")).collect();
    let odd = ["", "/", "a/b/c", "@oauth2", "notes?options=bad", "notes/*?x=%", "fences/*"];
    topics.extend(odd.map(str::to_owned));
    topics[0] = "x".repeat(2500);
    let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
    assert_eq!(topics.len(), 1000);
    stream.follow(&guest, &topics).await;
    bench.create("notes", json!({"title": "one"})).await;
    let told = bench.told(&mut stream).await;
    let told: Vec<&str> = told.iter().map(|message| message.topic.as_str()).collect();
    assert_eq!(told, ["notes?options=bad", "notes/*?x=%"]);
}

#[tokio::test]
async fn each_subscription_of_a_record_is_told_by_its_own_text() {
    let bench = Bench::new().await;
    let notes = bench.collection("notes", json!({"fields": []})).await;
    let (by_id, by_record) = (format!("{notes}/*"), "notes/note00000000001");
    let topics = ["notes", "notes/*", &by_id, by_record, "notes", "Notes/*", "notes/other"];
    let mut stream = bench.stream(&bench.app.guest(), &topics).await;
    bench.create("notes", json!({"id": "note00000000001"})).await;
    let told = bench.told(&mut stream).await;
    let mut told: Vec<&str> = told.iter().map(|message| message.topic.as_str()).collect();
    told.sort_unstable();
    let mut expected = ["notes", "notes/*", &by_id, by_record];
    expected.sort_unstable();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_new_set_of_subscriptions_takes_the_place_of_the_old() {
    let bench = Bench::new().await;
    for name in ["notes", "files"] {
        bench.collection(name, json!({"fields": [{"name": "title", "type": "text"}]})).await;
    }
    let guest = bench.app.guest();
    let mut stream = bench.stream(&guest, &["notes/*"]).await;
    bench.follow(&stream, &guest, &["files/*"]).await;
    bench.create("notes", json!({"title": "a"})).await;
    bench.create("files", json!({"title": "b"})).await;
    assert_eq!(bench.short(&mut stream, "title").await, "create b");
    stream.follow(&guest, &[]).await;
    bench.create("files", json!({"title": "c"})).await;
    bench.follow(&stream, &guest, &["notes/*"]).await;
    bench.create("notes", json!({"title": "d"})).await;
    assert_eq!(bench.short(&mut stream, "title").await, "create d");
}

#[tokio::test]
async fn a_client_that_leaves_is_forgotten() {
    let bench = Bench::new().await;
    let stream = bench.stream(&bench.app.guest(), &["notes/*"]).await;
    let id = stream.client_id.clone();
    assert_eq!(bench.app.app.realtime.clients(), 1);
    drop(stream);
    let gone = async || {
        while bench.app.app.realtime.clients() > 0 {
            tokio::task::yield_now().await;
        }
    };
    let limit = std::time::Duration::from_secs(10);
    tokio::time::timeout(limit, gone()).await.expect("the server notices");
    let body = json!({"clientId": id, "subscriptions": []});
    assert_eq!(bench.app.guest().post("/api/realtime", body).await.status, 404);
}

#[tokio::test]
async fn s6_subscriptions_from_another_address_are_refused() {
    let bench = Bench::new().await;
    let proxy = json!({"trustedProxy": {"headers": ["X-Forwarded-For"], "useLeftmostIP": true}});
    assert_eq!(bench.root.patch("/api/settings", proxy).await.status, 200);
    let (here, there) = (bench.app.guest().at("192.0.2.1"), bench.app.guest().at("192.0.2.2"));
    let stream = Stream::open(&here).await;
    let answer = stream.try_follow(&there, &["fences/*"]).await;
    assert_eq!((answer.status, answer.message()), (400, "Invalid realtime client."));
    assert_eq!(stream.try_follow(&here, &["fences/*"]).await.status, 204);
}

#[tokio::test]
async fn s6_who_guesses_at_client_ids_is_stopped() {
    let bench = Bench::new().await;
    let proxy = json!({"trustedProxy": {"headers": ["X-Forwarded-For"], "useLeftmostIP": true}});
    assert_eq!(bench.root.patch("/api/settings", proxy).await.status, 200);
    let (here, there) = (bench.app.guest().at("192.0.2.1"), bench.app.guest().at("192.0.2.2"));
    let stream = Stream::open(&here).await;
    let mut statuses = Vec::new();
    for i in 0..110 {
        let id = if i % 2 == 0 { "x".repeat(40) } else { stream.client_id.clone() };
        let body = json!({"clientId": id, "subscriptions": []});
        statuses.push(there.post("/api/realtime", body).await.status);
    }
    assert_eq!(statuses[..4], [404, 400, 404, 400]);
    assert!(statuses[..100].iter().all(|status| [400, 404].contains(status)), "{statuses:?}");
    assert!(statuses[100..].iter().all(|status| *status == 429), "{statuses:?}");
    assert_eq!(stream.try_follow(&here, &["fences/*"]).await.status, 204);
    bench.app.clock.advance(std::time::Duration::from_secs(61));
    let body = json!({"clientId": "x".repeat(40), "subscriptions": []});
    assert_eq!(there.post("/api/realtime", body).await.status, 404);
}

#[tokio::test]
async fn s6_a_stream_belongs_to_whom_it_was_first_used_by() {
    let bench = Bench::new().await;
    let (ann, bob) = (bench.app.user("ann").await, bench.app.user("bob").await);
    let guest = bench.app.guest();
    let stream = Stream::open(&guest).await;
    assert_eq!(stream.try_follow(&guest, &["fences/*"]).await.status, 204);
    assert_eq!(stream.try_follow(&ann, &["fences/*"]).await.status, 204, "a guest may sign in");
    for other in [&guest, &bob, &bench.root] {
        let answer = stream.try_follow(other, &["fences/*"]).await;
        let message = "The current and the previous request authorization don't match.";
        assert_eq!((answer.status, answer.message()), (403, message));
    }
    let again = bench.app.guest().signed_in("users", "ann@example.com", "1234567890").await;
    assert_eq!(stream.try_follow(&again, &["fences/*"]).await.status, 204, "the same person");
}

#[tokio::test]
async fn views_tell_nothing() {
    let bench = Bench::new().await;
    bench.collection("notes", json!({"fields": [{"name": "title", "type": "text"}]})).await;
    let view = json!({
        "name": "titles", "type": "view", "listRule": "", "viewRule": "",
        "viewQuery": "SELECT id, title FROM notes",
    });
    made(bench.root.post("/api/collections", view).await);
    let mut stream = bench.stream(&bench.app.guest(), &["titles/*", "notes/*"]).await;
    bench.create("notes", json!({"title": "one"})).await;
    let told = bench.told(&mut stream).await;
    assert_eq!((told.len(), told[0].topic.as_str()), (1, "notes/*"));
}
