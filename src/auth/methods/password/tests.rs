//! Sign-in with a password, against a real store.

use serde_json::json;

use super::*;
use crate::auth::AuthParts;
use crate::auth::claims::TokenType;
use crate::auth::testing::{Fixture, PASSWORD, USERS, options};
use crate::auth::token;
use crate::crypto::PoolSize;
use crate::error::Kind;
use crate::query::{AuthRecord, Caller};

fn form(identity: &str, password: &str) -> PasswordForm {
    PasswordForm {
        identity: identity.into(),
        password: Secret::new(password),
        ..PasswordForm::default()
    }
}

async fn attempt(fixture: &Fixture, form: PasswordForm) -> Result<SignIn> {
    let (schema, users) = (fixture.schema.load(), fixture.collection("users"));
    fixture.auth.with_password(schema, users, form, &fixture.attempt()).await
}

/// The id of who signed in, or the message of the refusal.
async fn outcome(fixture: &Fixture, form: PasswordForm) -> String {
    match attempt(fixture, form).await {
        Ok(SignIn::Done(signed_in)) => signed_in.id,
        Ok(SignIn::SecondMethodNeeded { .. }) => "half".to_owned(),
        Err(error) => error.message().to_owned(),
    }
}

async fn half(fixture: &Fixture, mfa_id: &str) -> String {
    let attempt = Attempt { mfa_id: mfa_id.to_owned(), ..fixture.attempt() };
    let (schema, users) = (fixture.schema.load(), fixture.collection("users"));
    match fixture.auth.with_password(schema, users, form("ada", PASSWORD), &attempt).await {
        Ok(SignIn::Done(signed_in)) => signed_in.id,
        Ok(SignIn::SecondMethodNeeded { mfa_id }) => mfa_id,
        Err(error) => error.message().to_owned(),
    }
}

#[tokio::test]
async fn the_token_is_the_record_s_own() {
    let fixture = Fixture::new();
    let ada = fixture.add_with_password("users", "ada").await;
    let Ok(SignIn::Done(signed_in)) = attempt(&fixture, form("ada@example.com", PASSWORD)).await
    else {
        panic!("the password is right");
    };
    let key = fixture.read("users", &ada, "tokenKey").await.unwrap();
    let (users, now) = (fixture.collection("users"), fixture.clock.now());
    let claims = token::verify(&signed_in.token, TokenType::Auth, &users, &ada, &key, now).unwrap();
    assert_eq!(claims.collection_id, USERS);
    assert_eq!(claims.refreshable, Some(true));
    let lives = claims.expires().unwrap().unix_secs() - now.unix_secs();
    assert!((431_999..=432_001).contains(&lives), "{lives}");
    let caller = fixture.auth.caller(Some(&signed_in.token)).await;
    assert_eq!(caller.record().unwrap().id, ada);
}

#[tokio::test]
async fn identities_are_found_by_address_first_and_then_by_the_other_fields() {
    let fixture = Fixture::new();
    let ada = fixture.add_with_password("users", "ada").await;
    let bob = fixture.add_with_password("users", "bob").await;
    // Bob's name is Ada's address: the address wins, a name may still be asked for.
    fixture.set("users", &bob, "name", "ada@example.com").await;
    let failed = "Failed to authenticate.";
    for (identity, field, expected) in [
        ("ada@example.com", "", ada.as_str()),
        ("ada@example.com", "email", &ada),
        ("ada@example.com", "name", &bob),
        ("ADA@EXAMPLE.COM", "email", failed),
        ("ADA@EXAMPLE.COM", "name", &bob),
        ("ADA@EXAMPLE.COM", "", &bob),
        ("ada", "", &ada),
        ("ADA", "", &ada),
        ("ada", "email", failed),
        ("carol", "", failed),
        ("' OR 1=1 --", "", failed),
    ] {
        let form = PasswordForm { identity_field: field.into(), ..form(identity, PASSWORD) };
        assert_eq!(outcome(&fixture, form).await, expected, "{identity} in '{field}'");
    }
}

