//! The flows by mail from end to end: what a link does, once.

use std::time::Duration;

use serde_json::{Value, json};

use super::support::{ask, forge, link, mail, server};
use crate::support::{Caller, PASSWORD};

const NEW: &str = "another-password";

async fn confirm(caller: &Caller, what: &str, body: Value) -> (u16, Value) {
    let answer = caller.post(&format!("/api/collections/users/{what}"), body).await;
    (answer.status, answer.codes())
}

#[tokio::test]
async fn a_verification_link_verifies_and_may_be_followed_twice() {
    let (app, root, ada) = server().await;
    assert_eq!(ask(&root, "request-verification", "ada@example.com").await.0, 204);
    let token = link(&mail(&root, 1).await, "confirm-verification");
    let path = format!("/api/collections/users/records/{}", ada.id);
    for _ in 0..2 {
        let (status, codes) =
            confirm(&app.guest(), "confirm-verification", json!({"token": token})).await;
        assert_eq!(status, 204, "{codes}");
        assert_eq!(ada.get(&path).await.body["verified"], true, "the sign-in goes on");
    }
    app.clock.advance(Duration::from_secs(121));
    assert_eq!(ask(&root, "request-verification", "ada@example.com").await.0, 204);
    super::support::settled(&root).await;
    mail(&root, 1).await;
}

#[tokio::test]
async fn a_reset_link_sets_a_password_once_and_ends_all_sign_ins() {
    let (app, root, ada) = server().await;
    assert_eq!(ask(&root, "request-password-reset", "ada@example.com").await.0, 204);
    let token = link(&mail(&root, 1).await, "confirm-password-reset");
    let body = json!({"token": token, "password": NEW, "passwordConfirm": NEW});
    let guest = app.guest();
    assert_eq!(confirm(&guest, "confirm-password-reset", body.clone()).await.0, 204);
    let path = format!("/api/collections/users/records/{}", ada.id);
    assert_eq!(ada.get(&path).await.status, 404, "the old token is worth nothing");
    let ada = guest.signed_in("users", "ada@example.com", NEW).await;
    assert_eq!(ada.get(&path).await.body["verified"], true, "who reads the mail owns it");
    let old = json!({"identity": "ada@example.com", "password": PASSWORD});
    let refused = guest.post("/api/collections/users/auth-with-password", old).await;
    assert_eq!(refused.status, 400);
    let again = confirm(&guest, "confirm-password-reset", body).await;
    assert_eq!(again, (400, json!({"token": "invalid_token"})));
}

#[tokio::test]
async fn of_two_who_use_a_reset_link_at_once_one_is_too_late() {
    let (app, root, _) = server().await;
    assert_eq!(ask(&root, "request-password-reset", "ada@example.com").await.0, 204);
    let token = link(&mail(&root, 1).await, "confirm-password-reset");
    let attempts = ["first-password", "second-password"].map(|password| {
        let body = json!({"token": token, "password": password, "passwordConfirm": password});
        let guest = app.guest();
        async move { (confirm(&guest, "confirm-password-reset", body).await.0, password) }
    });
    let [one, other] = attempts;
    let (one, other) = tokio::join!(one, other);
    let mut statuses = [one.0, other.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 400]);
    let winner = if one.0 == 204 { one.1 } else { other.1 };
    app.guest().signed_in("users", "ada@example.com", winner).await;
}

#[tokio::test]
async fn an_email_changes_with_the_link_and_the_password() {
    let (app, root, ada) = server().await;
    let path = "/api/collections/users/request-email-change";
    let asked = ada.post(path, json!({"newEmail": "new@example.com"})).await;
    assert_eq!(asked.status, 204, "{}", asked.body);
    let letter = mail(&root, 1).await;
    assert_eq!(letter["to"], "new@example.com");
    let token = link(&letter, "confirm-email-change");
    let guest = app.guest();
    let wrong = confirm(
        &guest,
        "confirm-email-change",
        json!({"token": token, "password": "wrong-password"}),
    );
    assert_eq!(wrong.await, (400, json!({"password": "invalid_password"})));
    let body = json!({"token": token, "password": PASSWORD});
    assert_eq!(confirm(&guest, "confirm-email-change", body.clone()).await.0, 204);
    let record = format!("/api/collections/users/records/{}", ada.id);
    assert_eq!(ada.get(&record).await.status, 404, "the old token is worth nothing");
    let ada = guest.signed_in("users", "new@example.com", PASSWORD).await;
    let shown = ada.get(&record).await.body;
    assert_eq!((&shown["email"], &shown["verified"]), (&json!("new@example.com"), &json!(true)));
    let again = confirm(&guest, "confirm-email-change", body).await;
    let expected = json!({"token": "invalid_token", "password": "invalid_password"});
    assert_eq!(again, (400, expected));
}

