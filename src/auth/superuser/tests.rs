//! Superusers from the command line's point of view, against a real store.

use super::*;
use crate::auth::PasswordForm;
use crate::auth::SignIn;
use crate::auth::testing::{Fixture, PASSWORD, options};
use crate::query::Caller;

fn superusers(fixture: &Fixture) -> Superusers {
    let (store, schema) = (fixture.store.clone(), Arc::clone(&fixture.schema));
    Superusers::new(
        store,
        schema,
        fixture.clock.clone(),
        fixture.passwords.clone(),
        fixture.records.clone(),
    )
}

fn secret(text: &str) -> Secret {
    Secret::new(text)
}

/// Signs in; the token, or `None` when refused.
async fn sign_in(fixture: &Fixture, email: &str, password: &str) -> Option<String> {
    let form = PasswordForm {
        identity: email.into(),
        password: secret(password),
        ..PasswordForm::default()
    };
    let (schema, collection) = (fixture.schema.load(), fixture.collection("_superusers"));
    match fixture.auth.with_password(schema, collection, form, &fixture.attempt()).await {
        Ok(SignIn::Done(signed_in)) => Some(signed_in.token),
        _ => None,
    }
}

async fn is_superuser(fixture: &Fixture, token: &str) -> bool {
    matches!(fixture.auth.caller(Some(token)).await, Caller::Superuser(_))
}

#[tokio::test]
async fn a_superuser_is_made_changed_and_deleted() {
    let fixture = Fixture::new();
    let superusers = superusers(&fixture);
    superusers.create("root@example.com", secret(PASSWORD)).await.unwrap();
    let token = sign_in(&fixture, "root@example.com", PASSWORD).await.unwrap();
    assert!(is_superuser(&fixture, &token).await);

    superusers.update("root@example.com", secret("another one")).await.unwrap();
    assert!(!is_superuser(&fixture, &token).await, "a new password ends every token");
    assert!(sign_in(&fixture, "root@example.com", PASSWORD).await.is_none());
    assert!(sign_in(&fixture, "root@example.com", "another one").await.is_some());

    superusers.upsert("ada@example.com", secret(PASSWORD)).await.unwrap();
    superusers.upsert("ada@example.com", secret("another one")).await.unwrap();
    assert!(sign_in(&fixture, "ada@example.com", "another one").await.is_some());
    assert!(superusers.delete("ada@example.com").await.unwrap());
    assert!(!superusers.delete("ada@example.com").await.unwrap());
    let last = superusers.delete("root@example.com").await.unwrap_err();
    assert_eq!(last.message(), "You can't delete the only existing superuser.");
    assert_eq!(fixture.count("_superusers").await, 1);
}

#[tokio::test]
async fn a_made_superuser_is_verified_and_has_its_moments() {
    let fixture = Fixture::new();
    superusers(&fixture).create("root@example.com", secret(PASSWORD)).await.unwrap();
    let read = find::select_by_value(
        fixture.store.dialect(),
        SUPERUSERS,
        &["verified", "created", "updated", "tokenKey", "id"],
        "email",
        "root@example.com",
        false,
    );
    let read = move |tx: &Tx<'_>| {
        tx.query_one(&read, |row| {
            assert!(row.get(0).is_true());
            Ok([1, 2, 3, 4].map(|column| row.get(column).text().to_owned()))
        })
    };
    let row = fixture.store.read(Cost::Bounded, read).await.unwrap().unwrap();
    assert!(row[0].ends_with('Z') && row[0] == row[1], "{row:?}");
    assert_eq!((row[2].len(), row[3].len()), (50, 15), "token key and id");
}