#[tokio::test]
async fn unknown_identities_wrong_passwords_and_empty_hashes_get_one_answer() {
    let fixture = Fixture::new();
    assert_eq!(outcome(&fixture, form("ada", PASSWORD)).await, "Failed to authenticate.");
    fixture.add_with_password("users", "ada").await;
    fixture.add("users", "bob", "").await;
    fixture.add("users", "carol", "no hash").await;
    for (identity, password) in
        [("ada", "123456789"), ("nobody", PASSWORD), ("bob", PASSWORD), ("carol", PASSWORD)]
    {
        let error = attempt(&fixture, form(identity, password)).await.err().unwrap();
        assert_eq!((error.kind(), error.message()), (Kind::BadRequest, "Failed to authenticate."));
        assert!(error.data().is_empty(), "{identity}");
    }
}

#[tokio::test]
async fn an_unknown_identity_costs_the_hash_of_someone_there_is() {
    let fixture = Fixture::new();
    let users = fixture.collection("users");
    let nobody = form("nobody", PASSWORD);
    let candidate = fixture.auth.candidate(&users, &nobody).await.unwrap();
    assert!(candidate.found.is_none() && candidate.stand_in.is_none());
    for name in ["ada", "bob", "carol", "dave"] {
        fixture.add("users", name, &format!("hash of {name}")).await;
    }
    let mut seen = std::collections::BTreeSet::new();
    for i in 0..200 {
        let nobody = form(&format!("nobody {i}"), PASSWORD);
        let candidate = fixture.auth.candidate(&users, &nobody).await.unwrap();
        assert!(candidate.found.is_none());
        let stand_in = candidate.stand_in.unwrap();
        let again = fixture.auth.candidate(&users, &nobody).await.unwrap().stand_in.unwrap();
        assert_eq!(stand_in, again, "asking twice tells nothing");
        seen.insert(stand_in.reveal().to_owned());
    }
    assert!(seen.len() >= 2, "not always the same one: {seen:?}");
    let known = fixture.auth.candidate(&users, &form("ada", PASSWORD)).await.unwrap();
    assert!(known.found.is_some() && known.stand_in.is_some(), "the reads are the same");
}

#[tokio::test]
async fn known_and_unknown_identities_wait_in_the_same_queue() {
    let mut fixture = Fixture::new();
    fixture.add_with_password("users", "ada").await;
    let size = PoolSize { threads: 1, queue: 1 };
    let passwords = crate::crypto::PasswordPool::start(size).unwrap();
    let clock = fixture.clock.clone();
    fixture.auth = Auth::new(AuthParts { clock, passwords, ..fixture.parts.clone() });
    for identity in ["ada", "nobody"] {
        let tries = (0..12).map(|_| attempt(&fixture, form(identity, "wrong password")));
        let results = futures_util::future::join_all(tries).await;
        let kinds: Vec<Kind> = results.into_iter().map(|r| r.err().unwrap().kind()).collect();
        assert!(kinds.contains(&Kind::BadRequest), "{identity}: {kinds:?}");
        assert!(kinds.contains(&Kind::TooMany { retry_after_secs: 1 }), "{identity}: {kinds:?}");
    }
}

#[tokio::test]
async fn the_form_is_checked_before_anything_is_looked_up() {
    let fixture = Fixture::new();
    let long = "x".repeat(256);
    let cases = [
        (json!({}), json!({"identity": "required", "password": "required"})),
        (json!({"identity": "a"}), json!({"password": "required"})),
        (json!({"identity": long, "password": "x"}), json!({"identity": "length_out_of_range"})),
        (json!({"identity": "x", "password": long}), json!({"password": "length_out_of_range"})),
        (
            json!({"identity": "x", "password": "x", "identityField": "id"}),
            json!({"identityField": "in_invalid"}),
        ),
    ];
    for (body, expected) in cases {
        let form: PasswordForm = serde_json::from_value(body.clone()).unwrap();
        let error = attempt(&fixture, form).await.err().unwrap();
        assert_eq!(error.message(), "An error occurred while validating the submitted data.");
        let data = serde_json::to_value(error.data()).unwrap();
        let codes: serde_json::Map<_, _> = data
            .as_object()
            .unwrap()
            .iter()
            .map(|(field, leaf)| {
                let code = leaf["code"].as_str().unwrap().replace("validation_", "");
                (field.clone(), code.into())
            })
            .collect();
        assert_eq!(serde_json::Value::from(codes), expected, "{body}");
    }
}

#[tokio::test]
async fn a_collection_may_not_offer_passwords() {
    let fixture = Fixture::new();
    fixture.add_with_password("users", "ada").await;
    fixture.change("users", |users| options(users).password_auth.enabled = false);
    assert_eq!(
        outcome(&fixture, form("ada", PASSWORD)).await,
        "The collection is not configured to allow password authentication."
    );
}

