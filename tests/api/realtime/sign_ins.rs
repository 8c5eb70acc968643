//! S6: a sign-in that ends, ends on its open streams at once; the stream goes on as a guest's.

use std::time::Duration;

use serde_json::json;

use super::Bench;
use crate::mail::support::forge;
use crate::support::{Caller, Stream};

const PASSWORD: &str = "1234567890";

/// Notes for whoever is signed in, and for their owner.
async fn bench() -> Bench {
    let bench = Bench::new().await;
    let fields = json!([{"name": "title", "type": "text"}]);
    let form = json!({"fields": fields, "listRule": "@request.auth.id != \"\""});
    bench.collection("notes", form).await;
    bench
}

async fn signed_in(bench: &Bench, caller: &Caller) -> Stream {
    let mut stream = bench.stream(caller, &["notes/*"]).await;
    bench.create("notes", json!({"title": "before"})).await;
    assert_eq!(bench.short(&mut stream, "title").await, "create before");
    stream
}

/// Nothing that needs a sign-in comes any more, but the stream lives, and may be signed in again.
async fn is_guest(bench: &Bench, stream: &mut Stream) {
    bench.create("notes", json!({"title": "after"})).await;
    assert_eq!(bench.short(stream, "title").await, "");
    let other = bench.app.user(&format!("other{}", bench.app.clock.now().unix_ms())).await;
    bench.follow(stream, &other, &["notes/*"]).await;
    bench.create("notes", json!({"title": "again"})).await;
    assert_eq!(bench.short(stream, "title").await, "create again");
}

#[tokio::test]
async fn s6_another_password() {
    let bench = bench().await;
    let ann = bench.app.user("ann").await;
    let mut stream = signed_in(&bench, &ann).await;
    let (mut other, bob) = (Stream::open(&bench.app.guest()).await, bench.app.user("bob").await);
    bench.follow(&other, &bob, &["notes/*"]).await;
    let form = json!({"oldPassword": PASSWORD, "password": "another one", "passwordConfirm":
        "another one"});
    bench.change("users", json!({"updateRule": "id = @request.auth.id"})).await;
    let path = format!("/api/collections/users/records/{}", ann.id);
    assert_eq!(ann.patch(&path, form).await.status, 200);
    is_guest(&bench, &mut stream).await;
    assert_eq!(bench.short(&mut other, "title").await, "create after, create again");
}

#[tokio::test]
async fn s6_a_password_or_an_address_changed_by_mail() {
    for (kind, option, what) in [
        ("passwordReset", "passwordResetToken", "confirm-password-reset"),
        ("emailChange", "emailChangeToken", "confirm-email-change"),
    ] {
        let bench = bench().await;
        let ann = bench.app.user("ann").await;
        let mut stream = signed_in(&bench, &ann).await;
        let claims = json!({"email": "ann@example.com", "newEmail": "new@example.com"});
        let token = forge(&bench.app, "users", &ann.id, kind, option, &claims);
        let form = json!({"token": token, "password": PASSWORD, "passwordConfirm": PASSWORD});
        let path = format!("/api/collections/users/{what}");
        assert_eq!(bench.app.guest().post(&path, form).await.status, 204, "{kind}");
        is_guest(&bench, &mut stream).await;
    }
}

#[tokio::test]
async fn s6_the_record_is_deleted() {
    let bench = bench().await;
    let ann = bench.app.user("ann").await;
    let mut stream = signed_in(&bench, &ann).await;
    bench.delete("users", &ann.id).await;
    is_guest(&bench, &mut stream).await;
}

#[tokio::test]
async fn s6_another_secret_of_the_collection() {
    let bench = bench().await;
    let mut stream = signed_in(&bench, &bench.app.user("ann").await).await;
    bench.change("users", json!({"authToken": {"secret": "x".repeat(40)}})).await;
    is_guest(&bench, &mut stream).await;
}

