//! Sign-in with one-time codes, against a real store.

use super::*;
use crate::auth::sign_in::Device;
use crate::auth::testing::{Fixture, PASSWORD, SUPERUSERS, USERS, options};
use crate::auth::{PasswordForm, one_time_code};
use crate::sql::Statement;

const ID: &str = "otp000000000000";
const CODE: &str = "12345678";

/// A store where Ada and Bob may sign in with codes.
async fn fixture() -> Fixture {
    let fixture = Fixture::new();
    fixture.add_with_password("users", "ada").await;
    fixture.add_with_password("users", "bob").await;
    fixture.change("users", |users| options(users).otp.enabled = true);
    fixture.change("_superusers", |all| options(all).otp.enabled = true);
    fixture
}

/// Keeps [`CODE`] for Ada, mailed to `sent_to`.
async fn keep(fixture: &Fixture, collection_id: &str, sent_to: &str) {
    let hash = fixture.passwords.hash(Secret::new(CODE)).await.unwrap();
    let (owner, now) = ("ada000000000000", fixture.clock.now());
    let row = one_time_code::row(ID, collection_id, owner, &hash, sent_to, now);
    let insert = write::insert(fixture.store.dialect(), OTPS, &row);
    fixture.store.write(move |tx| Ok(tx.execute(&insert).map(drop)?)).await.unwrap();
}

async fn outcome(fixture: &Fixture, collection: &str, id: &str, code: &str, ip: &str) -> String {
    let device = Device { ip: ip.into(), user_agent: "test".into() };
    with(fixture, collection, id, code, &Attempt { device, ..fixture.attempt() }).await
}

async fn with(
    fixture: &Fixture,
    collection: &str,
    id: &str,
    code: &str,
    attempt: &Attempt,
) -> String {
    let (schema, of) = (fixture.schema.load(), fixture.collection(collection));
    let form = OtpForm { otp_id: id.into(), password: Secret::new(code) };
    match fixture.auth.with_otp(schema, of, form, attempt).await {
        Ok(SignIn::Done(signed_in)) => signed_in.id,
        Ok(SignIn::SecondMethodNeeded { mfa_id }) => mfa_id,
        Err(error) => error.message().to_owned(),
    }
}

async fn request(fixture: &Fixture, email: &str) -> String {
    fixture.auth.request_otp(fixture.collection("users"), email).await.unwrap()
}

/// Whether Ada's address is proved.
async fn is_verified(fixture: &Fixture) -> bool {
    let users = fixture.collection("users");
    fixture.auth.find(&users, "ada000000000000").await.unwrap().unwrap().verified
}

/// What was queued to be mailed, the newest last.
async fn mails(fixture: &Fixture) -> Vec<serde_json::Value> {
    let settings = fixture.parts.settings.clone();
    let read = move |tx: &Tx<'_>| {
        let mut found = Vec::new();
        let text = "SELECT payload FROM _gr_jobs WHERE kind = 'mail' ORDER BY id";
        tx.query(&Statement::new(text, vec![]), |row| {
            let clear = settings.unsealed(row.get(0).text()).unwrap();
            found.push(serde_json::from_str(clear.reveal()).unwrap());
            Ok(())
        })?;
        Ok(found)
    };
    fixture.store.read(Cost::Bounded, read).await.unwrap()
}

fn code_in(mail: &serde_json::Value) -> String {
    let html = mail["html"].as_str().unwrap();
    let from = html.find("<strong>").unwrap() + "<strong>".len();
    html[from..].chars().take_while(char::is_ascii_digit).collect()
}

