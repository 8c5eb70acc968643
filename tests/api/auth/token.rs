//! Refresh, impersonation, and tokens that are none.

use std::time::Duration;

use serde_json::json;

use crate::support::TestApp;

const REFRESH: &str = "/api/collections/users/auth-refresh";
const NO_TOKEN: &str = "The request requires valid record authorization token.";

#[tokio::test]
async fn a_bad_token_makes_a_guest_and_never_an_error() {
    let app = TestApp::spawn().await;
    let ada = app.user("ada").await;
    let open = "/api/collections/users/auth-methods";
    let (head, signature) = ada.token.rsplit_once('.').unwrap();
    let payload = head.split_once('.').unwrap().1;
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}");
    for token in [
        "x".to_owned(),
        format!("{}x", ada.token),
        head.to_owned(),
        format!("{none}."),
        format!("{none}.{signature}"),
        "x".repeat(20_000),
    ] {
        let caller = app.guest().with_token(&token);
        assert_eq!(caller.get(open).await.status, 200, "{token}");
        let answer = caller.post(REFRESH, json!({})).await;
        assert_eq!((answer.status, answer.message()), (401, NO_TOKEN), "{token}");
    }
    let answer = app.guest().with_token("x").get("/api/collections").await;
    assert_eq!((answer.status, answer.message()), (401, NO_TOKEN));
}

#[tokio::test]
async fn a_refresh_renews_until_the_token_has_expired() {
    let app = TestApp::spawn().await;
    let ada = app.user("ada").await;
    app.clock.advance(Duration::from_secs(60));
    let answer = ada.with_token(format!("bEARER {}", ada.token)).post(REFRESH, json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["record"]["email"], "ada@example.com");
    assert_ne!(answer.body["token"], ada.token);
    app.clock.advance(Duration::from_secs(432_000));
    assert_eq!(ada.post(REFRESH, json!({})).await.status, 401);
}

#[tokio::test]
async fn a_refresh_is_for_tokens_of_the_collection() {
    let app = TestApp::spawn().await;
    let (ada, root) = (app.user("ada").await, app.superuser().await);
    for (caller, collection, status, message) in [
        (&root, "users", 403, "The request requires auth record from _superusers collection."),
        (&ada, "_superusers", 403, "The request requires auth record from users collection."),
        (&app.guest(), "users", 401, NO_TOKEN),
        (&app.guest(), "nope", 404, "Missing or invalid collection context."),
    ] {
        let path = format!("/api/collections/{collection}/auth-refresh");
        let answer = caller.post(&path, json!({})).await;
        assert_eq!((answer.status, answer.message()), (status, message), "{collection}");
    }
}

#[tokio::test]
async fn only_superusers_impersonate_and_their_tokens_are_not_renewed() {
    let app = TestApp::spawn().await;
    let (ada, root) = (app.user("ada").await, app.superuser().await);
    let path = format!("/api/collections/users/impersonate/{}", ada.id);
    assert_eq!(app.guest().post(&path, json!({})).await.status, 401);
    assert_eq!(ada.post(&path, json!({})).await.status, 403);
    for (body, status) in [
        (json!({}), 200),
        (json!({"duration": 0}), 200),
        (json!({"DURATION": 5}), 200),
        (json!({"duration": -1}), 400),
        (json!({"duration": "x"}), 400),
        (json!({"duration": 5.5}), 400),
        (json!({"duration": 99_999_999_999_i64}), 200),
    ] {
        let answer = root.post(&path, body.clone()).await;
        assert_eq!(answer.status, status, "{body} {}", answer.body);
    }
    let token = root.post(&path, json!({"duration": 60})).await.body["token"].clone();
    let as_ada = app.guest().with_token(token.as_str().unwrap());
    let refreshed = as_ada.post(REFRESH, json!({})).await;
    assert_eq!((refreshed.status, &refreshed.body["token"]), (200, &token));
    let own = as_ada.get(&format!("/api/collections/users/records/{}", ada.id)).await;
    assert_eq!(own.status, 200, "{}", own.body);
    app.clock.advance(Duration::from_secs(61));
    assert_eq!(as_ada.post(REFRESH, json!({})).await.status, 401);
    let nobody = root.post("/api/collections/users/impersonate/nobody", json!({})).await;
    assert_eq!(nobody.status, 404);
}
