//! Another key for what lies encrypted in the data folder.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use greenroom::app::App;
use greenroom::clock::Clock;
use greenroom::config::{Config, SettingsKey};
use greenroom::crypto::Secret;
use greenroom::mail::Message;
use greenroom::sql::Statement;
use greenroom::store::Cost;
use serde_json::json;

use crate::support;

const LETTER: &str = "<p>Your code is 483920</p>";

fn key(letter: &str) -> Option<SettingsKey> {
    Some(SettingsKey { variable: letter.to_owned(), key: Secret::new(letter.repeat(32)) })
}

/// Opens the folder, once nobody else has it: threads of an app that was stopped end by and by.
async fn open(dir: &Path, key: &Option<SettingsKey>) -> greenroom::error::Result<Arc<App>> {
    for _ in 0..3000 {
        let config = Config { settings_key: key.clone(), ..support::config(dir) };
        match App::start_at(config, Clock::system()) {
            Err(error) if reason(&error).contains("in use") => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            outcome => return outcome,
        }
    }
    panic!("the folder is in use for good");
}

fn reason(error: &greenroom::error::Error) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}

fn close(app: Arc<App>) {
    app.stop();
    drop(app);
}

/// Everything that is kept about settings and mails, as it lies on the disk.
fn kept(app: &App) -> (String, String) {
    let text = |sql| {
        let read = Statement::new(sql, vec![]);
        let found = app.store.read_blocking(Cost::Unbounded, move |tx| {
            tx.query_one(&read, |row| Ok(row.get(0).text().to_owned()))
        });
        found.expect("the store answers").expect("a row")
    };
    (
        text("SELECT value FROM _params WHERE id = 'settings'"),
        text("SELECT payload FROM _gr_jobs WHERE kind = 'mail'"),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_begun_changed_and_ended_without_a_loss() {
    let dir = tempfile::tempdir().expect("a folder");
    let app = open(dir.path(), &None).await.expect("a new folder");
    app.settings.patch(&app.store, json!({"smtp": {"password": "hush"}})).await.expect("saved");
    let letter = Message::new("ada@example.com", "Code", LETTER.to_owned());
    app.mail.queue_alone(letter).await.expect("queued");
    let (settings, mail) = kept(&app);
    assert!(settings.contains("hush") && mail.contains("483920"), "{settings} {mail}");

    app.rotate_settings_key(key("a")).await.expect("encrypted");
    close(app);
    for wrong in [None, key("b")] {
        let error = open(dir.path(), &wrong).await.err().expect("refused");
        assert!(reason(&error).contains("key"), "{}", reason(&error));
    }
    let app = open(dir.path(), &key("a")).await.expect("the first key opens");
    let first = kept(&app);
    assert!(!first.0.contains('{') && !first.1.contains('{'), "{first:?}");
    app.rotate_settings_key(key("b")).await.expect("changed");
    close(app);

    assert!(open(dir.path(), &key("a")).await.is_err());
    let app = open(dir.path(), &key("b")).await.expect("the second key opens");
    assert_eq!(app.settings.load().smtp.password.reveal(), "hush");
    let second = kept(&app);
    assert!(first.0 != second.0 && first.1 != second.1 && !second.1.contains('{'), "{second:?}");
    app.rotate_settings_key(None).await.expect("ended");
    close(app);

    let app = open(dir.path(), &None).await.expect("no key is needed");
    assert!(kept(&app).1.contains("483920"));
    close(app);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_that_meets_a_third_key_changes_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let app = open(dir.path(), &key("a")).await.expect("a new folder");
    let letter = Message::new("ada@example.com", "Code", LETTER.to_owned());
    app.mail.queue_alone(letter).await.expect("queued");
    let damage = |tx: &greenroom::store::Tx<'_>| {
        let text = "UPDATE _gr_jobs SET payload = 'sealed:AAAA'";
        Ok(tx.execute(&Statement::new(text, vec![])).map(drop)?)
    };
    app.store.write(damage).await.expect("written");
    let before = kept(&app);
    assert!(app.rotate_settings_key(key("b")).await.is_err());
    assert_eq!(kept(&app), before);
    close(app);
    close(open(dir.path(), &key("a")).await.expect("the old key still opens"));
}
