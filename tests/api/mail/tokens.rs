//! Mailed tokens: each single wrong attribute refuses, and known addresses do not show.

use std::time::Duration;

use serde_json::{Value, json};

use super::support::{ask, forge, link, mail, server, settled};
use crate::support::{Caller, PASSWORD, TestApp};

const KINDS: [(&str, &str, &str); 3] = [
    ("verification", "verificationToken", "confirm-verification"),
    ("passwordReset", "passwordResetToken", "confirm-password-reset"),
    ("emailChange", "emailChangeToken", "confirm-email-change"),
];

/// What is sent beside the token, all of it right.
fn form(token: &str) -> Value {
    json!({"token": token, "password": PASSWORD, "passwordConfirm": PASSWORD})
}

async fn send(app: &TestApp, collection: &str, what: &str, token: &str) -> (u16, Value) {
    let path = format!("/api/collections/{collection}/{what}");
    let answer = app.guest().post(&path, form(token)).await;
    let code = answer.codes()["token"].clone();
    (answer.status, code)
}

/// A second auth collection, and a record of it with the same address.
async fn other_collection(app: &TestApp, root: &Caller) -> String {
    let made = json!({"name": "staff", "type": "auth", "createRule": ""});
    assert_eq!(root.post("/api/collections", made).await.status, 200);
    let body =
        json!({"email": "ada@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    let record = app.guest().post("/api/collections/staff/records", body).await;
    record.body["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn s7_each_single_wrong_attribute_of_a_mailed_token_refuses() {
    let (app, root, ada) = server().await;
    let eve = app.user("eve").await;
    let staff = other_collection(&app, &root).await;
    for (kind, option, what) in KINDS {
        let good = || {
            let claims = json!({"email": "ada@example.com", "newEmail": "new@example.com"});
            forge(&app, "users", &ada.id, kind, option, &claims)
        };
        let with = |claims: Value| forge(&app, "users", &ada.id, kind, option, &claims);
        let base = json!({"email": "ada@example.com", "newEmail": "new@example.com"});
        let but = |key: &str, value: Value| {
            let mut claims = base.clone();
            claims[key] = value;
            with(claims)
        };
        let other_type = if kind == "verification" { "passwordReset" } else { "verification" };
        let cases = [
            ("another type, signed as this one", but("type", json!(other_type))),
            ("an auth token", but("type", json!("auth"))),
            (
                "signed with the secret of another type",
                forge(&app, "users", &ada.id, kind, "authToken", &base),
            ),
            ("another record", but("id", json!(eve.id))),
            ("no record", but("id", json!("nobody000000000"))),
            ("another collection", but("collectionId", json!("pbc_3142635823"))),
            ("no collection", but("collectionId", json!("nope"))),
            ("expired", but("exp", json!(1))),
            ("not yet valid", but("nbf", json!(4_000_000_000_u64))),
            ("made in the future", but("iat", json!(4_000_000_000_u64))),
            ("another address", but("email", json!("eve@example.com"))),
            ("the address in other letters", but("email", json!("ADA@example.com"))),
            ("no address", but("email", Value::Null)),
            ("another signature", format!("{}AAAA", &good()[..good().len() - 4])),
            ("no signature", good().rsplit_once('.').unwrap().0.to_owned() + "."),
            (
                "of the record with this address elsewhere",
                forge(&app, "staff", &staff, kind, option, &base),
            ),
            ("garbage", "x.y.z".to_owned()),
            ("nothing", String::new()),
        ];
        for (wrong, token) in cases {
            let (status, code) = send(&app, "users", what, &token).await;
            assert_eq!(status, 400, "{kind}: {wrong}");
            assert!(code.is_string(), "{kind}: {wrong}: the token is at fault");
        }
        let (status, _) = send(&app, "staff", what, &good()).await;
        assert_eq!(status, 400, "{kind}: sent to another collection");
    }
    let record = ada.get(&format!("/api/collections/users/records/{}", ada.id)).await.body;
    assert_eq!((&record["verified"], &record["email"]), (&json!(false), &json!("ada@example.com")));
    app.guest().signed_in("users", "ada@example.com", PASSWORD).await;
    for (kind, option, what) in KINDS {
        let claims = json!({"email": "ada@example.com", "newEmail": "new@example.com"});
        let token = forge(&app, "users", &ada.id, kind, option, &claims);
        assert_eq!(send(&app, "users", what, &token).await.0, 204, "{kind}: with all of it right");
    }
}

#[tokio::test]
async fn a_mailed_token_dies_with_what_it_was_made_for() {
    let (app, root, ada) = server().await;
    let record = format!("/api/collections/users/records/{}", ada.id);
    let changes = [
        (
            "the password",
            json!({"password": "other-password", "passwordConfirm": "other-password"}),
        ),
        ("the address", json!({"email": "other@example.com"})),
        ("the token key", json!({"tokenKey": "x".repeat(50)})),
    ];
    for (what, change) in changes {
        let email = root.get(&record).await.body["email"].clone();
        let claims = json!({"email": email, "newEmail": "new@example.com"});
        let tokens =
            KINDS.map(|(kind, option, _)| forge(&app, "users", &ada.id, kind, option, &claims));
        assert_eq!(root.patch(&record, change).await.status, 200, "{what}");
        for ((kind, _, path), token) in KINDS.iter().zip(tokens) {
            let refused = send(&app, "users", path, &token).await;
            assert_eq!(refused, (400, json!("invalid_token")), "{kind} after {what}");
        }
    }
    let claims = json!({"email": "other@example.com", "newEmail": "new@example.com"});
    for (kind, option, path) in KINDS {
        let token = forge(&app, "users", &ada.id, kind, option, &claims);
        let secret = json!({option: {"secret": "y".repeat(40)}});
        assert_eq!(root.patch("/api/collections/users", secret).await.status, 200);
        let refused = send(&app, "users", path, &token).await;
        assert_eq!(refused, (400, json!("invalid_token")), "{kind} after its secret changed");
    }
}

#[tokio::test]
async fn a_mailed_token_ends_with_its_time() {
    let (app, root, _) = server().await;
    assert_eq!(ask(&root, "request-password-reset", "ada@example.com").await.0, 204);
    let token = link(&mail(&root, 1).await, "confirm-password-reset");
    app.clock.advance(Duration::from_secs(1801));
    let late = send(&app, "users", "confirm-password-reset", &token).await;
    assert_eq!(late, (400, json!("invalid_token")));
}

#[tokio::test]
async fn s7_known_and_unknown_addresses_are_answered_the_same() {
    let (app, root, ada) = server().await;
    let verified = json!({"verified": true});
    let record = format!("/api/collections/users/records/{}", ada.id);
    assert_eq!(root.patch(&record, verified).await.status, 200);
    app.user("eve").await;
    for what in ["request-verification", "request-password-reset"] {
        let mut answers = Vec::new();
        for email in ["ada@example.com", "eve@example.com", "nobody@example.com"] {
            for _ in 0..2 {
                answers.push(ask(&app.guest(), what, email).await);
            }
        }
        assert!(answers.iter().all(|answer| *answer == (204, Value::Null)), "{answers:?}");
    }
    settled(&root).await;
}

#[tokio::test]
async fn s1_verifying_drops_sign_ins_through_other_services() {
    let (app, root, ada) = server().await;
    let link_to = |id: &str| {
        let body = json!({"collectionRef": "_pb_users_auth_", "recordRef": id,
            "provider": "google", "providerId": id});
        let root = root.clone();
        async move {
            let made = root.post("/api/collections/_externalAuths/records", body).await;
            assert_eq!(made.status, 200, "{}", made.body);
        }
    };
    let links = async || {
        let list = root.get("/api/collections/_externalAuths/records").await.body;
        list["totalItems"].as_i64().expect("a number")
    };
    link_to(&ada.id).await;
    let claims = json!({"email": "ada@example.com"});
    let token = forge(&app, "users", &ada.id, "verification", "verificationToken", &claims);
    assert_eq!(send(&app, "users", "confirm-verification", &token).await.0, 204);
    assert_eq!(links().await, 0);
    let record = format!("/api/collections/users/records/{}", ada.id);
    assert_eq!(ada.get(&record).await.status, 404, "the token of whoever came first is dead");

    let eve = app.user("eve").await;
    link_to(&eve.id).await;
    let record = format!("/api/collections/users/records/{}", eve.id);
    assert_eq!(root.patch(&record, json!({"verified": true})).await.status, 200);
    assert_eq!(links().await, 0);
    assert_eq!(eve.get(&record).await.status, 404);

    link_to(&eve.id).await;
    assert_eq!(root.patch(&record, json!({"name": "Eve"})).await.status, 200);
    assert_eq!(links().await, 1, "who is verified keeps them");
}