#[tokio::test]
async fn an_address_that_was_taken_meanwhile_is_not_given_away() {
    let (app, root, ada) = server().await;
    let path = "/api/collections/users/request-email-change";
    for (new, expected) in [
        ("", json!({"newEmail": "required"})),
        ("nope", json!({"newEmail": "is_email"})),
        ("ada@example.com", json!({"newEmail": "not_in_invalid"})),
    ] {
        let answer = ada.post(path, json!({"newEmail": new})).await;
        assert_eq!((answer.status, answer.codes()), (400, expected), "{new}");
    }
    assert_eq!(ada.post(path, json!({"newEmail": "eve@example.com"})).await.status, 204);
    let token = link(&mail(&root, 1).await, "confirm-email-change");
    app.user("eve").await;
    let taken = ada.post(path, json!({"newEmail": "eve@example.com"})).await;
    assert_eq!(taken.codes(), json!({"newEmail": "invalid_new_email"}));
    let body = json!({"token": token, "password": PASSWORD});
    let late = confirm(&app.guest(), "confirm-email-change", body).await;
    let expected = json!({"token": "invalid_token_email", "password": "invalid_password"});
    assert_eq!(late, (400, expected));
}

#[tokio::test]
async fn a_password_cannot_be_guessed_with_a_mailed_token() {
    let (app, _, ada) = server().await;
    let claims = json!({"email": "ada@example.com", "newEmail": "new@example.com"});
    let token = forge(&app, "users", &ada.id, "emailChange", "emailChangeToken", &claims);
    let body = json!({"token": token, "password": "a wrong guess"});
    let mut statuses = Vec::new();
    for _ in 0..30 {
        statuses.push(confirm(&app.guest(), "confirm-email-change", body.clone()).await.0);
    }
    assert_eq!((statuses[0], statuses[29]), (400, 429), "{statuses:?}");
}

#[tokio::test]
async fn superusers_are_told_that_these_are_not_for_them() {
    let (_app, root, ada) = server().await;
    for (what, message) in [
        ("request-verification", "All superusers are verified by default."),
        ("confirm-verification", "All superusers are verified by default."),
        ("request-email-change", "All superusers can change their emails directly."),
        ("confirm-email-change", "All superusers can change their emails directly."),
    ] {
        let answer = root.post(&format!("/api/collections/_superusers/{what}"), json!({})).await;
        assert_eq!((answer.status, answer.message()), (400, message), "{what}");
    }
    let path = "/api/collections/users/request-email-change";
    let body = json!({"newEmail": "new@example.com"});
    assert_eq!(root.post(path, body.clone()).await.status, 403);
    assert_eq!(ada.with_token("").post(path, body.clone()).await.status, 401);
    let nowhere = "/api/collections/nope/request-email-change";
    assert_eq!(ada.with_token("").post(nowhere, body).await.status, 404);
}

#[tokio::test]
async fn a_password_that_the_collection_refuses_is_not_set() {
    let (app, root, _) = server().await;
    assert_eq!(ask(&root, "request-password-reset", "ada@example.com").await.0, 204);
    let token = link(&mail(&root, 1).await, "confirm-password-reset");
    let long = "x".repeat(72);
    for (password, repeated, expected) in [
        ("", "", json!({"password": "required", "passwordConfirm": "required"})),
        ("short", "short", json!({"password": "length_out_of_range"})),
        (NEW, "other", json!({"passwordConfirm": "values_mismatch"})),
        (&long, &long, json!({"password": "max_text_constraint"})),
    ] {
        let body = json!({"token": token, "password": password, "passwordConfirm": repeated});
        let refused = confirm(&app.guest(), "confirm-password-reset", body).await;
        assert_eq!(refused, (400, expected), "{password}");
    }
    let off = json!({"passwordAuth": {"enabled": false}, "otp": {"enabled": true}});
    assert_eq!(root.patch("/api/collections/users", off).await.status, 200);
    assert_eq!(ask(&root, "request-password-reset", "ada@example.com").await.0, 400);
}