#[tokio::test]
async fn the_auth_rule_is_asked_after_the_password_and_superusers_pass_it() {
    let fixture = Fixture::new();
    let ada = fixture.add_with_password("users", "ada").await;
    let refused = "The request doesn't satisfy the collection requirements to authenticate.";
    for (rule, expected) in [
        (Some(""), ada.as_str()),
        (None, refused),
        (Some("verified = true"), refused),
        (Some("name = 'ada'"), &ada),
        (Some("@request.context = 'password'"), &ada),
        (Some("@request.context = 'otp'"), refused),
    ] {
        let text = rule.map(str::to_owned);
        fixture.change("users", |users| options(users).auth_rule.clone_from(&text));
        assert_eq!(outcome(&fixture, form("ada", PASSWORD)).await, expected, "{rule:?}");
        let wrong = outcome(&fixture, form("ada", "wrong")).await;
        assert_eq!(wrong, "Failed to authenticate.", "{rule:?}");
        let mut attempt = fixture.attempt();
        attempt.cx.caller = Caller::Superuser(Arc::new(AuthRecord::default()));
        let (schema, users) = (fixture.schema.load(), fixture.collection("users"));
        let form = form("ada", PASSWORD);
        let passes = fixture.auth.with_password(schema, users, form, &attempt).await;
        assert!(passes.is_ok(), "{rule:?}");
    }
}

#[tokio::test]
async fn a_bcrypt_hash_is_renewed_at_sign_in_and_no_token_ends() {
    let fixture = Fixture::new();
    // Of "U*U", from the test vectors of crypt_blowfish.
    let bcrypt = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    let ada = fixture.add("users", "ada", bcrypt).await;
    let key = fixture.read("users", &ada, "tokenKey").await;
    let updated = fixture.read("users", &ada, "updated").await;
    assert_eq!(outcome(&fixture, form("ada", "wrong")).await, "Failed to authenticate.");
    assert_eq!(fixture.read("users", &ada, "password").await.as_deref(), Some(bcrypt));
    assert_eq!(outcome(&fixture, form("ada", "U*U")).await, ada);
    let renewed = fixture.read("users", &ada, "password").await.unwrap();
    assert!(renewed.starts_with("$argon2id$"), "{renewed}");
    assert_eq!(fixture.read("users", &ada, "tokenKey").await, key);
    assert_eq!(fixture.read("users", &ada, "updated").await, updated);
    assert_eq!(outcome(&fixture, form("ada", "U*U")).await, ada);
    assert_eq!(fixture.read("users", &ada, "password").await.as_deref(), Some(renewed.as_str()));
}

#[tokio::test]
async fn with_two_methods_the_first_leaves_an_id_that_only_another_method_can_use() {
    let fixture = Fixture::new();
    let ada = fixture.add_with_password("users", "ada").await;
    fixture.change("users", |users| options(users).mfa.enabled = true);
    let mfa_id = half(&fixture, "").await;
    assert_eq!(mfa_id.len(), 15, "{mfa_id}");
    assert_eq!(half(&fixture, &mfa_id).await, "A different authentication method is required.");
    assert_eq!(half(&fixture, "unknown").await, "Invalid or expired MFA session.");
    fixture.set("_mfas", &mfa_id, "recordRef", "someone else").await;
    assert_eq!(half(&fixture, &mfa_id).await, "Invalid MFA session.");
    fixture.set("_mfas", &mfa_id, "recordRef", &ada).await;
    fixture.set("_mfas", &mfa_id, "method", "otp").await;
    assert_eq!(half(&fixture, &mfa_id).await, ada);
    assert_eq!(fixture.count("_mfas").await, 0, "used up");
    let late = half(&fixture, "").await;
    fixture.clock.advance(std::time::Duration::from_secs(601));
    assert_eq!(half(&fixture, &late).await, "Invalid or expired MFA session.");
    assert_eq!(fixture.count("_mfas").await, 0, "swept");
    fixture.change("users", |users| options(users).mfa.rule = "verified = true".into());
    assert_eq!(half(&fixture, "").await, ada, "the rule spares her");
}

#[test]
fn a_form_never_shows_its_password() {
    assert_eq!(format!("{:?}", form("ada", "hunter2").password), "Secret(…)");
}
