//! Sessions: refresh tokens, what ends a session, and who sees which.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Caller, PASSWORD, TestApp};

const REFRESH: &str = "/api/collections/users/auth-refresh";
const SESSIONS: &str = "/api/collections/users/sessions";
const SIGN_IN: &str = "/api/collections/users/auth-with-password";

/// Somebody with a session.
struct Session {
    caller: Caller,
    refresh_token: String,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

impl Session {
    /// Signs up and begins one.
    async fn of(app: &TestApp, name: &str) -> Self {
        let user = app.user(name).await;
        Self::again(app, &user, name).await
    }

    /// Begins another one.
    async fn again(app: &TestApp, user: &Caller, name: &str) -> Self {
        let body = json!({"identity": format!("{name}@example.com"), "password": PASSWORD});
        let answer = app.guest().post(&format!("{SIGN_IN}?session=1"), body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let caller = user.with_token(text(&answer.body["token"]));
        Self { caller, refresh_token: text(&answer.body["refreshToken"]) }
    }

    /// Whether the access token is still good.
    async fn is_open(&self) -> bool {
        let own = format!("/api/collections/users/records/{}", self.caller.id);
        self.caller.get(&own).await.status == 200
    }
}

/// What a refresh token gives: the next one, or the status and the sentence.
async fn refresh(app: &TestApp, token: &str) -> Result<(String, String), (u16, String)> {
    let answer = app.guest().post(REFRESH, json!({"refreshToken": token})).await;
    match answer.status {
        200 => Ok((text(&answer.body["refreshToken"]), text(&answer.body["token"]))),
        status => Err((status, answer.message().to_owned())),
    }
}

fn refused() -> Result<(String, String), (u16, String)> {
    Err((401, "The refresh token is invalid or expired.".to_owned()))
}

fn claims(token: &str) -> Value {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).expect("a payload");
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload);
    serde_json::from_slice(&bytes.expect("base64")).expect("JSON")
}

#[tokio::test]
async fn a_sign_in_has_no_session_unless_somebody_asks_for_one() {
    let app = TestApp::spawn().await;
    let (ada, root) = (app.user("ada").await, app.superuser().await);
    let body = json!({"identity": "ada@example.com", "password": PASSWORD});
    let shown = root.get("/api/collections/users").await.body;
    assert!(shown.get("session").is_none() && shown.get("passwordPolicy").is_none(), "{shown}");
    let plain = app.guest().post(SIGN_IN, body.clone()).await.body;
    assert_eq!(plain.as_object().unwrap().len(), 2, "{plain}");
    assert!(claims(&text(&plain["token"])).get("sid").is_none());
    let off = json!({"session": {"accessDuration": 60, "idleDuration": 50}});
    let wrong = root.patch("/api/collections/users", off).await;
    assert_eq!(wrong.status, 400, "{}", wrong.body);
    let code = &wrong.body["data"]["session"]["idleDuration"]["code"];
    assert_eq!(code, "validation_min_greater_equal_than_required");
    let on = json!({"session": {"enabled": true, "accessDuration": 60}});
    let changed = root.patch("/api/collections/users", on).await;
    assert_eq!(changed.body["session"]["grace"], 30, "{}", changed.body);
    let signed_in = app.guest().post(SIGN_IN, body).await.body;
    let claims = claims(&text(&signed_in["token"]));
    let left = claims["exp"].as_i64().unwrap() - app.clock.now().unix_secs();
    assert!((58..=60).contains(&left), "{claims}");
    assert!(text(&signed_in["refreshToken"]).starts_with("grs_"));
    // A client that knows of no refresh token renews its access token as it always did.
    let caller = ada.with_token(text(&signed_in["token"]));
    let renewed = caller.post(REFRESH, json!({})).await.body;
    assert_eq!(renewed.as_object().unwrap().len(), 2, "{renewed}");
    let again = self::claims(&text(&renewed["token"]));
    assert_eq!(again["sid"], claims["sid"]);
    let reset = root.patch("/api/collections/users", json!({"session": null})).await.body;
    assert!(reset.get("session").is_none(), "{reset}");
}

