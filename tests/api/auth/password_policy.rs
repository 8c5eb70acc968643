//! New passwords: what a collection asks of them, wherever one is set, and several in one batch.

use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp};

const USERS: &str = "/api/collections/users/records";

fn form(email: &str, password: &str) -> Value {
    json!({"email": email, "password": password, "passwordConfirm": password})
}

#[tokio::test]
async fn common_and_short_passwords_are_refused_where_the_collection_says_so() {
    let app = TestApp::spawn().await;
    let (ada, root) = (app.user("ada").await, app.superuser().await);
    let policy = json!({"passwordPolicy": {"minLength": 12, "refuseCommon": true}});
    let changed = root.patch("/api/collections/users", policy.clone()).await;
    assert_eq!(changed.body["passwordPolicy"], policy["passwordPolicy"], "{}", changed.body);
    let short = json!({"password": "min_text_constraint"});
    let common = json!({"password": "password_too_common"});
    let cases = [
        ("short but odd", 200, Value::Null),
        ("short", 400, short.clone()),
        ("odd enough?", 400, short.clone()),
        ("1q2w3e4r5t6y", 400, common.clone()),
        ("1Q2W3E4R5T6Y", 400, common.clone()),
    ];
    for (i, (password, status, codes)) in cases.into_iter().enumerate() {
        let made = app.guest().post(USERS, form(&format!("u{i}@example.com"), password)).await;
        let codes = if status == 200 { made.codes() } else { codes };
        assert_eq!((made.status, made.codes()), (status, codes), "{password} {}", made.body);
    }
    let own = format!("{USERS}/{}", ada.id);
    let rule = json!({"updateRule": "id = @request.auth.id"});
    assert_eq!(root.patch("/api/collections/users", rule).await.status, 200);
    let update =
        |new: &str| json!({"oldPassword": PASSWORD, "password": new, "passwordConfirm": new});
    let refused = ada.patch(&own, update("1q2w3e4r5t6y")).await;
    assert_eq!((refused.status, refused.codes()), (400, common.clone()));
    assert_eq!(root.patch(&own, update("1q2w3e4r5t6y")).await.codes(), common, "superusers too");
    let settings = json!({"batch": {"enabled": true, "timeout": 60}});
    assert_eq!(root.patch("/api/settings", settings).await.status, 200);
    let request = json!({"method": "PATCH", "url": own, "body": update("1q2w3e4r5t6y")});
    let batch = ada.post("/api/batch", json!({"requests": [request]})).await;
    let failed = &batch.body["data"]["requests"]["0"]["response"];
    let code = &failed["data"]["password"]["code"];
    assert_eq!(code, "validation_password_too_common", "{}", batch.body);
    assert_eq!(root.patch(&own, json!({"name": "Ada"})).await.status, 200, "old ones stay");
    app.guest().signed_in("users", "ada@example.com", PASSWORD).await;
    for bad in [json!({"minLength": 72}), json!({"minLength": -1}), json!({"refuseCommon": "x"})] {
        let answer = root.patch("/api/collections/users", json!({"passwordPolicy": bad})).await;
        assert_eq!(answer.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn the_command_line_keeps_the_policy_of_the_superusers() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let policy = json!({"passwordPolicy": {"refuseCommon": true}});
    let changed = root.patch("/api/collections/_superusers", policy).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let secret = greenroom::crypto::Secret::new;
    let refused = app.app.superusers.create("b@example.com", secret("password123")).await;
    assert!(refused.is_err_and(|error| error.to_string().contains("too_common")));
    app.app.superusers.create("b@example.com", secret("odd lamp otter")).await.expect("is fine");
}

#[tokio::test]
async fn a_password_is_changed_twice_in_one_batch_each_by_the_one_before() {
    let app = TestApp::spawn().await;
    let (ada, root) = (app.user("ada").await, app.superuser().await);
    let own = format!("{USERS}/{}", ada.id);
    let rule = json!({"updateRule": "id = @request.auth.id || email = 'new@example.com'"});
    assert_eq!(root.patch("/api/collections/users", rule).await.status, 200);
    let settings = json!({"batch": {"enabled": true, "timeout": 60}});
    assert_eq!(root.patch("/api/settings", settings).await.status, 200);
    let change = |url: &str, old: &str, new: &str| {
        let body = json!({"oldPassword": old, "password": new, "passwordConfirm": new});
        json!({"method": "PATCH", "url": url, "body": body})
    };
    let batch = async |requests: Vec<Value>| {
        let answer = ada.post("/api/batch", json!({"requests": requests})).await;
        let at = answer.body["data"]["requests"]["1"]["response"]["data"].clone();
        (answer.status, at["oldPassword"]["code"].clone())
    };
    let wrong = json!("validation_invalid_old_password");
    for old in [PASSWORD, "third password", "nonsense"] {
        let first = change(&own, PASSWORD, "second password");
        let refused = batch(vec![first, change(&own, old, "third password")]).await;
        assert_eq!(refused, (400, wrong.clone()), "{old}");
    }
    let (first, second) =
        (change(&own, PASSWORD, "second password"), change(&own, "second password", "third one"));
    assert_eq!(batch(vec![first, second]).await.0, 200);
    let ada = app.guest().signed_in("users", "ada@example.com", "third one").await;
    let mut made = form("new@example.com", PASSWORD);
    made["id"] = json!("newcomer0000001");
    let made = json!({"method": "POST", "url": USERS, "body": made});
    let new = format!("{USERS}/newcomer0000001");
    let requests = vec![made, change(&new, PASSWORD, "a second one")];
    let answer = ada.post("/api/batch", json!({"requests": requests})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    app.guest().signed_in("users", "new@example.com", "a second one").await;
}