#[tokio::test]
async fn each_wrong_attribute_alone_is_refused_and_the_right_ones_work_once() {
    let fixture = fixture().await;
    keep(&fixture, USERS, "").await;
    let refused = "Invalid or expired OTP.";
    let off = "The collection is not configured to allow OTP authentication.";
    for (collection, id, code, said) in [
        ("_superusers", ID, CODE, refused),
        ("users", "otp000000000001", CODE, refused),
        ("users", ID, "12345679", refused),
        ("users", ID, "1234567", refused),
        ("users", ID, "", "An error occurred while validating the submitted data."),
        ("users", "", CODE, "An error occurred while validating the submitted data."),
    ] {
        let outcome = outcome(&fixture, collection, id, code, code).await;
        assert_eq!(outcome, said, "{collection} {id} {code}");
    }
    fixture.set("_otps", ID, "recordRef", "nobody").await;
    assert_eq!(outcome(&fixture, "users", ID, CODE, "a").await, refused, "of no record");
    keep_again(&fixture).await;
    fixture.change("users", |users| options(users).otp.enabled = false);
    assert_eq!(outcome(&fixture, "users", ID, CODE, "b").await, off);
    fixture.change("users", |users| options(users).otp.enabled = true);
    fixture.change("users", |users| options(users).auth_rule = Some("verified = true".into()));
    let rule = "The request doesn't satisfy the collection requirements to authenticate.";
    assert_eq!(outcome(&fixture, "users", ID, CODE, "c").await, rule);
    assert_eq!(fixture.count("_otps").await, 0, "used up all the same");
    fixture.change("users", |users| options(users).auth_rule = Some(String::new()));
    keep(&fixture, USERS, "").await;
    fixture.clock.advance(Duration::from_secs(180));
    assert_eq!(outcome(&fixture, "users", ID, CODE, "d").await, refused, "expired");
    keep_again(&fixture).await;
    assert_eq!(outcome(&fixture, "users", ID, CODE, "e").await, "ada000000000000");
    assert_eq!(outcome(&fixture, "users", ID, CODE, "e").await, refused, "twice");
}

async fn keep_again(fixture: &Fixture) {
    let delete = write::delete(fixture.store.dialect(), OTPS, ID);
    fixture.store.write(move |tx| Ok(tx.execute(&delete).map(drop)?)).await.unwrap();
    keep(fixture, USERS, "").await;
}

#[tokio::test]
async fn one_of_many_who_bring_the_same_code_at_once_signs_in() {
    let fixture = fixture().await;
    keep(&fixture, USERS, "").await;
    let places: Vec<String> = (0..8).map(|i| i.to_string()).collect();
    let tries = places.iter().map(|ip| outcome(&fixture, "users", ID, CODE, ip));
    let outcomes = futures_util::future::join_all(tries).await;
    assert_eq!(outcomes.iter().filter(|said| *said == "ada000000000000").count(), 1);
}

#[tokio::test]
async fn tries_are_counted_by_record_and_address_the_right_ones_too() {
    let fixture = fixture().await;
    keep(&fixture, USERS, "").await;
    for _ in 0..5 {
        let wrong = outcome(&fixture, "users", ID, "0", "a").await;
        assert_eq!(wrong, "Invalid or expired OTP.");
    }
    let limited = "Too many attempts, please try again later with a new OTP.";
    assert_eq!(outcome(&fixture, "users", ID, CODE, "a").await, limited);
    for _ in 0..8 {
        let unknown = outcome(&fixture, "users", "unknown", CODE, "a").await;
        assert_eq!(unknown, "Invalid or expired OTP.", "never limited");
    }
    assert_eq!(outcome(&fixture, "users", ID, CODE, "b").await, "ada000000000000");
    fixture.clock.advance(Duration::from_secs(180));
    keep(&fixture, USERS, "").await;
    assert_eq!(outcome(&fixture, "users", ID, CODE, "a").await, "ada000000000000");
}