#[tokio::test]
async fn bad_input_is_refused_by_field() {
    let fixture = Fixture::new();
    let superusers = superusers(&fixture);
    superusers.create("root@example.com", secret(PASSWORD)).await.unwrap();
    for (email, password, expected) in [
        ("root", "short", r#"["validation_is_email","validation_min_text_constraint"]"#),
        ("root@example.com", PASSWORD, r#"["validation_not_unique"]"#),
        ("new@example.com", "", r#"["validation_required"]"#),
    ] {
        let error = superusers.create(email, secret(password)).await.unwrap_err();
        let data = serde_json::to_value(error.data()).unwrap();
        let codes: Vec<&serde_json::Value> =
            data.as_object().unwrap().values().map(|leaf| &leaf["code"]).collect();
        assert_eq!(serde_json::to_string(&codes).unwrap(), expected, "{email}");
    }
    let missing = superusers.update("new@example.com", secret(PASSWORD)).await.unwrap_err();
    assert_eq!(missing.message(), r#"superuser with email "new@example.com" doesn't exist"#);
    assert_eq!(fixture.count("_superusers").await, 1);
}

#[tokio::test]
async fn the_set_up_link_works_until_there_is_a_superuser() {
    let fixture = Fixture::new();
    let superusers = superusers(&fixture);
    let first = superusers.set_up_token().await.unwrap().unwrap();
    assert!(is_superuser(&fixture, first.reveal()).await);
    assert!(!superusers.any().await.unwrap(), "the set-up account does not count");
    let second = superusers.set_up_token().await.unwrap().unwrap();
    assert!(!is_superuser(&fixture, first.reveal()).await, "only the last link works");
    assert!(is_superuser(&fixture, second.reveal()).await);
    assert_eq!(fixture.count("_superusers").await, 1);

    let claims = token::peek(second.reveal()).unwrap();
    assert_eq!(claims.refreshable, Some(false));
    let lives = claims.expires().unwrap().unix_secs() - fixture.clock.now().unix_secs();
    assert!((1799..=1801).contains(&lives), "{lives}");

    superusers.create("root@example.com", secret(PASSWORD)).await.unwrap();
    assert!(!is_superuser(&fixture, second.reveal()).await);
    assert!(superusers.set_up_token().await.unwrap().is_none());
    assert!(superusers.any().await.unwrap());
    assert_eq!(fixture.count("_superusers").await, 1, "the set-up account is gone");
}

#[tokio::test]
async fn the_first_superuser_is_made_once() {
    let fixture = Fixture::new();
    let superusers = superusers(&fixture);
    let _link = superusers.set_up_token().await.unwrap();
    assert!(superusers.create_first("root@example.com", secret(PASSWORD)).await.unwrap());
    assert!(!superusers.create_first("root@example.com", secret("another one")).await.unwrap());
    assert!(!superusers.create_first("ada@example.com", secret(PASSWORD)).await.unwrap());
    assert!(sign_in(&fixture, "root@example.com", PASSWORD).await.is_some());
    assert_eq!(fixture.count("_superusers").await, 1);
}

#[tokio::test]
async fn a_one_time_password_is_kept_as_a_hash() {
    let fixture = Fixture::new();
    let superusers = superusers(&fixture);
    superusers.create("root@example.com", secret(PASSWORD)).await.unwrap();
    let off = superusers.one_time_password("root@example.com").await.err().unwrap();
    assert_eq!(off.message(), "OTP auth is not enabled for the _superusers collection");
    fixture.change("_superusers", |superusers| options(superusers).otp.enabled = true);
    let code = superusers.one_time_password("root@example.com").await.unwrap();
    assert_eq!((code.password.reveal().len(), code.duration_secs), (8, 180));
    let hash = fixture.read("_otps", &code.id, "password").await.unwrap();
    assert!(!hash.contains(code.password.reveal()));
    assert!(fixture.passwords.verify(code.password, hash).await.unwrap());
    assert!(superusers.one_time_password("nobody@example.com").await.is_err());
    superusers.update("root@example.com", secret("another one")).await.unwrap();
    assert_eq!(fixture.count("_otps").await, 0, "a new password makes it void");
}