#[tokio::test]
async fn r14_ten_tabs_and_a_lost_answer_succeed_and_true_reuse_ends_the_session() {
    let app = TestApp::spawn().await;
    let ada = Session::of(&app, "ada").await;
    let other = Session::again(&app, &ada.caller, "ada").await;
    let first = ada.refresh_token.as_str();
    let tabs = join_all((0..10).map(|_| refresh(&app, first))).await;
    let second = tabs[0].clone().expect("the first tab").0;
    for tab in tabs {
        assert_eq!(tab.expect("each tab").0, second);
    }
    assert_ne!(second, first);
    // The answer that was lost is asked for again, and the next one, too.
    app.clock.advance(Duration::from_secs(20));
    assert_eq!(refresh(&app, first).await.unwrap().0, second);
    let (third, access) = refresh(&app, &second).await.unwrap();
    assert_eq!(refresh(&app, first).await.unwrap().0, third);
    let now = Session { caller: ada.caller.with_token(access), refresh_token: third.clone() };
    assert!(now.is_open().await && ada.is_open().await);
    // Whoever comes with it later is not the one who was given its successor.
    app.clock.advance(Duration::from_secs(11));
    let reused = "The refresh token was used before: its session is ended.".to_owned();
    assert_eq!(refresh(&app, first).await, Err((401, reused)));
    assert!(!now.is_open().await && !ada.is_open().await, "access tokens end with it");
    for token in [first, &second, &third] {
        assert_eq!(refresh(&app, token).await, refused());
    }
    assert!(other.is_open().await, "the other session goes on");
    assert!(refresh(&app, &other.refresh_token).await.is_ok());
}

#[tokio::test]
async fn r14_a_token_of_another_collection_or_made_up_is_refused_and_ends_nothing() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let ada = Session::of(&app, "ada").await;
    let token = ada.refresh_token.as_str();
    let body = json!({"refreshToken": token});
    let wrong = app.guest().post("/api/collections/_superusers/auth-refresh", body.clone()).await;
    assert_eq!(wrong.status, 401, "{}", wrong.body);
    let none = app.guest().post("/api/collections/nope/auth-refresh", body).await;
    assert_eq!(none.status, 404);
    let (head, tail) = token.split_at(token.len() - 1);
    let forged = format!("{head}{}", if tail == "A" { "B" } else { "A" });
    for token in ["x", "grs_", &forged, &format!("{token}AAAA"), &"A".repeat(10_000)] {
        assert_eq!(refresh(&app, token).await, refused(), "{token}");
    }
    for sent in [json!(5), json!(null), json!([token]), json!("")] {
        let answer = app.guest().post(REFRESH, json!({"refreshToken": sent})).await;
        assert_eq!(answer.status, 401, "{sent}");
    }
    let header = app.guest().with_token(token);
    assert_eq!(header.post(REFRESH, json!({})).await.status, 401, "it signs no request");
    let own = format!("/api/collections/users/records/{}", ada.caller.id);
    assert_eq!(header.get(&own).await.status, 404);
    assert!(ada.is_open().await && refresh(&app, token).await.is_ok());
    assert_eq!(root.get(SESSIONS).await.body["totalItems"], 1);
}

#[tokio::test]
async fn the_auth_rule_is_asked_again_at_each_refresh_and_spends_nothing() {
    let app = TestApp::spawn().await;
    let (ann, root) = (app.user("ann").await, app.superuser().await);
    let path = format!("/api/collections/users/records/{}", ann.id);
    let verified = async |is: bool| {
        assert_eq!(root.patch(&path, json!({"verified": is})).await.status, 200);
    };
    verified(true).await;
    let rule = json!({"authRule": "verified = true"});
    assert_eq!(root.patch("/api/collections/users", rule).await.status, 200);
    let session = Session::again(&app, &ann, "ann").await;
    verified(false).await;
    assert_eq!(refresh(&app, &session.refresh_token).await.unwrap_err().0, 403);
    verified(true).await;
    assert!(refresh(&app, &session.refresh_token).await.is_ok());
    // Another rule makes another secret, and that ends them all.
    let rule = json!({"authRule": "id != ''"});
    assert_eq!(root.patch("/api/collections/users", rule).await.status, 200);
    assert_eq!(refresh(&app, &session.refresh_token).await, refused());
}

