//! Authenticator apps against a real store, at a clock that stands still.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::auth::sign_in::{Attempt, Device, SignIn};
use crate::auth::testing::{Fixture, PASSWORD, options};
use crate::auth::{PasswordForm, methods};
use crate::crypto::Secret;
use crate::query::Caller;

/// Leaves a test half a minute in which no code changes by itself.
fn at_the_start_of_a_step(fixture: &Fixture) {
    let gone = fixture.clock.now().unix_ms() % 30_000;
    fixture.clock.advance(Duration::from_millis((30_000 - gone).try_into().unwrap()));
}

/// Somebody with a confirmed app.
struct Owner {
    fixture: Fixture,
    id: String,
    secret: String,
    recovery: Vec<String>,
}

fn device() -> Device {
    Device { ip: "10.0.0.1".into(), user_agent: "test".into() }
}

fn by_code(code: &str) -> ProofForm {
    ProofForm { code: Secret::new(code), ..ProofForm::default() }
}

fn by_recovery(code: &str) -> ProofForm {
    ProofForm { recovery_code: Secret::new(code), ..ProofForm::default() }
}

fn code_of(secret: &str, now: DateTime) -> String {
    app(secret, "", "").unwrap().generate(now.unix_secs().try_into().unwrap()).to_string()
}

async fn sign_in(fixture: &Fixture, name: &str, mfa_id: &str) -> crate::error::Result<SignIn> {
    let attempt = Attempt { mfa_id: mfa_id.to_owned(), device: device(), ..fixture.attempt() };
    let (schema, users) = (fixture.schema.load(), fixture.collection("users"));
    let (identity, password) = (name.to_owned(), Secret::new(PASSWORD));
    let form = PasswordForm { identity, password, ..PasswordForm::default() };
    fixture.auth.with_password(schema, users, form, &attempt).await
}

async fn token(fixture: &Fixture, name: &str) -> String {
    match sign_in(fixture, name, "").await.unwrap() {
        SignIn::Done(signed_in) => signed_in.token,
        SignIn::SecondMethodNeeded { .. } => panic!("one method is enough"),
    }
}

async fn half(fixture: &Fixture, name: &str) -> String {
    match sign_in(fixture, name, "").await.unwrap() {
        SignIn::Done(_) => panic!("an app is asked for"),
        SignIn::SecondMethodNeeded { mfa_id } => mfa_id,
    }
}

async fn enrol(fixture: &Fixture, token: &str, password: &str) -> crate::error::Result<Drawn> {
    let (schema, users) = (fixture.schema.load(), fixture.collection("users"));
    let password = Secret::new(password);
    fixture.auth.enrol_totp(&schema, &users, Some(token), password, &device()).await
}

async fn complete(fixture: &Fixture, mfa_id: &str, form: ProofForm) -> String {
    complete_in(fixture, "users", mfa_id, "10.0.0.1", form).await
}

/// The id of who signed in, or the message of the refusal.
async fn complete_in(
    fixture: &Fixture,
    collection: &str,
    mfa_id: &str,
    ip: &str,
    form: ProofForm,
) -> String {
    let device = Device { ip: ip.into(), ..device() };
    let attempt = Attempt { mfa_id: mfa_id.to_owned(), device, ..fixture.attempt() };
    let (schema, of) = (fixture.schema.load(), fixture.collection(collection));
    match fixture.auth.with_totp(schema, of, form, &attempt).await {
        Ok(SignIn::Done(signed_in)) => signed_in.id,
        Ok(SignIn::SecondMethodNeeded { .. }) => "half".to_owned(),
        Err(error) => error.message().to_owned(),
    }
}

impl Owner {
    async fn new() -> Self {
        let fixture = Fixture::new();
        at_the_start_of_a_step(&fixture);
        let id = fixture.add_with_password("users", "ada").await;
        fixture.add_with_password("users", "bob").await;
        fixture.change("users", |users| options(users).totp.enabled = true);
        let mut owner = Self { fixture, id, secret: String::new(), recovery: Vec::new() };
        let token = token(&owner.fixture, "ada").await;
        owner.secret = enrol(&owner.fixture, &token, "").await.unwrap().secret();
        let (users, caller) = (owner.users(), owner.fixture.auth.caller(Some(&token)).await);
        let form = by_code(&owner.code());
        let codes = owner.fixture.auth.confirm_totp(&users, &caller, form, &device()).await;
        owner.recovery = codes.unwrap().iter().map(|code| code.reveal().to_owned()).collect();
        // The code that confirmed it is used up.
        owner.wait(30);
        owner
    }