#[tokio::test]
async fn a_mailed_code_proves_the_address_it_was_sent_to_and_ends_an_unproved_password() {
    for (sent_to, has_mfa, verifies, keeps_password) in [
        ("ada@example.com", false, true, false),
        ("ada@example.com", true, true, true),
        ("old@example.com", false, false, true),
        ("", false, false, true),
    ] {
        let fixture = fixture().await;
        fixture.change("users", |users| options(users).mfa.enabled = has_mfa);
        let before = fixture.read("users", "ada000000000000", "password").await.unwrap();
        let key = fixture.read("users", "ada000000000000", "tokenKey").await.unwrap();
        let app = [
            ("collectionRef", Value::from(USERS)),
            ("recordRef", "ada000000000000".into()),
            ("secret", "clear:JBSWY3DPEHPK3PXP".into()),
            ("created", fixture.clock.now().to_string().into()),
        ];
        let insert = write::insert(fixture.store.dialect(), TOTP, &app);
        fixture.store.write(move |tx| Ok(tx.execute(&insert).map(drop)?)).await.unwrap();
        keep(&fixture, USERS, sent_to).await;
        outcome(&fixture, "users", ID, CODE, "a").await;
        let read = async |column| fixture.read("users", "ada000000000000", column).await.unwrap();
        let case = format!("{sent_to} {has_mfa}");
        assert_eq!(is_verified(&fixture).await, verifies, "{case}");
        assert_eq!(read("password").await == before, keeps_password, "{case}");
        assert_eq!(read("tokenKey").await == key, keeps_password, "{case}");
        assert_eq!(fixture.count(TOTP).await == 1, keeps_password, "{case}");
    }
}

#[tokio::test]
async fn two_methods_complete_each_other_in_either_order() {
    let fixture = fixture().await;
    fixture.change("users", |users| options(users).mfa.enabled = true);
    let password = async |mfa_id: &str| {
        let (schema, users) = (fixture.schema.load(), fixture.collection("users"));
        let attempt = Attempt { mfa_id: mfa_id.into(), ..fixture.attempt() };
        let form = PasswordForm {
            identity: "ada".into(),
            password: Secret::new(PASSWORD),
            ..PasswordForm::default()
        };
        match fixture.auth.with_password(schema, users, form, &attempt).await {
            Ok(SignIn::Done(signed_in)) => signed_in.id,
            Ok(SignIn::SecondMethodNeeded { mfa_id }) => mfa_id,
            Err(error) => error.message().to_owned(),
        }
    };
    let code = async |mfa_id: &str| {
        keep(&fixture, USERS, "").await;
        let attempt = Attempt { mfa_id: mfa_id.into(), ..fixture.attempt() };
        with(&fixture, "users", ID, CODE, &attempt).await
    };
    let half = password("").await;
    assert_eq!(code(&half).await, "ada000000000000");
    let half = code("").await;
    assert_eq!(code(&half).await, "A different authentication method is required.");
    assert_eq!(password(&half).await, "ada000000000000");
    assert_eq!(password(&half).await, "Invalid or expired MFA session.", "twice");
    assert_eq!(fixture.count("_authOrigins").await, 1, "halves are no visits");
}

#[tokio::test]
async fn a_code_is_mailed_to_who_has_the_address_and_to_nobody_else() {
    let fixture = fixture().await;
    let known = request(&fixture, "ada@example.com").await;
    let unknown = request(&fixture, "nobody@example.com").await;
    assert_eq!((known.len(), unknown.len()), (15, 15));
    assert_eq!((fixture.count("_otps").await, fixture.count("_gr_decoys").await), (1, 1));
    let mails = mails(&fixture).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0]["to"], "ada@example.com");
    let code = code_in(&mails[0]);
    assert_eq!(code.len(), 8);
    assert_eq!(outcome(&fixture, "users", &known, &code, "a").await, "ada000000000000");
    assert!(is_verified(&fixture).await);
    fixture.clock.advance(Duration::from_secs(180));
    fixture.auth.delete_expired_otps().await.unwrap();
    assert_eq!(fixture.count("_gr_decoys").await, 0, "swept");
}

