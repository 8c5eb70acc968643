//! `auth-with-password` and `auth-methods`, with the answers of the reference 0.40.6.

use serde_json::json;

use crate::support::TestApp;

const PATH: &str = "/api/collections/users/auth-with-password";
const LOADING: &str = "An error occurred while loading the submitted data.";
const VALIDATING: &str = "An error occurred while validating the submitted data.";

#[tokio::test]
async fn the_answer_is_the_record_as_its_owner_sees_it_and_a_token() {
    let app = TestApp::spawn().await;
    app.user("ada").await;
    let body = json!({"identity": "ada@example.com", "password": "1234567890"});
    let answer = app.guest().post(PATH, body).await;
    let keys: Vec<&String> = answer.body.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["record", "token"]);
    let record = &answer.body["record"];
    assert_eq!(record["email"], "ada@example.com");
    assert_eq!(record["collectionId"], "_pb_users_auth_");
    assert!(record.get("password").is_none() && record.get("tokenKey").is_none());
}

#[tokio::test]
async fn bad_forms_are_refused_in_the_contract_s_words() {
    let app = TestApp::spawn().await;
    app.user("ada").await;
    let guest = app.guest();
    let long = "x".repeat(256);
    for (body, codes) in [
        (json!({}), json!({"identity": "required", "password": "required"})),
        (json!(null), json!({"identity": "required", "password": "required"})),
        (json!({"identity": null, "password": "x"}), json!({"identity": "required"})),
        (json!({"identity": long, "password": "x"}), json!({"identity": "length_out_of_range"})),
        (json!({"identity": "x", "password": long}), json!({"password": "length_out_of_range"})),
        (
            json!({"identity": "x", "password": "x", "identityField": "name"}),
            json!({"identityField": "in_invalid"}),
        ),
    ] {
        let answer = guest.post(PATH, body.clone()).await;
        assert_eq!((answer.status, answer.message()), (400, VALIDATING), "{body}");
        assert_eq!(answer.codes(), codes, "{body}");
    }
    for (content_type, text, message) in [
        ("application/json", "x", LOADING),
        ("application/json", "[]", LOADING),
        ("application/json", r#"{"identity":"#, LOADING),
        ("application/json", r#"{"identity":1,"password":"x"}"#, LOADING),
        ("text/plain", r#"{"identity":"x","password":"x"}"#, "Unsupported Content-Type."),
    ] {
        let answer = guest.post_text(PATH, content_type, text).await;
        assert_eq!((answer.status, answer.message()), (400, message), "{content_type} {text}");
        assert_eq!(answer.body["data"], json!({}), "{text}");
    }
}

#[tokio::test]
async fn names_match_in_any_case_and_forms_need_not_be_json() {
    let app = TestApp::spawn().await;
    app.user("ada").await;
    let guest = app.guest();
    let body = json!({"IDENTITY": "ada@example.com", "Password": "1234567890"});
    assert_eq!(guest.post(PATH, body).await.status, 200);
    let form = "identity=ada%40example.com&password=1234567890";
    let answer = guest.post_text(PATH, "application/x-www-form-urlencoded", form).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let parts = "--x\r\ncontent-disposition: form-data; name=\"identity\"\r\n\r\n\
                 ada@example.com\r\n--x\r\ncontent-disposition: form-data; name=\"password\"\r\n\
                 \r\n1234567890\r\n--x--\r\n";
    let answer = guest.post_text(PATH, "multipart/form-data; boundary=x", parts).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn unknown_identities_and_wrong_passwords_get_the_same_bytes() {
    let app = TestApp::spawn().await;
    app.user("ada").await;
    let refused = json!({"data": {}, "message": "Failed to authenticate.", "status": 400});
    for (identity, password) in [
        ("ada@example.com", "wrong"),
        ("nobody@example.com", "1234567890"),
        ("ADA@example.com", "1234567890"),
        ("not an address", "1234567890"),
    ] {
        let body = json!({"identity": identity, "password": password});
        let answer = app.guest().post(PATH, body).await;
        assert_eq!((answer.status, answer.body), (400, refused.clone()), "{identity}");
    }
}

#[tokio::test]
async fn the_collection_must_exist_and_sign_in() {
    let app = TestApp::spawn().await;
    for (collection, message) in [
        ("nope", "Missing or invalid collection context."),
        ("_mfas", "Missing or invalid auth collection context."),
    ] {
        for path in ["auth-with-password", "auth-methods"] {
            let path = format!("/api/collections/{collection}/{path}");
            let answer = match path.ends_with("methods") {
                true => app.guest().get(&path).await,
                false => app.guest().post(&path, json!({})).await,
            };
            assert_eq!((answer.status, answer.message()), (404, message), "{path}");
        }
    }
}

#[tokio::test]
async fn the_auth_rule_speaks_of_the_record_and_the_request() {
    let app = TestApp::spawn().await;
    app.user("ada").await;
    let root = app.superuser().await;
    let refused = "The request doesn't satisfy the collection requirements to authenticate.";
    for (rule, status) in [
        (json!(null), 403),
        (json!("verified = true"), 403),
        (json!("email ~ 'ada'"), 200),
        (json!("@request.context = 'password'"), 200),
        (json!("@request.body.identity ~ 'ada' && @request.method = 'POST'"), 200),
        (json!(""), 200),
    ] {
        let change = json!({"authRule": rule});
        let changed = root.patch("/api/collections/users", change).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        let body = json!({"identity": "ada@example.com", "password": "1234567890"});
        let answer = app.guest().post(PATH, body.clone()).await;
        assert_eq!(answer.status, status, "{rule} {}", answer.body);
        if status == 403 {
            assert_eq!(answer.message(), refused);
        }
        assert_eq!(root.post(PATH, body).await.status, 200, "superusers pass {rule}");
    }
}

#[tokio::test]
async fn a_changed_auth_rule_ends_every_token_of_the_collection() {
    let app = TestApp::spawn().await;
    let (ada, root) = (app.user("ada").await, app.superuser().await);
    let refresh = "/api/collections/users/auth-refresh";
    assert_eq!(ada.post(refresh, json!({})).await.status, 200);
    root.patch("/api/collections/users", json!({"authRule": "verified = true"})).await;
    let answer = ada.post(refresh, json!({})).await;
    assert_eq!(answer.status, 401, "{}", answer.body);
}

#[tokio::test]
async fn a_collection_says_what_it_offers() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let offer = json!({
        "password": {"identityFields": ["email"], "enabled": true},
        "oauth2": {"providers": [], "enabled": false},
        "mfa": {"enabled": false, "duration": 0},
        "otp": {"enabled": false, "duration": 0},
        "authProviders": [], "usernamePassword": false, "emailPassword": true,
    });
    let methods = "/api/collections/users/auth-methods";
    assert_eq!(app.guest().get(methods).await.body, offer);
    root.patch("/api/collections/users", json!({"passwordAuth": {"enabled": false}})).await;
    let off = app.guest().get(methods).await.body;
    assert_eq!(off["password"], json!({"identityFields": [], "enabled": false}));
    let answer = app.guest().post(PATH, json!({})).await;
    let message = "The collection is not configured to allow password authentication.";
    assert_eq!((answer.status, answer.message()), (403, message));
}

#[tokio::test]
async fn a_first_half_that_is_no_text_is_refused() {
    let app = TestApp::spawn().await;
    app.user("ada").await;
    let path = "/api/collections/users/auth-with-password";
    for (mfa_id, expected) in
        [(json!(5), 400), (json!([]), 400), (json!(null), 200), (json!(""), 200)]
    {
        let form = json!({
            "identity": "ada@example.com", "password": "1234567890", "mfaId": mfa_id,
        });
        assert_eq!(app.guest().post(path, form).await.status, expected, "{mfa_id}");
    }
}
