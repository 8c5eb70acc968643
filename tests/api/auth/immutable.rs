//! What a record may not change of itself, whatever it sends for it; and what a token given in its
//! name is not good for.

use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp};

const USERS: &str = "/api/collections/users/records";

#[tokio::test]
async fn s17_null_empty_and_other_values_leave_what_is_immutable_as_it_is() {
    let app = TestApp::spawn().await;
    let (ada, root) = (app.user("ada").await, app.superuser().await);
    let rule = json!({"updateRule": "id = @request.auth.id"});
    assert_eq!(root.patch("/api/collections/users", rule).await.status, 200);
    let own = format!("{USERS}/{}", ada.id);
    let verified = root.patch(&own, json!({"verified": true})).await;
    assert_eq!(verified.status, 200, "{}", verified.body);
    let kept = ["id", "collectionId", "collectionName", "created", "email", "verified"];
    let shown = async || {
        let record = root.get(&own).await.body;
        kept.map(|name| record[name].clone())
    };
    let before = shown().await;
    let values = [json!(null), json!(""), json!(0), json!(false), json!([]), json!({}), json!("x")];
    for name in kept.into_iter().chain(["tokenKey"]) {
        for value in &values {
            let mut body = json!({"name": "Ada"});
            body[name] = value.clone();
            let answer = ada.patch(&own, body).await;
            assert!([200, 400].contains(&answer.status), "{name} {value} {}", answer.body);
            assert_eq!(shown().await, before, "{name} {value}");
            assert_eq!(ada.get(&own).await.status, 200, "{name} {value} ends no sign-in");
        }
    }
    let passwords = [json!(null), json!(""), json!([]), json!(false)];
    for value in &passwords {
        let body = json!({"password": value, "passwordConfirm": value, "oldPassword": value});
        ada.patch(&own, body).await;
        let mut body = json!({"password": "another one", "passwordConfirm": "another one"});
        body["oldPassword"] = value.clone();
        assert_eq!(ada.patch(&own, body).await.status, 400, "{value}");
        app.guest().signed_in("users", "ada@example.com", PASSWORD).await;
    }
}

#[tokio::test]
async fn s13_a_token_in_somebodys_name_has_their_rights_and_no_more() {
    let app = TestApp::spawn().await;
    let (ada, bob, root) = (app.user("ada").await, app.user("bob").await, app.superuser().await);
    let path = format!("/api/collections/users/impersonate/{}", ada.id);
    let made = root.post(&path, json!({"duration": 600})).await.body;
    assert!(made.get("refreshToken").is_none(), "{made}");
    let session = json!({"session": {"enabled": true}});
    assert_eq!(root.patch("/api/collections/users", session).await.status, 200);
    let again = root.post(&format!("{path}?session=1"), json!({})).await.body;
    assert!(again.get("refreshToken").is_none(), "no session begins in somebody's name: {again}");
    let as_ada = app.guest().with_token(made["token"].as_str().expect("a token"));
    let other = format!("/api/collections/users/impersonate/{}", bob.id);
    for (caller, who) in [(&as_ada, "impersonated"), (&ada, "herself")] {
        for route in ["/api/settings", "/api/collections", "/api/logs", "/api/crons"] {
            assert_eq!(caller.get(route).await.status, 403, "{who} {route}");
        }
        assert_eq!(caller.post(&other, json!({})).await.status, 403, "{who}");
        assert_eq!(caller.get(&format!("{USERS}/{}", bob.id)).await.status, 404, "{who}");
        let verified =
            caller.patch(&format!("{USERS}/{}", ada.id), json!({"verified": true})).await;
        assert_eq!(verified.status, 400, "{who} {}", verified.body);
    }
    let refreshed = as_ada.post("/api/collections/users/auth-refresh", json!({})).await.body;
    assert_eq!(refreshed["token"], made["token"], "it lives no longer");
    let file = as_ada.post("/api/files/token", Value::Null).await;
    assert_eq!(file.status, 200, "{}", file.body);
    let no_sign_in = app.guest().with_token(file.body["token"].as_str().expect("a token"));
    let refused = no_sign_in.post("/api/collections/users/auth-refresh", json!({})).await;
    assert_eq!(refused.status, 401, "a file token opens files only");
}