#[tokio::test]
async fn s7_what_follows_a_request_is_the_same_for_every_address() {
    let fixture = fixture().await;
    let mut seen = Vec::new();
    for email in ["ada@example.com", "nobody@example.com"] {
        let mut ids = Vec::new();
        for _ in 0..12 {
            ids.push(request(&fixture, email).await);
            fixture.clock.advance(Duration::from_millis(5));
        }
        let different: std::collections::BTreeSet<&String> = ids.iter().collect();
        let mut answers = Vec::new();
        for _ in 0..6 {
            answers.push(outcome(&fixture, "users", &ids[9], "0", "a").await);
        }
        assert_eq!(ids[9], ids[11], "{email}: the newest again");
        seen.push((different.len(), answers));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0].0, 10);
    assert!(seen[0].1[5].starts_with("Too many"), "{seen:?}");
}

#[tokio::test]
async fn the_alert_goes_out_for_a_new_place_only() {
    let fixture = fixture().await;
    let visit = async |ip: &str, user_agent: &str| {
        let (schema, users) = (fixture.schema.load(), fixture.collection("users"));
        let device = Device { ip: ip.into(), user_agent: user_agent.into() };
        let attempt = Attempt { device, ..fixture.attempt() };
        let form = PasswordForm {
            identity: "ada".into(),
            password: Secret::new(PASSWORD),
            ..PasswordForm::default()
        };
        assert!(fixture.auth.with_password(schema, users, form, &attempt).await.is_ok());
        fixture.clock.advance(Duration::from_millis(5));
        (mails(&fixture).await.len(), fixture.count("_authOrigins").await)
    };
    assert_eq!(visit("10.0.0.1", "a").await, (0, 1), "the first time");
    assert_eq!(visit("10.0.0.1", "a").await, (0, 1));
    assert_eq!(visit("10.0.0.1", "<b>").await, (1, 2));
    assert_eq!(visit("10.0.0.2", "a").await, (2, 3));
    for (i, name) in ["c", "d", "e"].into_iter().enumerate() {
        assert_eq!(visit("10.0.0.1", name).await, (3 + i, 5.min(4 + i)));
    }
    assert_eq!(visit("10.0.0.1", "a").await, (6, 5), "the oldest was forgotten");
    let first = &mails(&fixture).await[0];
    assert_eq!(first["to"], "ada@example.com");
    assert!(first["html"].as_str().unwrap().contains("10.0.0.1 &lt;b&gt;"));
    fixture.change("users", |users| options(users).auth_alert.enabled = false);
    assert_eq!(visit("10.0.0.9", "z").await, (6, 5), "switched off");
}

#[tokio::test]
async fn superusers_sign_in_from_where_they_may_only() {
    let fixture = fixture().await;
    fixture.add_with_password("_superusers", "root").await;
    let sign_in = async |ip: &str, name: &str, collection: &str| {
        let (schema, of) = (fixture.schema.load(), fixture.collection(collection));
        let device = Device { ip: ip.into(), user_agent: String::new() };
        let attempt = Attempt { device, ..fixture.attempt() };
        let (identity, password) = (format!("{name}@example.com"), Secret::new(PASSWORD));
        let form = PasswordForm { identity, password, ..PasswordForm::default() };
        fixture.auth.with_password(schema, of, form, &attempt).await.is_ok()
    };
    assert_eq!(fixture.collection("_superusers").id, SUPERUSERS);
    assert!(sign_in("10.0.0.1", "root", "_superusers").await);
    let list = serde_json::json!({ "superuserIPs": ["192.168.0.0/16", "2001:db8::/32"] });
    fixture.parts.settings.patch(&fixture.store, list).await.unwrap();
    let rows = fixture.count("_authOrigins").await;
    assert!(!sign_in("10.0.0.1", "root", "_superusers").await);
    assert!(!sign_in("", "root", "_superusers").await);
    assert_eq!(fixture.count("_authOrigins").await, rows, "nothing was written down");
    assert!(sign_in("192.168.7.7", "root", "_superusers").await);
    let long = "2001:0db8:0000:0000:0000:0000:0000:0001";
    assert!(sign_in(long, "root", "_superusers").await);
    assert!(sign_in("10.0.0.1", "ada", "users").await, "others come from anywhere");
}