#[tokio::test]
async fn a_session_ends_by_idling_and_at_its_longest_life() {
    let app = TestApp::spawn().await;
    let (ada, bob) = (Session::of(&app, "ada").await, Session::of(&app, "bob").await);
    let day = Duration::from_secs(86_400);
    let mut token = ada.refresh_token.clone();
    for _ in 0..4 {
        app.clock.advance(20 * day);
        token = refresh(&app, &token).await.unwrap().0;
    }
    assert_eq!(refresh(&app, &bob.refresh_token).await, refused(), "30 days without a refresh");
    app.clock.advance(10 * day);
    assert_eq!(refresh(&app, &token).await, refused(), "90 days in all");
    assert_eq!(app.app.auth.delete_expired_sessions().await.unwrap(), 2);
    assert_eq!(app.app.auth.delete_expired_sessions().await.unwrap(), 0);
}

#[tokio::test]
async fn what_ends_the_tokens_of_a_record_ends_its_sessions() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let count = async || root.get(SESSIONS).await.body["totalItems"].clone();
    let path = |s: &Session| format!("/api/collections/users/records/{}", s.caller.id);
    let ada = Session::of(&app, "ada").await;
    let form = json!({"password": "another one", "passwordConfirm": "another one"});
    assert_eq!(root.patch(&path(&ada), form).await.status, 200);
    let bob = Session::of(&app, "bob").await;
    assert_eq!(root.delete(&path(&bob)).await.status, 204);
    let cyd = Session::of(&app, "cyd").await;
    assert_eq!(root.patch(&path(&cyd), json!({"email": "x@example.com"})).await.status, 200);
    for gone in [&ada, &bob, &cyd] {
        assert!(!gone.is_open().await);
        assert_eq!(refresh(&app, &gone.refresh_token).await, refused());
    }
    assert_eq!(count().await, 0);
    let dan = Session::of(&app, "dan").await;
    let secret = json!({"authToken": {"secret": "s".repeat(40)}});
    assert_eq!(root.patch("/api/collections/users", secret).await.status, 200);
    assert!(!dan.is_open().await);
    assert_eq!(refresh(&app, &dan.refresh_token).await, refused());
    assert_eq!(count().await, 0);
}

