//! Settings as clients change them and as the disk holds them.

use serde_json::{Value, json};

use crate::clock::Clock;
use crate::config::SettingsKey;
use crate::crypto::Secret;
use crate::settings::stored::{decode, encode};
use crate::settings::{Settings, SettingsCache, SettingsError};
use crate::sql::Statement;
use crate::store::{Cost, Store, StoreOptions};

/// A row that the reference wrote with `--encryptionEnv`, this key, and three changed values.
const REFERENCE_ROW: &str = include_str!("tests/reference_row.txt");

fn key() -> SettingsKey {
    let key = Secret::new("0123456789abcdef0123456789abcdef");
    SettingsKey { variable: "KEY".into(), key }
}

fn public(settings: &Settings) -> Value {
    serde_json::from_str(&settings.public_json()).unwrap()
}

/// The field errors of a refused change.
fn refused(patch: Value) -> Value {
    let shown = patch.to_string();
    match Settings::fresh().patched(patch) {
        Ok(_) => panic!("{shown} was accepted"),
        Err(error) => serde_json::to_value(error.data()).unwrap(),
    }
}

#[test]
fn fresh_settings_are_those_of_the_contract() {
    let expected = include_str!("tests/fresh.json").trim_end();
    assert_eq!(Settings::fresh().public_json(), expected);
    assert!(Settings::fresh().validate().is_empty());
}

#[test]
fn a_row_of_the_reference_is_read_and_its_secrets_stay_hidden() {
    let settings = decode(REFERENCE_ROW, Some(&key())).unwrap();
    assert_eq!(settings.meta.app_name, "Greenroom test");
    assert_eq!(settings.smtp.password.reveal(), "smtp-secret");
    assert_eq!(settings.s3.secret.reveal(), "s3-secret");
    let shown = settings.public_json();
    assert!(!shown.contains("secret") && !shown.contains("password"), "{shown}");
    let printed = format!("{settings:?}");
    assert!(!printed.contains("s3-secret") && !printed.contains("smtp-secret"), "{printed}");
}

