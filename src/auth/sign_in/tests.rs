//! Refresh and impersonation, against a real store.

use super::*;
use crate::auth::testing::{Fixture, SUPERUSERS, USERS, options};
use crate::error::Kind;
use crate::query::AuthRecord;

async fn token(fixture: &Fixture, collection: &str, id: &str, is_refreshable: bool) -> String {
    let collection = fixture.collection(collection);
    let record = fixture.auth.find(&collection, id).await.unwrap().unwrap();
    let expires = fixture.clock.now().after(Duration::from_secs(60));
    issue(&collection, &record, expires, is_refreshable, None).unwrap().token
}

async fn refresh(fixture: &Fixture, header: &str) -> Result<SignedIn> {
    let (schema, users) = (fixture.schema.load(), fixture.collection("users"));
    fixture.auth.refresh(schema, users, Some(header), fixture.request()).await
}

async fn impersonate(fixture: &Fixture, id: &str, duration_secs: i64) -> Result<SignedIn> {
    let (schema, users) = (fixture.schema.load(), fixture.collection("users"));
    let mut cx = fixture.request();
    cx.caller = Caller::Superuser(Arc::new(AuthRecord::default()));
    fixture.auth.impersonate(schema, users, id, duration_secs, cx).await
}

fn lives(fixture: &Fixture, token: &str) -> i64 {
    let claims = token::peek(token).unwrap();
    claims.expires().unwrap().unix_secs() - fixture.clock.now().unix_secs()
}

#[tokio::test]
async fn a_refresh_gives_a_new_life() {
    let fixture = Fixture::new();
    let ada = fixture.add("users", "ada", "").await;
    let old = token(&fixture, USERS, &ada, true).await;
    let new = refresh(&fixture, &format!("Bearer {old}")).await.unwrap();
    assert_eq!(new.id, ada);
    assert!(lives(&fixture, &new.token) > 431_000);
    assert!(refresh(&fixture, &new.token).await.is_ok());
}

#[tokio::test]
async fn a_token_that_may_not_be_refreshed_comes_back_as_it_is() {
    let fixture = Fixture::new();
    let ada = fixture.add("users", "ada", "").await;
    let token = token(&fixture, USERS, &ada, false).await;
    assert_eq!(refresh(&fixture, &token).await.unwrap().token, token);
}

#[tokio::test]
async fn a_refresh_needs_a_valid_token_of_the_collection_and_its_auth_rule() {
    let fixture = Fixture::new();
    let ada = fixture.add("users", "ada", "").await;
    let root = fixture.add("_superusers", "root", "").await;
    let root_token = token(&fixture, SUPERUSERS, &root, true).await;
    let ada_token = token(&fixture, USERS, &ada, true).await;
    let refusal = async |header: &str| {
        let error = refresh(&fixture, header).await.err().unwrap();
        (error.kind(), error.message().to_owned())
    };
    let no_token = "The request requires valid record authorization token.".to_owned();
    for bad in ["", "x.y.z", &format!("{ada_token}x")] {
        assert_eq!(refusal(bad).await, (Kind::Unauthorized, no_token.clone()), "{bad}");
    }
    let other = "The request requires auth record from _superusers collection.".to_owned();
    assert_eq!(refusal(&root_token).await, (Kind::Forbidden, other));
    fixture.change("users", |users| options(users).auth_rule = Some("verified = true".into()));
    let rule = "The request doesn't satisfy the collection requirements to authenticate.".into();
    assert_eq!(refusal(&ada_token).await, (Kind::Forbidden, rule));
    fixture.change("users", |users| options(users).auth_rule = Some(String::new()));
    fixture.clock.advance(Duration::from_secs(61));
    assert_eq!(refusal(&ada_token).await, (Kind::Unauthorized, no_token));
}

#[tokio::test]
async fn a_superuser_signs_in_for_others_without_refresh() {
    let fixture = Fixture::new();
    let ada = fixture.add("users", "ada", "").await;
    let by_default = impersonate(&fixture, &ada, 0).await.unwrap();
    assert!(lives(&fixture, &by_default.token) > 431_000);
    let short = impersonate(&fixture, &ada, 5).await.unwrap();
    assert_eq!(lives(&fixture, &short.token), 5);
    assert_eq!(token::peek(&short.token).unwrap().refreshable, Some(false));
    assert_eq!(fixture.auth.caller(Some(&short.token)).await.record().unwrap().id, ada);
    assert!(impersonate(&fixture, &ada, i64::MAX).await.is_ok());
    let negative = impersonate(&fixture, &ada, -1).await.err().unwrap();
    assert_eq!(
        serde_json::to_string(negative.data()).unwrap(),
        concat!(
            r#"{"duration":{"code":"validation_min_greater_equal_than_required","#,
            r#""message":"Must be no less than 0.","params":{"threshold":0}}}"#
        )
    );
    assert_eq!(impersonate(&fixture, "nobody", 0).await.err().unwrap().kind(), Kind::NotFound);
    fixture.change("users", |users| options(users).auth_rule = None);
    assert!(impersonate(&fixture, &ada, 0).await.is_ok(), "superusers pass every rule");
}