    fn users(&self) -> Arc<crate::schema::Collection> {
        self.fixture.collection("users")
    }

    fn code(&self) -> String {
        code_of(&self.secret, self.fixture.clock.now())
    }

    fn wait(&self, secs: u64) {
        self.fixture.clock.advance(Duration::from_secs(secs));
    }

    async fn caller(&self) -> Caller {
        let schema = self.fixture.schema.load();
        let find = self.fixture.auth.find(schema.find("users").unwrap(), &self.id).await;
        find.unwrap().unwrap().caller(&self.users())
    }
}

impl Drawn {
    fn secret(&self) -> String {
        serde_json::to_value(self).unwrap()["secret"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_confirmed_app_is_always_asked_and_completes_the_sign_in() {
    let owner = Owner::new().await;
    let mfa_id = half(&owner.fixture, "ada").await;
    assert_eq!(complete(&owner.fixture, &mfa_id, by_code(&owner.code())).await, owner.id);
    assert_eq!(owner.fixture.count("_mfas").await, 0, "used up");
    assert!(!token(&owner.fixture, "bob").await.is_empty(), "bob has none");
    owner.fixture.change("users", |users| options(users).totp.enabled = false);
    assert!(!token(&owner.fixture, "ada").await.is_empty(), "apps are off");
}

#[tokio::test]
async fn each_wrong_attribute_alone_is_refused() {
    let owner = Owner::new().await;
    let fixture = &owner.fixture;
    let (session, code) = ("Invalid or expired MFA session.", "Invalid or expired code.");
    let mfa_id = half(fixture, "ada").await;
    let good = owner.code();
    fixture.change("_superusers", |all| options(all).totp.enabled = true);
    let root = complete_in(fixture, "_superusers", &mfa_id, "a", by_code(&good)).await;
    assert_eq!(root, session, "of another collection");
    assert_eq!(complete(fixture, "unknown", by_code(&good)).await, session);
    let empty = "An error occurred while validating the submitted data.";
    assert_eq!(complete(fixture, "", by_code(&good)).await, empty, "not as the first method");
    assert_eq!(complete(fixture, &mfa_id, by_code("")).await, empty);
    assert_eq!(complete(fixture, &mfa_id, by_code(&"1".repeat(72))).await, empty);
    // Another record's half with this record's code.
    fixture.set("_mfas", &mfa_id, "recordRef", "bob000000000000").await;
    assert_eq!(complete(fixture, &mfa_id, by_code(&good)).await, code);
    fixture.set("_mfas", &mfa_id, "recordRef", &owner.id).await;
    // A half that the app itself made.
    let now = fixture.clock.now();
    for wrong in ["000000", "12345", "1234567", "abcdef", "١٢٣٤٥٦"] {
        let ip = wrong.to_owned();
        let said = complete_in(fixture, "users", &mfa_id, &ip, by_code(wrong)).await;
        assert_eq!(said, code, "{wrong}");
    }
    for ahead in [2_u64, 3, 100] {
        let late = code_of(&owner.secret, now.after(Duration::from_secs(30 * ahead)));
        let said = complete_in(fixture, "users", &mfa_id, "b", by_code(&late)).await;
        assert_eq!(said, code, "{ahead} steps ahead");
    }
    assert_eq!(complete_in(fixture, "users", &mfa_id, "c", by_code(&good)).await, owner.id);
    assert_eq!(complete_in(fixture, "users", &mfa_id, "c", by_code(&good)).await, session);
}

#[tokio::test]
async fn a_first_half_expires() {
    let owner = Owner::new().await;
    let mfa_id = half(&owner.fixture, "ada").await;
    owner.wait(600);
    let said = complete(&owner.fixture, &mfa_id, by_code(&owner.code())).await;
    assert_eq!(said, "Invalid or expired MFA session.");
}

#[tokio::test]
async fn a_code_works_once_within_a_step_on_either_side() {
    let owner = Owner::new().await;
    let fixture = &owner.fixture;
    let (refused, now) = ("Invalid or expired code.", fixture.clock.now());
    let code_at = |step: i64| {
        let at = DateTime::from_unix_ms(now.unix_ms() + step * 30_000);
        code_of(&owner.secret, at)
    };
    let tried = async |ip: &str, code: String| {
        let mfa_id = half(fixture, "ada").await;
        complete_in(fixture, "users", &mfa_id, ip, by_code(&code)).await
    };
    assert_eq!(tried("a", code_at(-1)).await, refused, "it confirmed the app");
    assert_eq!(tried("a", code_at(0)).await, owner.id);
    assert_eq!(tried("b", code_at(0)).await, refused, "twice");
    assert_eq!(tried("b", code_at(1)).await, owner.id, "the clock of the app is ahead");
    assert_eq!(tried("b", code_at(0)).await, refused, "older than the last");
    owner.wait(90);
    assert_eq!(tried("c", code_at(2)).await, owner.id, "one behind");
}

#[tokio::test]
async fn tries_are_limited_by_record_and_address() {
    let owner = Owner::new().await;
    let fixture = &owner.fixture;
    // The code that confirmed the app was one, too.
    for _ in 0..4 {
        let mfa_id = half(fixture, "ada").await;
        assert_eq!(complete(fixture, &mfa_id, by_code("000000")).await, "Invalid or expired code.");
    }
    let mfa_id = half(fixture, "ada").await;
    let too_many = "Too many attempts, please try again later.";
    assert_eq!(complete(fixture, &mfa_id, by_code(&owner.code())).await, too_many);
    let said = complete_in(fixture, "users", &mfa_id, "10.0.0.2", by_code(&owner.code())).await;
    assert_eq!(said, owner.id, "from elsewhere");
}

#[tokio::test]
async fn a_recovery_code_works_once_and_new_ones_end_the_old() {
    let owner = Owner::new().await;
    let fixture = &owner.fixture;
    let refused = "Invalid or expired code.";
    let tried = async |code: &str| {
        owner.wait(180);
        let mfa_id = half(fixture, "ada").await;
        complete(fixture, &mfa_id, by_recovery(code)).await
    };
    assert_eq!(owner.recovery.len(), 10);
    assert_eq!(tried(&owner.recovery[0]).await, owner.id);
    assert_eq!(tried(&owner.recovery[0]).await, refused, "twice");
    assert_eq!(tried("aaaa-aaaa-aaaa-aaaa").await, refused);
    assert_eq!(tried(&owner.recovery[1].to_uppercase()).await, owner.id);
    assert_eq!(
        fixture.auth.totp_state(&owner.users(), &owner.id).await.unwrap().recovery_codes_left,
        8
    );
    let (users, caller) = (owner.users(), owner.caller().await);
    let form = by_code(&owner.code());
    let new = fixture.auth.renew_recovery_codes(&users, &caller, form, &device()).await.unwrap();
    assert_eq!(tried(&owner.recovery[2]).await, refused, "of the old set");
    assert_eq!(tried(new[0].reveal()).await, owner.id);
}

#[tokio::test]
async fn an_app_is_drawn_for_the_password_or_a_fresh_sign_in_and_once() {
    let fixture = Fixture::new();
    at_the_start_of_a_step(&fixture);
    fixture.add_with_password("users", "ada").await;
    let early = token(&fixture, "ada").await;
    fixture.change("users", |users| options(users).totp.enabled = true);
    let code = |error: crate::error::Error| {
        serde_json::to_value(error.data()).unwrap()["password"]["code"].clone()
    };
    // A token from before says nothing of when its sign-in was.
    assert_eq!(code(enrol(&fixture, &early, "").await.err().unwrap()), "validation_required");
    let wrong = enrol(&fixture, &early, "wrong").await.err().unwrap();
    assert_eq!(code(wrong), "validation_invalid_password");
    assert!(enrol(&fixture, &early, PASSWORD).await.is_ok());
    let fresh = token(&fixture, "ada").await;
    let first = enrol(&fixture, &fresh, "").await.unwrap();
    assert!(enrol(&fixture, &fresh, "wrong").await.is_err(), "a wrong password is not passed over");
    fixture.clock.advance(Duration::from_secs(600));
    assert_eq!(code(enrol(&fixture, &fresh, "").await.err().unwrap()), "validation_required");
    let second = enrol(&fixture, &fresh, PASSWORD).await.unwrap();
    assert_ne!(first.secret(), second.secret());
    assert!(!token(&fixture, "ada").await.is_empty(), "not asked for before it is confirmed");
    let (users, caller) = (fixture.collection("users"), fixture.auth.caller(Some(&fresh)).await);
    let now = fixture.clock.now();
    let confirm = async |secret: &str, ip: &str| {
        let device = Device { ip: ip.into(), ..device() };
        let form = by_code(&code_of(secret, now));
        let confirmed = fixture.auth.confirm_totp(&users, &caller, form, &device).await;
        confirmed.map(|codes| codes.len()).map_err(|error| error.message().to_owned())
    };
    let refused = Err("Invalid or expired code.".to_owned());
    assert_eq!(confirm(&first.secret(), "a").await, refused, "drawn over");
    assert_eq!(confirm(&second.secret(), "b").await, Ok(10));
    let again = enrol(&fixture, &fresh, PASSWORD).await.err().unwrap();
    assert_eq!(again.message(), "The authenticator app is set up already.");
}

#[tokio::test]
async fn an_app_that_was_drawn_long_ago_is_not_confirmed() {
    let fixture = Fixture::new();
    at_the_start_of_a_step(&fixture);
    fixture.add_with_password("users", "ada").await;
    fixture.change("users", |users| options(users).totp.enabled = true);
    let token = token(&fixture, "ada").await;
    let secret = enrol(&fixture, &token, "").await.unwrap().secret();
    fixture.clock.advance(Duration::from_secs(600));
    let (users, caller) = (fixture.collection("users"), fixture.auth.caller(Some(&token)).await);
    let form = by_code(&code_of(&secret, fixture.clock.now()));
    let late = fixture.auth.confirm_totp(&users, &caller, form, &device()).await.err().unwrap();
    assert_eq!(late.message(), "There is no authenticator app to confirm.");
}

#[tokio::test]
async fn an_app_goes_by_a_code_or_by_a_superuser_and_with_its_record() {
    let owner = Owner::new().await;
    let fixture = &owner.fixture;
    let (users, caller) = (owner.users(), owner.caller().await);
    let wrong = fixture.auth.disable_totp(&users, &caller, by_code("000000"), &device()).await;
    assert_eq!(wrong.err().unwrap().message(), "Invalid or expired code.");
    assert!(fixture.auth.totp_state(&users, &owner.id).await.unwrap().enabled);
    let form = by_recovery(&owner.recovery[0]);
    fixture.auth.disable_totp(&users, &caller, form, &device()).await.unwrap();
    assert_eq!(fixture.count("_gr_totp").await, 0);
    assert!(!token(fixture, "ada").await.is_empty());

    let owner = Owner::new().await;
    owner.fixture.auth.remove_totp(&users, &owner.id).await.unwrap();
    let gone = owner.fixture.auth.remove_totp(&users, &owner.id).await;
    assert_eq!(gone.err().unwrap().kind(), crate::error::Kind::NotFound);

    let owner = Owner::new().await;
    let (records, schema) = (owner.fixture.records.clone(), owner.fixture.schema.load());
    let (users, id) = (owner.users(), owner.id.clone());
    let delete = move |tx: &crate::store::Tx<'_>| records.delete_in(tx, &schema, &users, &id);
    owner.fixture.store.write(delete).await.unwrap();
    assert_eq!(owner.fixture.count("_gr_totp").await, 0);
}

#[tokio::test]
async fn a_half_that_wants_the_app_takes_no_other_method() {
    let owner = Owner::new().await;
    let mfa_id = half(&owner.fixture, "ada").await;
    owner.fixture.set("_mfas", &mfa_id, "method", methods::otp::METHOD.name).await;
    let other = sign_in(&owner.fixture, "ada", &mfa_id).await.err().unwrap();
    assert_eq!(other.message(), "A different authentication method is required.");
    assert_eq!(complete(&owner.fixture, &mfa_id, by_code(&owner.code())).await, owner.id);
}

#[test]
fn what_an_app_reads_is_as_apps_expect_it() {
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let url = app(secret, "Acme & Sons", "ada@example.com").unwrap().to_url().unwrap();
    assert_eq!(
        url,
        "otpauth://totp/Acme%20%26%20Sons:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
         &issuer=Acme%20%26%20Sons"
    );
    // RFC 6238, appendix B, the last six of its eight digits.
    for (at, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
        assert_eq!(code_of(secret, DateTime::from_unix_ms(at * 1000)), code);
    }
}

#[test]
fn a_code_may_be_typed_with_a_gap() {
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let now = DateTime::from_unix_ms(59_000);
    assert_eq!(step_of(secret, " 287 082", now).unwrap(), Some(1));
    assert_eq!(step_of(secret, "287-082", now).unwrap(), None);
}