#[test]
fn what_is_encoded_is_decoded_with_and_without_a_key() {
    let mut settings = Settings::fresh();
    settings.smtp.password = Secret::new("hush");
    let clear = encode(&settings, None).unwrap();
    assert!(clear.contains(r#""username":"","password":"hush","authMethod""#), "{clear}");
    let sealed = encode(&settings, Some(&key())).unwrap();
    assert!(!sealed.contains('{'));
    assert_eq!(decode(&clear, None).unwrap(), settings);
    assert_eq!(decode(&clear, Some(&key())).unwrap(), settings);
    assert_eq!(decode(&sealed, Some(&key())).unwrap(), settings);
    assert_eq!(decode(&sealed, None), Err(SettingsError::KeyMissing));
    let other = Secret::new("0123456789abcdef0123456789abcdeX");
    let other = SettingsKey { variable: "KEY".into(), key: other };
    assert_eq!(decode(&sealed, Some(&other)), Err(SettingsError::WrongKey("KEY".into())));
    assert_eq!(decode("{\"meta\":5}", None), Err(SettingsError::Damaged));
}

#[test]
fn nulls_of_older_folders_read_as_zero() {
    let text = r#"{"superuserIPs":null,"meta":{"appName":null},"rateLimits":{"rules":null}}"#;
    let settings = decode(text, None).unwrap();
    assert!(settings.superuser_ips.is_empty() && settings.rate_limits.rules.is_empty());
    assert_eq!(settings.meta.app_name, "");
}

#[test]
fn objects_merge_lists_are_replaced_and_secrets_stay() {
    let first = json!({"s3": {"secret": "sek"}, "smtp": {"password": "pw"}});
    let old = Settings::fresh().patched(first).unwrap();
    let patch = json!({
        "META": {"APPNAME": "X"},
        "superuserIPs": ["10.0.0.0/8"],
        "rateLimits": {"rules": [{"Label": "/a", "duration": 1, "maxRequests": 2}]},
        "unknown": {"meta": 1},
    });
    let new = old.patched(patch).unwrap();
    assert_eq!(new.meta.app_name, "X");
    assert_eq!(new.meta.app_url, old.meta.app_url);
    assert_eq!(new.rate_limits.rules.len(), 1);
    assert_eq!(new.rate_limits.rules[0].label, "/a");
    assert_eq!(new.s3.secret.reveal(), "sek");
    assert_eq!(new.smtp.password.reveal(), "pw");
    assert_eq!(new.patched(json!({"s3": {"secret": ""}})).unwrap().s3.secret.reveal(), "");
    assert_eq!(new.patched(json!({})).unwrap(), new);
    assert!(new.patched(json!({"superuserIPs": null})).unwrap().superuser_ips.is_empty());
    assert_eq!(public(&new)["superuserIPs"], json!(["10.0.0.0/8"]));
}

#[test]
fn wrong_types_are_not_loaded() {
    for patch in [
        json!([]),
        json!(5),
        json!(null),
        json!({"meta": 5}),
        json!({"superuserIPs": "x"}),
        json!({"logs": {"maxDays": 1.5}}),
        json!({"logs": {"maxDays": "3"}}),
        json!({"logs": {"maxDays": 1e30}}),
        json!({"trustedProxy": {"useLeftmostIP": "true"}}),
    ] {
        let error = Settings::fresh().patched(patch.clone()).expect_err("a wrong type");
        assert_eq!(
            error.message(),
            "An error occurred while loading the submitted data.",
            "{patch}"
        );
        assert!(error.data().is_empty());
    }
}

/// Changes of plain sections and the codes they are refused with, by path. Recorded from
/// reference 0.40.6, as those below.
fn refused_sections() -> Vec<(Value, Value)> {
    let min = "validation_min_greater_equal_than_required";
    vec![
        (
            json!({"meta": {"appName": "", "appURL": "/x", "senderName": "é".repeat(128),
                "senderAddress": "a@localhost", "accentColor": "#12"}}),
            json!({"meta": {"appName": "validation_required", "appURL": "validation_is_url",
                "senderName": "validation_length_out_of_range",
                "senderAddress": "validation_is_email",
                "accentColor": "validation_length_invalid"}}),
        ),
        (
            json!({"meta": {"accentColor": "#zzzzzz"}}),
            json!({"meta": {"accentColor": "validation_is_hex_color"}}),
        ),
        (
            json!({"smtp": {"enabled": true, "host": "", "port": 0}}),
            json!({"smtp": {"host": "validation_required", "port": "validation_required"}}),
        ),
        (
            json!({"smtp": {"host": "a b", "port": -1, "authMethod": "X", "localName": "a!"}}),
            json!({"smtp": {"host": "validation_is_host", "port": min,
                "authMethod": "validation_in_invalid", "localName": "validation_is_host"}}),
        ),
        (
            json!({"s3": {"enabled": true, "endpoint": "x y"}}),
            json!({"s3": {"bucket": "validation_required", "region": "validation_required",
                "endpoint": "validation_is_url", "accessKey": "validation_required",
                "secret": "validation_required"}}),
        ),
        (
            json!({"backups": {"cron": "bad", "cronMaxKeep": 0, "s3": {"endpoint": "x y"}}}),
            json!({"backups": {"cron": "validation_invalid_cron",
                "cronMaxKeep": "validation_required", "s3": {"endpoint": "validation_is_url"}}}),
        ),
        (json!({"backups": {"cronMaxKeep": -1}}), json!({"backups": {"cronMaxKeep": min}})),
    ]
}

fn refused_limits() -> Vec<(Value, Value)> {
    let rule = |label: &str, audience: &str| {
        json!({"label": label, "audience": audience,
            "duration": 1, "maxRequests": 1})
    };
    let conflict = "validation_conflicting_rate_limit_rule";
    let min = "validation_min_greater_equal_than_required";
    vec![
        (
            json!({"batch": {"enabled": true, "maxRequests": 0, "timeout": -1, "maxBodySize": -1}}),
            json!({"batch": {"maxRequests": "validation_required", "timeout": min,
                "maxBodySize": min}}),
        ),
        (
            json!({"logs": {"maxDays": -1, "maxDataSize": -1, "minLevel": -100}}),
            json!({"logs": {"maxDays": min, "maxDataSize": min}}),
        ),
        (
            json!({"rateLimits": {"enabled": true, "rules": null,
                "excludedIPs": ["", "1.1.1.1", "1.2.3.4/40"]}}),
            json!({"rateLimits": {"rules": "validation_required", "excludedIPs":
                {"0": "validation_required", "2": "validation_invlaid_ip_or_subnet"}}}),
        ),
        (
            json!({"rateLimits": {"rules": [{"label": "!!", "audience": "x", "duration": -1}]}}),
            json!({"rateLimits": {"rules": {"0": {"label": "validation_match_invalid",
                "audience": "validation_in_invalid", "duration": min,
                "maxRequests": "validation_required"}}}}),
        ),
        (
            json!({"rateLimits": {"rules":
                [rule("/a", "@guest"), rule("/a", "@auth"), rule("/a", "")]}}),
            json!({"rateLimits": {"rules": {"2": {"label": conflict}}}}),
        ),
        (
            json!({"superuserIPs": ["x"]}),
            json!({"superuserIPs": {"0": "validation_invlaid_ip_or_subnet"}}),
        ),
    ]
}

#[test]
fn what_breaks_a_rule_is_named_by_path() {
    for (patch, expected) in refused_sections().into_iter().chain(refused_limits()) {
        assert_eq!(codes(&refused(patch.clone())), expected, "{patch}");
    }
}

/// The tree of errors with each leaf cut down to its code.
fn codes(errors: &Value) -> Value {
    match (errors.get("code"), errors) {
        (Some(code), _) => code.clone(),
        (None, Value::Object(object)) => {
            object.iter().map(|(key, item)| (key.clone(), codes(item))).collect()
        }
        _ => panic!("{errors} is neither leaf nor branch"),
    }
}

#[test]
fn labels_of_limits_have_five_forms() {
    let with_label = |label: &str| {
        let rule = json!({"label": label, "duration": 1, "maxRequests": 1});
        Settings::fresh().patched(json!({"rateLimits": {"rules": [rule]}}))
    };
    for label in ["POST /a", "/a", "/", "/a-b/c_d", "a", "a:b", "*:b", "_a:b"] {
        assert!(with_label(label).is_ok(), "{label}");
    }
    for label in
        ["*", "a b", "/a b", "GET  /a", "@x", ":a", "a:", "*:", "/a/:x", "ü", "/a.b", "a-b"]
    {
        assert!(with_label(label).is_err(), "{label}");
    }
}

#[test]
fn limits_follow_a_renamed_collection() {
    let rule = |label: &str| json!({"label": label, "duration": 1, "maxRequests": 1});
    let rules = json!([rule("posts:list"), rule("postscript:list"), rule("*:list")]);
    let mut settings = Settings::fresh().patched(json!({"rateLimits": {"rules": rules}})).unwrap();
    settings.rename_collection("posts", "notes");
    let labels: Vec<&str> = settings.rate_limits.rules.iter().map(|r| r.label.as_str()).collect();
    assert_eq!(labels, ["notes:list", "postscript:list", "*:list"]);
}

fn open_store(dir: &std::path::Path) -> Store {
    Store::open(&StoreOptions::new(dir)).expect("a data folder")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_seen_after_its_commit_and_survives() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_store(dir.path());
    let cache = SettingsCache::open(&store, Some(key()), Clock::system()).unwrap();
    assert_eq!(*cache.load(), Settings::fresh());

    let refused = cache.patch(&store, json!({"meta": {"appName": ""}})).await;
    assert!(refused.is_err());
    assert_eq!(*cache.load(), Settings::fresh());

    // Two changes in one group: the second must see the first.
    let (first, second) = tokio::join!(
        cache.patch(&store, json!({"meta": {"appName": "A"}})),
        cache.patch(&store, json!({"s3": {"secret": "sek"}})),
    );
    first.and(second).unwrap();
    let settings = cache.load();
    assert_eq!((settings.meta.app_name.as_str(), settings.s3.secret.reveal()), ("A", "sek"));

    drop((cache, store));
    let store = open_store(dir.path());
    let row = Statement::new("SELECT value FROM _params WHERE id = 'settings'", Vec::new());
    let text = store
        .read_blocking(Cost::Unbounded, move |tx| {
            tx.query_one(&row, |row| Ok(row.get(0).text().to_owned()))
        })
        .unwrap();
    assert!(!text.expect("a row").contains('{'));
    let error = SettingsCache::open(&store, None, Clock::system()).err().expect("no key");
    let source = std::error::Error::source(&error).expect("a reason").to_string();
    assert!(source.contains("--encryption-env"), "{source}");
    let again = SettingsCache::open(&store, Some(key()), Clock::system()).unwrap();
    assert_eq!(again.load(), settings);
}

#[test]
fn secrets_lie_on_disk_as_the_settings_do() {
    let secret = Secret::new("JBSWY3DPEHPK3PXP");
    let open = |key: Option<SettingsKey>| {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
        SettingsCache::open(&store, key, Clock::system()).unwrap()
    };
    let (with, without) = (open(Some(key())), open(None));
    let sealed = with.sealed(&secret).unwrap();
    assert!(!sealed.contains(secret.reveal()) && sealed != with.sealed(&secret).unwrap());
    assert_eq!(with.unsealed(&sealed).unwrap(), secret);
    assert!(without.unsealed(&sealed).is_err());
    let other = Secret::new("fedcba9876543210fedcba9876543210");
    let other = open(Some(SettingsKey { variable: "KEY".into(), key: other }));
    assert!(other.unsealed(&sealed).is_err());
    // A key may be added to an open folder.
    let clear = without.sealed(&secret).unwrap();
    assert_eq!(with.unsealed(&clear).unwrap(), secret);
    assert!(with.unsealed("JBSWY3DPEHPK3PXP").is_err());
}
