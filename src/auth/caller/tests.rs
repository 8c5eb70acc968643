//! Whom a header stands for, against a real store.

use std::time::Duration;

use super::*;
use crate::auth::testing::{Fixture, SUPERUSERS, USERS, options};
use crate::crypto::Secret;

#[test]
fn a_bearer_prefix_in_any_case_is_taken_off_with_one_space() {
    for (header, token) in [
        ("abc", "abc"),
        ("Bearer abc", "abc"),
        ("bEARER abc", "abc"),
        ("Bearer  abc", " abc"),
        ("Bearer", "Bearer"),
        ("Bearer ", ""),
        ("Basic abc", "Basic abc"),
        ("éééééééé", "éééééééé"),
    ] {
        assert_eq!(bearer(header), token, "{header}");
    }
}

async fn token(fixture: &Fixture, collection: &str, id: &str, token_type: TokenType) -> String {
    let expires = fixture.clock.now().after(Duration::from_secs(3600));
    let collection = fixture.collection(collection);
    let claims = Claims::new(token_type, &collection.id, id, expires);
    let key = fixture.read(&collection.name, id, "tokenKey").await.unwrap();
    token::sign(&claims, &collection, &key).unwrap()
}

async fn name(fixture: &Fixture, header: &str) -> String {
    match fixture.auth.caller(Some(header)).await {
        Caller::Guest => "guest".to_owned(),
        Caller::Record(record) => format!("record {}", record.id),
        Caller::Superuser(record) => format!("superuser {}", record.id),
    }
}

#[tokio::test]
async fn a_valid_token_says_who_calls() {
    let fixture = Fixture::new();
    let ada = fixture.add("users", "ada", "").await;
    let root = fixture.add("_superusers", "root", "").await;
    let ada_token = token(&fixture, USERS, &ada, TokenType::Auth).await;
    let root_token = token(&fixture, SUPERUSERS, &root, TokenType::Auth).await;
    for round in ["read", "remembered"] {
        assert_eq!(name(&fixture, &ada_token).await, format!("record {ada}"), "{round}");
        let prefixed = format!("bearer {root_token}");
        assert_eq!(name(&fixture, &prefixed).await, format!("superuser {root}"), "{round}");
    }
    let caller = fixture.auth.caller(Some(&ada_token)).await;
    let record = caller.record().unwrap();
    assert_eq!((record.collection_id.as_str(), record.collection_name.as_str()), (USERS, "users"));
    assert_eq!(record.email, "ada@example.com");
    assert!(matches!(fixture.auth.caller(None).await, Caller::Guest));
}

#[tokio::test]
async fn anything_else_makes_a_guest() {
    let fixture = Fixture::new();
    let ada = fixture.add("users", "ada", "").await;
    let good = token(&fixture, USERS, &ada, TokenType::Auth).await;
    let mut bad: Vec<String> =
        ["", "x", "a.b.c", "....", "Bearer ", "é.é.é"].map(Into::into).into();
    bad.push(format!("Bearer  {good}"));
    bad.push(format!("{good}x"));
    bad.push(good.rsplit_once('.').unwrap().0.to_owned());
    for token_type in [TokenType::File, TokenType::Verification, TokenType::PasswordReset] {
        bad.push(token(&fixture, USERS, &ada, token_type).await);
    }
    let expires = fixture.clock.now().after(Duration::from_secs(3600));
    for (collection_id, id) in
        [("pbc_nowhere", ada.as_str()), (USERS, "nobody"), ("pbc_2279338944", &ada)]
    {
        let claims = Claims::sign_in(collection_id, id, expires, true);
        bad.push(token::sign(&claims, &fixture.collection(USERS), "any key").unwrap());
    }
    for header in bad {
        assert_eq!(name(&fixture, &header).await, "guest", "{header}");
    }
    assert_eq!(name(&fixture, &good).await, format!("record {ada}"));
}

#[tokio::test]
async fn a_remembered_token_dies_with_its_key_its_record_its_secret_and_its_time() {
    for revoke in ["key", "record", "secret", "time"] {
        let fixture = Fixture::new();
        let ada = fixture.add("users", "ada", "").await;
        let token = token(&fixture, USERS, &ada, TokenType::Auth).await;
        assert_eq!(name(&fixture, &token).await, format!("record {ada}"), "{revoke}");
        match revoke {
            "key" => fixture.set("users", &ada, "tokenKey", "another").await,
            "record" => fixture.set("users", &ada, "id", "renamed").await,
            "secret" => fixture.change("users", |users| {
                options(users).auth_token.secret = Secret::new("another secret");
            }),
            _ => fixture.clock.advance(Duration::from_secs(3601)),
        }
        assert_eq!(name(&fixture, &token).await, "guest", "{revoke}");
    }
}

#[tokio::test]
async fn a_caller_follows_the_record() {
    let fixture = Fixture::new();
    let ada = fixture.add("users", "ada", "").await;
    let token = token(&fixture, USERS, &ada, TokenType::Auth).await;
    assert_eq!(name(&fixture, &token).await, format!("record {ada}"));
    fixture.set("users", &ada, "email", "new@example.com").await;
    let caller = fixture.auth.caller(Some(&token)).await;
    assert_eq!(caller.record().unwrap().email, "new@example.com");
}
