//! The way from an empty data folder to the first superuser, and to the last.

use serde_json::json;

use crate::support::TestApp;

const SUPERUSERS: &str = "/api/collections/_superusers/records";

#[tokio::test]
async fn the_set_up_token_makes_the_first_superuser_and_dies() {
    let app = TestApp::spawn().await;
    let token = app.app.superusers.set_up_token().await.unwrap().unwrap();
    let installer = app.guest().with_token(token.reveal());
    let listed = installer.get(SUPERUSERS).await;
    assert_eq!(listed.body["items"][0]["email"], "__pbinstaller@example.com");
    let body = json!({"email": "root@example.com", "password": "1234567890",
        "passwordConfirm": "1234567890"});
    let made = installer.post(SUPERUSERS, body.clone()).await;
    assert_eq!(made.status, 200, "{}", made.body);
    assert_eq!(made.body["verified"], true);
    let again = installer.post(SUPERUSERS, body).await;
    let refused = "Only superusers can perform this action.";
    assert_eq!((again.status, again.message()), (403, refused));
    let root = app.guest().signed_in("_superusers", "root@example.com", "1234567890").await;
    assert_eq!(root.get(SUPERUSERS).await.body["totalItems"], 1);
    assert!(app.app.superusers.set_up_token().await.unwrap().is_none());
}

#[tokio::test]
async fn a_superuser_stays_verified_and_the_last_one_stays() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let own = format!("{SUPERUSERS}/{}", root.id);
    let changed = root.patch(&own, json!({"verified": false})).await;
    assert_eq!((changed.status, &changed.body["verified"]), (200, &json!(true)));
    let answer = root.delete(&own).await;
    let message = "You can't delete the only existing superuser.";
    assert_eq!((answer.status, answer.message()), (400, message));
}
