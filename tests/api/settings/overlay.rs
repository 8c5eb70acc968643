//! Settings that the operator wrote down, followed while the server runs.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use greenroom::app::App;
use greenroom::config::{Config, OverlaySource};
use serde_json::json;

use crate::support::{self, TestApp};

async fn until(app: &App, what: &str, is_so: impl Fn(&App) -> bool) {
    let soon = async {
        while !is_so(app) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), soon).await.expect(what);
}

fn write(path: &Path, text: &str) {
    let file = fs::File::create(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
}

/// As editors do it: another file takes the name.
fn replace(file: &Path, text: &str) {
    let beside = file.with_extension("new");
    write(&beside, text);
    fs::rename(beside, file).expect("replaced");
}

fn name(app: &App) -> String {
    app.settings.load().meta.app_name.clone()
}

async fn spawn(file: PathBuf) -> TestApp {
    let overlay = OverlaySource { places: vec![file], ..OverlaySource::default() };
    TestApp::spawn_with(|dir| Config { overlay, ..support::config(dir) }).await
}

#[tokio::test]
async fn a_file_is_followed_and_a_mistake_changes_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let (file, secret) = (dir.path().join("greenroom.toml"), dir.path().join("password"));
    let app = spawn(file.clone()).await;
    let root = app.superuser().await;
    let settings = root.get("/api/settings").await.body;
    assert!(settings.get("overlay").is_none(), "{settings}");

    // It may come later, and by any way of writing.
    write(&secret, "first\n");
    let with = |name: &str| {
        format!("[settings.meta]\nappName = '{name}'\n[settings.smtp]\npassword_file = 'password'")
    };
    replace(&file, &with("One"));
    until(&app.app, "One", |app| name(app) == "One").await;
    write(&file, &with("Two"));
    until(&app.app, "Two", |app| name(app) == "Two").await;
    write(&secret, "second\n");
    let password = |app: &App| app.settings.load().smtp.password.reveal().to_owned();
    until(&app.app, "the other password", |app| password(app) == "second").await;

    let settings = root.get("/api/settings").await.body;
    let places = json!({
        "meta.appName": "greenroom.toml, line 2",
        "smtp.password": "greenroom.toml, line 4",
    });
    assert_eq!(settings["overlay"], places);
    assert!(!settings.to_string().contains("second"), "{settings}");
    let refused = root.patch("/api/settings", json!({"meta": {"appName": "Mine"}})).await;
    assert_eq!(refused.status, 400);
    let message = &refused.body["data"]["meta"]["appName"]["message"];
    assert_eq!(message, "Set by greenroom.toml, line 2, and cannot be changed here.");
    let other = root.patch("/api/settings", json!({"meta": {"senderName": "Ada"}})).await;
    assert_eq!((other.status, &other.body["meta"]["appName"]), (200, &json!("Two")));

    // The mistake is behind a good line, and the secret shows that the file was read again.
    replace(&file, &format!("{}\n[settings.meta2]\nx = 1", with("Three")));
    write(&secret, "third\n");
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        let now = (name(&app.app), password(&app.app));
        assert_eq!(now, ("Two".to_owned(), "second".to_owned()));
    }
    replace(&file, &with("Four"));
    until(&app.app, "Four", |app| name(app) == "Four" && password(app) == "third").await;

    // Without the file, what is stored holds again.
    fs::remove_file(&file).expect("removed");
    until(&app.app, "what is stored", |app| name(app) == "Acme").await;
    assert_eq!(app.app.settings.load().meta.sender_name, "Ada");
}

#[tokio::test]
async fn a_start_with_a_mistake_is_refused_with_its_place() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("greenroom.toml");
    write(&file, "[settings.smtp]\n  prot = 25\n");
    let overlay = OverlaySource { file: Some(file), ..OverlaySource::default() };
    let config = Config { overlay, ..support::config(dir.path()) };
    let error = App::start(config).err().expect("refused");
    let reason = std::error::Error::source(&error).expect("a reason").to_string();
    let expected = "greenroom.toml, line 2, column 3: there is no setting smtp.prot";
    assert!(reason.ends_with(expected), "{reason}");
}
