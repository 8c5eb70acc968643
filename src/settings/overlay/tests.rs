//! Files and variables as operators write them, and what becomes of them.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use serde_json::json;

use crate::config::OverlaySource;
use crate::crypto::Secret;
use crate::error::Error;
use crate::settings::{Overlay, Settings};

fn write(path: &Path, text: &str) {
    File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
}

fn source(dir: &Path, text: &str, variables: &[(&str, &str)]) -> OverlaySource {
    write(&dir.join("greenroom.toml"), text);
    let variables = variables
        .iter()
        .map(|(name, text)| (format!("GREENROOM_SETTINGS__{name}"), Secret::new(*text)));
    OverlaySource {
        file: None,
        places: vec![dir.join("absent/greenroom.toml"), dir.join("greenroom.toml")],
        variables: variables.collect(),
    }
}

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Overlay, String> {
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join("secret"), "from a file\n");
    let overlay = Overlay::read(&source(dir.path(), text, variables)).map_err(|e| e.to_string())?;
    overlay.check(&Settings::fresh()).map_err(|e| e.to_string())?;
    Ok(overlay)
}

const FULL: &str = r##"
[settings]
superuser_ips = ["10.0.0.0/8"]

[settings.smtp]
enabled = true
host = "mail.example.com"
port = 2525
password_file = "secret"

[settings.meta]
appName = "Written down"
app-url = "https://example.com"

[settings.backups.s3]
access_key = "key"

[[settings.rate_limits.rules]]
label = "/api/"
duration = 10
max_requests = 300
"##;

#[test]
fn a_file_goes_before_what_is_stored() {
    let overlay = read(FULL, &[]).unwrap();
    let over = overlay.over(&Settings::fresh()).unwrap();
    assert_eq!(over.superuser_ips, ["10.0.0.0/8"]);
    assert_eq!((over.smtp.host.as_str(), over.smtp.port), ("mail.example.com", 2525));
    assert_eq!(over.smtp.password.reveal(), "from a file");
    assert_eq!(over.meta.app_name, "Written down");
    assert_eq!(over.meta.app_url, "https://example.com");
    assert_eq!(over.backups.s3.access_key, "key");
    assert_eq!(over.rate_limits.rules[0].max_requests, 300);
    assert_eq!(over.meta.sender_name, Settings::fresh().meta.sender_name);
    assert_eq!(overlay.places()["smtp.host"], "greenroom.toml, line 7");
    assert!(!format!("{overlay:?}").contains("from a file"));
}