#[tokio::test]
async fn s6_the_collection_is_deleted() {
    let bench = bench().await;
    let form = json!({"name": "members", "type": "auth", "createRule": ""});
    let made = bench.root.post("/api/collections", form).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let ann =
        json!({"email": "ann@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    bench.create("members", ann).await;
    let ann = bench.app.guest().signed_in("members", "ann@example.com", PASSWORD).await;
    let mut stream = signed_in(&bench, &ann).await;
    assert_eq!(bench.root.delete("/api/collections/members").await.status, 204);
    is_guest(&bench, &mut stream).await;
}

#[tokio::test]
async fn s6_the_token_expires() {
    let bench = bench().await;
    let (ann, root) = (bench.app.user("ann").await, bench.root.clone());
    let mut stream = signed_in(&bench, &ann).await;
    bench.app.clock.advance(Duration::from_secs(8 * 24 * 3600));
    let bench = Bench {
        root: root.signed_in("_superusers", "root@example.com", PASSWORD).await,
        app: bench.app,
    };
    // The same person elsewhere, whose token is young.
    let again = bench.app.guest().signed_in("users", "ann@example.com", PASSWORD).await;
    let mut young = bench.stream(&again, &["notes/*"]).await;
    bench.create("notes", json!({"title": "late"})).await;
    assert_eq!(bench.short(&mut stream, "title").await, "");
    assert_eq!(bench.short(&mut young, "title").await, "create late");
    // The order in which the two came must not matter.
    bench.follow(&young, &again, &["notes/*"]).await;
    bench.follow(&stream, &bench.app.guest(), &["notes/*"]).await;
    bench.create("notes", json!({"title": "later"})).await;
    assert_eq!(bench.short(&mut young, "title").await, "create later");
    is_guest(&bench, &mut stream).await;
}

#[tokio::test]
async fn s6_another_password_of_a_superuser() {
    let bench = bench().await;
    bench.change("notes", json!({"listRule": null})).await;
    let form = json!({"email": "second@example.com", "password": PASSWORD, "passwordConfirm":
        PASSWORD});
    let second = bench.create("_superusers", form).await;
    let caller = bench.app.guest().signed_in("_superusers", "second@example.com", PASSWORD).await;
    let mut stream = signed_in(&bench, &caller).await;
    let form = json!({"password": "another one", "passwordConfirm": "another one"});
    bench.update("_superusers", &second, form).await;
    bench.create("notes", json!({"title": "after"})).await;
    assert_eq!(bench.short(&mut stream, "title").await, "");
}

#[tokio::test]
async fn a_sign_in_stands_for_the_record_as_it_is_now() {
    let bench = bench().await;
    bench.change("notes", json!({"listRule": "@request.auth.name = \"editor\""})).await;
    let ann = bench.app.user("ann").await;
    let mut stream = bench.stream(&ann, &["notes/*"]).await;
    bench.create("notes", json!({"title": "a"})).await;
    assert_eq!(bench.short(&mut stream, "title").await, "");
    bench.update("users", &ann.id, json!({"name": "editor"})).await;
    bench.create("notes", json!({"title": "b"})).await;
    assert_eq!(bench.short(&mut stream, "title").await, "create b");
    bench.update("users", &ann.id, json!({"name": "reader"})).await;
    bench.create("notes", json!({"title": "c"})).await;
    assert_eq!(bench.short(&mut stream, "title").await, "");
}

#[tokio::test]
async fn s6_another_auth_rule() {
    let bench = bench().await;
    let mut stream = signed_in(&bench, &bench.app.user("ann").await).await;
    // A new auth rule takes a new secret with it.
    bench.change("users", json!({"authRule": "name != \"nobody\""})).await;
    is_guest(&bench, &mut stream).await;
}

#[tokio::test]
async fn s6_the_session_is_ended() {
    let bench = bench().await;
    let ann = bench.app.user("ann").await;
    let begin = async || {
        let path = "/api/collections/users/auth-with-password?session=1";
        let form = json!({"identity": "ann@example.com", "password": PASSWORD});
        let answer = bench.app.guest().post(path, form).await.body;
        let token = answer["token"].as_str().expect("a token");
        (ann.with_token(token), answer["refreshToken"].clone())
    };
    let ((first, _), (second, _), (third, refresh_token)) =
        (begin().await, begin().await, begin().await);
    let sessions = "/api/collections/users/sessions";
    let mut streams = Vec::new();
    for caller in [&ann, &first, &second, &third] {
        streams.push(bench.stream(caller, &["notes/*"]).await);
    }
    let told = async |streams: &mut [Stream], expected: [&str; 4]| {
        bench.create("notes", json!({"title": "x"})).await;
        for (stream, expected) in streams.iter_mut().zip(expected) {
            assert_eq!(bench.short(stream, "title").await, expected);
        }
    };
    const X: &str = "create x";
    told(&mut streams, [X, X, X, X]).await;
    // By its own hand, by another session of the same person, and by a token that was stolen.
    assert_eq!(first.delete("/api/collections/users/auth-refresh").await.status, 204);
    told(&mut streams, [X, "", X, X]).await;
    assert_eq!(third.delete(sessions).await.status, 204);
    told(&mut streams, [X, "", "", X]).await;
    let body = json!({"refreshToken": refresh_token});
    let path = "/api/collections/users/auth-refresh";
    assert_eq!(bench.app.guest().post(path, body.clone()).await.status, 200);
    told(&mut streams, [X, "", "", X]).await;
    bench.app.clock.advance(Duration::from_secs(31));
    assert_eq!(bench.app.guest().post(path, body).await.status, 401);
    told(&mut streams, [X, "", "", ""]).await;
    // A stream that lost its session may be signed in again, and by a token of none.
    bench.follow(&streams[1], &ann, &["notes/*"]).await;
    told(&mut streams, [X, X, "", ""]).await;
}