#[tokio::test]
async fn s16_a_record_sees_and_ends_its_own_sessions_and_superusers_all() {
    let app = TestApp::spawn().await;
    let (ada, bob) = (Session::of(&app, "ada").await, Session::of(&app, "bob").await);
    let root = app.superuser().await;
    let second = Session::again(&app, &ada.caller, "ada").await;
    let plain = app.guest().signed_in("users", "ada@example.com", PASSWORD).await;
    let list = async |caller: &Caller, query: &str| {
        let answer = caller.get(&format!("{SESSIONS}{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["items"].as_array().unwrap().clone()
    };
    let own = list(&ada.caller, "").await;
    assert_eq!(own.len(), 2);
    assert_eq!(own.iter().filter(|entry| entry["current"] == true).count(), 1);
    assert_eq!(
        (own[0]["ip"].as_str(), own[0]["record"].as_str().unwrap().len()),
        (Some("127.0.0.1"), 15)
    );
    assert_eq!(list(&ada.caller, &format!("?record={}", bob.caller.id)).await.len(), 2);
    assert!(list(&plain, "").await.iter().all(|entry| entry["current"] == false));
    assert_eq!(list(&root, "").await.len(), 3);
    let of_bob = list(&root, &format!("?record={}", bob.caller.id)).await;
    assert_eq!(of_bob.len(), 1);
    let page = root.get(&format!("{SESSIONS}?perPage=2&page=2")).await.body;
    assert_eq!((&page["totalPages"], page["items"].as_array().unwrap().len()), (&json!(2), 1));
    let shown = page.to_string();
    for secret in ["salt", "proof", "grs_", "spent", "generation"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let bobs = format!("{SESSIONS}/{}", text(&of_bob[0]["id"]));
    for (caller, status) in [(&app.guest(), 401), (&ada.caller, 404), (&plain, 404)] {
        assert_eq!(caller.delete(&bobs).await.status, status);
    }
    assert_eq!(app.guest().get(SESSIONS).await.status, 401);
    assert_eq!(app.guest().delete(SESSIONS).await.status, 401);
    let elsewhere = "/api/collections/_superusers/sessions";
    assert_eq!(ada.caller.get(elsewhere).await.status, 404);
    assert_eq!(ada.caller.delete(elsewhere).await.status, 404);
    let all = root.delete(SESSIONS).await;
    assert_eq!((all.status, all.codes()), (400, json!({"record": "required"})));
    assert!(bob.is_open().await);
    assert_eq!(ada.caller.delete(SESSIONS).await.status, 204);
    assert!(ada.is_open().await && !second.is_open().await && bob.is_open().await);
    assert_eq!(root.delete(&bobs).await.status, 204);
    assert_eq!(root.delete(&bobs).await.status, 404);
    assert!(!bob.is_open().await);
    assert_eq!(refresh(&app, &bob.refresh_token).await, refused());
    assert_eq!(root.delete(&format!("{SESSIONS}?record={}", ada.caller.id)).await.status, 204);
    assert!(!ada.is_open().await);
    let kept = plain.get(&format!("/api/collections/users/records/{}", plain.id)).await;
    assert_eq!(kept.status, 200, "a sign-in without a session has none to end");
}

#[tokio::test]
async fn signing_out_ends_the_session_of_the_token_that_is_shown() {
    let app = TestApp::spawn().await;
    let ada = Session::of(&app, "ada").await;
    let second = Session::again(&app, &ada.caller, "ada").await;
    assert_eq!(ada.caller.delete(REFRESH).await.status, 204);
    assert!(!ada.is_open().await && second.is_open().await);
    assert_eq!(app.guest().delete(REFRESH).await.status, 401);
    let spent = second.refresh_token.clone();
    refresh(&app, &spent).await.unwrap();
    let body = json!({"refreshToken": spent});
    let out = app.guest().raw("DELETE", REFRESH, Some(&body)).await;
    assert_eq!(out.status, 204);
    assert!(!second.is_open().await, "a spent token ends its session, too");
    let out = app.guest().raw("DELETE", REFRESH, Some(&body)).await;
    assert_eq!(out.status, 204, "who is out stays out");
    let plain = app.guest().signed_in("users", "ada@example.com", PASSWORD).await;
    assert_eq!(plain.delete(REFRESH).await.status, 404, "there is no session to end");
}

#[tokio::test]
async fn a_record_has_a_hundred_sessions_at_most_and_the_one_that_idles_longest_goes() {
    let app = TestApp::spawn().await;
    let oldest = Session::of(&app, "ada").await;
    let mut others = Vec::new();
    for _ in 0..100 {
        app.clock.advance(Duration::from_millis(5));
        others.push(Session::again(&app, &oldest.caller, "ada").await);
    }
    assert!(!oldest.is_open().await && others[0].is_open().await);
    assert_eq!(others[0].caller.get(SESSIONS).await.body["totalItems"], 100);
}

#[tokio::test]
async fn s6_file_tokens_end_with_the_session_they_were_made_in() {
    let app = TestApp::spawn().await;
    let (ada, root) = (Session::of(&app, "ada").await, app.superuser().await);
    let fields = json!([{"name": "doc", "type": "file", "protected": true}]);
    let rule = "@request.auth.id != ''";
    let form = json!({"name": "papers", "fields": fields, "viewRule": rule, "createRule": ""});
    assert_eq!(root.post("/api/collections", form).await.status, 200);
    let boundary = "multipart/form-data; boundary=b";
    let body = "--b\r\nContent-Disposition: form-data; name=\"doc\"; filename=\"a.txt\"\r\n\r\n\
                hi\r\n--b--\r\n";
    let made = app.guest().post_text("/api/collections/papers/records", boundary, body).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let (id, doc) = (text(&made.body["id"]), text(&made.body["doc"]));
    let plain = app.guest().signed_in("users", "ada@example.com", PASSWORD).await;
    let path = async |caller: &Caller| {
        let token = text(&caller.post("/api/files/token", json!({})).await.body["token"]);
        format!("/api/files/papers/{id}/{doc}?token={token}")
    };
    let (of_session, of_sign_in) = (path(&ada.caller).await, path(&plain).await);
    for file in [&of_session, &of_sign_in] {
        assert_eq!(root.fetch(file, &[]).await.status, 200);
    }
    assert_eq!(ada.caller.delete(REFRESH).await.status, 204);
    assert_eq!(root.fetch(&of_session, &[]).await.status, 404);
    assert_eq!(root.fetch(&of_sign_in, &[]).await.status, 200);
    assert_eq!(ada.caller.post("/api/files/token", json!({})).await.status, 401);
}