#[test]
fn variables_go_before_the_file_and_take_the_kind_of_the_setting() {
    let overlay = read(
        FULL,
        &[
            ("SMTP__PORT", "587"),
            ("SMTP__TLS", "true"),
            ("SMTP__USERNAME", "0123"),
            ("META__APP_NAME", "1"),
            ("TRUSTED_PROXY__HEADERS", "X-Real-IP, X-Forwarded-For"),
            ("SUPERUSER_IPS", r#"["::1"]"#),
            ("LOGS__MAX_DAYS", "0"),
        ],
    );
    let overlay = overlay.unwrap();
    let over = overlay.over(&Settings::fresh()).unwrap();
    assert_eq!((over.smtp.port, over.smtp.tls, over.smtp.username.as_str()), (587, true, "0123"));
    assert_eq!((over.meta.app_name.as_str(), over.logs.max_days), ("1", 0));
    assert_eq!(over.trusted_proxy.headers, ["X-Real-IP", "X-Forwarded-For"]);
    assert_eq!(over.superuser_ips, ["::1"]);
    assert_eq!(overlay.places()["smtp.port"], "GREENROOM_SETTINGS__SMTP__PORT");
}

#[test]
fn a_mistake_is_told_with_its_place() {
    for (text, expected) in [
        ("[settings.smtp]\nport = \"x\"", "line 2, column 1: smtp.port: "),
        ("[settings.smtp]\nhots = 'x'", "line 2, column 1: there is no setting smtp.hots"),
        ("[settings.meta]\nsmtp = 'x'", "line 2, column 1: there is no setting meta.smtp"),
        ("[settings]\n smtp = 5", "line 2, column 2: smtp"),
        ("\n[settings.smtp\nport = 5", "line 2, column 15"),
        ("[smtp]\nport = 5", "line 1, column 2: 'smtp' means nothing here"),
        ("settings = 5", "line 1, column 1: 'settings' means nothing"),
        ("[settings.meta]\nappName = ''", "line 2, column 1: meta.appName: Cannot be blank"),
        ("[settings.smtp]\nenabled = true\nhost = ''", "line 3, column 1: smtp.host: Cannot"),
        ("[settings.meta]\nappName = 'a'\napp_name = 'b'", "line 3, column 1: meta.appName is"),
        ("[settings.smtp]\npassword_file = 'nope'", "line 2, column 1: cannot read "),
        ("[settings.smtp]\npassword_file = 5", "line 2, column 1: the name of a file"),
        ("[settings.smtp]\nport = 5.5", "line 2, column 8: no setting is a fraction"),
        ("[settings]\nsuperuserIPs = ['x']", "line 2, column 1: superuserIPs.0: Invalid IP"),
    ] {
        let error = read(text, &[]).expect_err(text);
        assert!(error.contains(expected), "{text}: {error}");
        assert!(!error.contains('\n'), "{error}");
    }
    for (name, text, expected) in [
        ("SMTP__PORT", "many", "GREENROOM_SETTINGS__SMTP__PORT: smtp.port: "),
        ("SMTP", "x", "GREENROOM_SETTINGS__SMTP: smtp"),
        ("NOPE__X", "x", "GREENROOM_SETTINGS__NOPE__X: there is no setting NOPE.X"),
        ("SMTP__PASSWORD_FILE", "/no/such", "GREENROOM_SETTINGS__SMTP__PASSWORD_FILE: cannot read"),
        ("META__APP_URL", "nowhere", "GREENROOM_SETTINGS__META__APP_URL: meta.appURL: "),
    ] {
        let error = read("", &[(name, text)]).expect_err(name);
        assert!(error.contains(expected), "{name}: {error}");
        assert!(!error.contains("many"), "a value may be a secret: {error}");
    }
}

fn codes(error: &Error) -> String {
    serde_json::to_string(error.data()).unwrap()
}

#[test]
fn what_is_written_down_cannot_be_changed_by_a_client() {
    let overlay = read(FULL, &[]).unwrap();
    let stored = Settings::fresh();
    let change = json!({"SMTP": {"host": "x", "port": 1}, "meta": {"senderName": "Ada"}});
    let error = overlay.patched(&stored, change).expect_err("overlaid");
    let told = codes(&error);
    assert!(told.contains(r#""host":{"code":"validation_overlaid""#), "{told}");
    assert!(told.contains(r#""port":{"code":"validation_overlaid""#), "{told}");
    assert!(told.contains("Set by greenroom.toml, line 7, and cannot"), "{told}");
    let secret = json!({"smtp": {"password": "mine"}});
    assert!(codes(&overlay.patched(&stored, secret).expect_err("overlaid")).contains("password"));

    // A client that sends back what it was shown changes nothing.
    let shown = overlay.over(&stored).unwrap().public_json();
    let mut whole: serde_json::Value = serde_json::from_str(&shown).unwrap();
    whole["meta"]["senderName"] = json!("Ada");
    let changed = overlay.patched(&stored, whole).unwrap();
    assert_eq!(changed.meta.sender_name, "Ada");
    assert_eq!(changed.smtp, stored.smtp, "what is written down is not stored");
    assert_eq!(changed.rate_limits, stored.rate_limits);
}

#[test]
fn rules_hold_for_stored_and_written_down_together() {
    let overlay = read("[settings.smtp]\nhost = ''\nenabled = false", &[]).unwrap();
    let error = overlay.patched(&Settings::fresh(), json!({"smtp": {"enabled": true}}));
    assert!(codes(&error.expect_err("overlaid")).contains("validation_overlaid"));
    let overlay = read("[settings.smtp]\nhost = ''", &[]).unwrap();
    let error = overlay.patched(&Settings::fresh(), json!({"smtp": {"enabled": true}}));
    assert!(codes(&error.expect_err("no host")).contains("validation_required"));
}

#[test]
fn a_file_that_was_asked_for_must_be_there() {
    let dir = tempfile::tempdir().unwrap();
    let absent = dir.path().join("absent.toml");
    let mut source = source(dir.path(), "", &[]);
    source.file = Some(absent.clone());
    let error = Overlay::read(&source).expect_err("absent").to_string();
    assert!(error.contains("absent.toml: cannot be read"), "{error}");
    source.file = None;
    fs::remove_file(dir.path().join("greenroom.toml")).unwrap();
    assert!(Overlay::read(&source).unwrap().is_empty());
}
