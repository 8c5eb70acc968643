//! Options of auth collections, and the rows that hang on their records.

use serde_json::{Value, json};

use super::{path, spawn};

#[tokio::test]
async fn two_steps_are_judged_where_each_is_sound() {
    let (_test, root) = spawn().await;
    let patch = async |body: Value| root.patch(&path("users"), body).await;
    let alone = patch(json!({"mfa": {"enabled": true}})).await;
    let code = &alone.body["data"]["mfa"]["enabled"]["code"];
    assert_eq!(*code, "validation_mfa_not_enough_auths");
    let short = json!({"mfa": {"enabled": true, "duration": 1}});
    assert_eq!(patch(short).await.body["data"]["mfa"]["enabled"], Value::Null);
    let otp = json!({"enabled": true});
    let bad_rule = json!({"otp": otp, "mfa": {"enabled": true, "rule": "nope = 1"}});
    let code = patch(bad_rule).await.body["data"]["mfa"]["rule"]["code"].clone();
    assert_eq!(code, "validation_invalid_rule");
    let idle = json!({"mfa": {"enabled": false, "rule": "nope = 1"}});
    assert_eq!(patch(idle).await.status, 200);
}

#[tokio::test]
async fn a_secret_is_made_and_cannot_be_emptied() {
    let (_test, root) = spawn().await;
    for (name, status) in [("fileToken", 400), ("fileTokens", 200)] {
        let body = json!({"name": "a", "type": "auth", name: {"secret": ""}});
        assert_eq!(root.post("/api/collections", body).await.status, status, "{name}");
    }
    let emptied = root.patch(&path("a"), json!({"authToken": {"secret": ""}})).await;
    let code = &emptied.body["data"]["authToken"]["secret"]["code"];
    assert_eq!(*code, "validation_required");
    let identity = json!({"passwordAuth": {"enabled": true, "identityFields": [""]}});
    let refused = root.patch(&path("a"), identity).await;
    let code = &refused.body["data"]["passwordAuth"]["identityFields"]["code"];
    assert_eq!(*code, "validation_required");
}

#[tokio::test]
async fn superusers_sign_in_here_and_nowhere_else() {
    let (_test, root) = spawn().await;
    let provider = |name: &str| json!({"name": name, "clientId": "a", "clientSecret": "b"});
    let oauth2 = |name: &str| json!({"oauth2": {"enabled": true, "providers": [provider(name)]}});
    let superusers = path("_superusers");
    let answer = root.patch(&superusers, oauth2("google")).await;
    assert_eq!(answer.body["oauth2"]["enabled"], false);
    assert_eq!(answer.body["oauth2"]["providers"], json!([]));
    assert_eq!(root.patch(&superusers, oauth2("nope")).await.status, 400);
    let empty = root.patch(&superusers, json!({"manageRule": ""})).await;
    assert_eq!(empty.codes(), json!({"manageRule": "nil_or_not_empty_required"}));
}

#[tokio::test]
async fn what_hangs_on_a_record_names_one_that_there_is() {
    let (_test, root) = spawn().await;
    let user = json!({"id": "user00000000001", "email": "a@example.com",
        "password": "12345678", "passwordConfirm": "12345678"});
    super::add(&root, "users", user).await;
    let linked = async |collection: &str, record: &str, provider: &str| {
        let body = json!({"collectionRef": collection, "recordRef": record,
            "provider": provider, "providerId": "1"});
        root.post("/api/collections/_externalAuths/records", body).await
    };
    for (collection, record, provider, codes) in [
        ("users", "user00000000001", "google", json!({"collectionRef": "invalid_collection_id"})),
        (
            "pbc_2279338944",
            "user00000000001",
            "google",
            json!({"collectionRef": "invalid_collection_type"}),
        ),
        ("_pb_users_auth_", "nobody", "nope", json!({"recordRef": "invalid_record"})),
        ("_pb_users_auth_", "user00000000001", "nope", json!({"provider": "in_invalid"})),
        ("nope", "", "google", json!({"recordRef": "required"})),
    ] {
        assert_eq!(linked(collection, record, provider).await.codes(), codes);
    }
    assert_eq!(linked("_pb_users_auth_", "user00000000001", "google").await.status, 200);
}
