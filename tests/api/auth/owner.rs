//! What an owner, a manager and a superuser may change of an auth record.

use serde_json::json;

use crate::support::TestApp;

const USERS: &str = "/api/collections/users/records";
const REFRESH: &str = "/api/collections/users/auth-refresh";

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_ends_every_token() {
    let app = TestApp::spawn().await;
    let ada = app.user("ada").await;
    let own = format!("{USERS}/{}", ada.id);
    for (body, codes) in [
        (
            json!({"password": "12345678901"}),
            json!({"oldPassword": "required", "passwordConfirm": "required"}),
        ),
        (
            json!({"password": "12345678901", "passwordConfirm": "12345678901",
                "oldPassword": "bad"}),
            json!({"oldPassword": "invalid_old_password"}),
        ),
        (
            json!({"password": "1", "passwordConfirm": "1", "oldPassword": "1234567890"}),
            json!({"password": "min_text_constraint"}),
        ),
        (json!({"password": ""}), json!({"password": "required"})),
        (json!({"id": "aaaaaaaaaaaaaaa"}), json!({"id": "pk_change"})),
    ] {
        let answer = ada.patch(&own, body.clone()).await;
        assert_eq!((answer.status, answer.codes()), (400, codes), "{body}");
        assert_eq!(answer.message(), "Failed to update record.");
    }
    assert_eq!(ada.post(REFRESH, json!({})).await.status, 200, "nothing changed so far");
    let body = json!({"password": "12345678901", "passwordConfirm": "12345678901",
        "oldPassword": "1234567890"});
    let changed = ada.patch(&own, body).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(ada.post(REFRESH, json!({})).await.status, 401);
    app.guest().signed_in("users", "ada@example.com", "12345678901").await;
}

#[tokio::test]
async fn address_and_proof_are_not_the_owner_s_to_change() {
    let app = TestApp::spawn().await;
    let (ada, root) = (app.user("ada").await, app.superuser().await);
    let own = format!("{USERS}/{}", ada.id);
    for (body, codes) in [
        (json!({"email": "z@example.com"}), json!({"email": "values_mismatch"})),
        (json!({"verified": true}), json!({"verified": "values_mismatch"})),
    ] {
        let answer = ada.patch(&own, body.clone()).await;
        assert_eq!((answer.status, answer.codes()), (400, codes), "{body}");
    }
    for body in [json!({"email": "ada@example.com"}), json!({"tokenKey": "a".repeat(36)})] {
        let answer = ada.patch(&own, body.clone()).await;
        assert_eq!(answer.status, 200, "{body} {}", answer.body);
    }
    assert_eq!(ada.post(REFRESH, json!({})).await.status, 200, "the hidden key was ignored");
    let changed = root.patch(&own, json!({"email": "z@example.com"})).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(ada.post(REFRESH, json!({})).await.status, 401, "a new address ends tokens");
}

#[tokio::test]
async fn a_sign_up_is_checked_by_field() {
    let app = TestApp::spawn().await;
    app.user("ada").await;
    let twice = json!({"password": "1234567890", "passwordConfirm": "1234567890"});
    let with = |more: serde_json::Value| {
        let mut body = twice.clone();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (body, codes) in [
        (json!({}), json!({"password": "required", "passwordConfirm": "required"})),
        (
            json!({"email": "bad", "password": "123", "passwordConfirm": "123"}),
            json!({"email": "is_email", "password": "min_text_constraint"}),
        ),
        (with(json!({"email": "ada@example.com"})), json!({"email": "not_unique"})),
        (
            with(json!({"email": "b@example.com", "verified": true})),
            json!({"verified": "values_mismatch"}),
        ),
        (
            with(json!({"email": "b@example.com", "passwordConfirm": "x"})),
            json!({"passwordConfirm": "values_mismatch"}),
        ),
    ] {
        let answer = app.guest().post(USERS, body.clone()).await;
        assert_eq!((answer.status, answer.codes()), (400, codes), "{body}");
        assert_eq!(answer.message(), "Failed to create record.");
    }
}

#[tokio::test]
async fn an_id_belongs_to_one_auth_record_of_all_collections() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let body = json!({"id": root.id, "email": "q@example.com", "password": "1234567890",
        "passwordConfirm": "1234567890"});
    let answer = root.post(USERS, body).await;
    assert_eq!((answer.status, answer.codes()), (400, json!({"id": "invalid_auth_id"})));
}
