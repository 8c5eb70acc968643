//! The queue of mails: what is kept of them, who may look.

use serde_json::json;

use super::support::{ask, mail, server, settled};
use crate::support::TestApp;

#[tokio::test]
async fn a_mail_that_was_sent_leaves_no_text_behind() {
    let (app, root, _) = server().await;
    assert_eq!(ask(&root, "request-password-reset", "ada@example.com").await.0, 204);
    let mail = mail(&root, 1).await;
    assert!(mail["text"].as_str().unwrap().contains("/_/#/auth/confirm-password-reset/ey"));
    settled(&root).await;
    let jobs = root.get("/api/gr/jobs").await.body;
    assert_eq!(jobs["totalItems"], 1, "errands leave nothing: {jobs}");
    let job = &jobs["items"][0];
    assert_eq!(
        (&job["kind"], &job["state"], &job["key"]),
        (&json!("mail"), &json!("done"), &json!(""))
    );
    assert!(!jobs.to_string().contains("ada@"), "{jobs}");
    let stored = app.app.store.read_blocking(greenroom::store::Cost::Unbounded, |tx| {
        let read = greenroom::sql::Statement::new("SELECT payload FROM _gr_jobs", vec![]);
        let mut texts = Vec::new();
        tx.query(&read, |row| {
            texts.push(row.get(0).text().to_owned());
            Ok(())
        })?;
        Ok(texts)
    });
    assert_eq!(stored.unwrap(), [""]);
    let id = job["id"].as_i64().unwrap();
    let again = root.post(&format!("/api/gr/jobs/{id}/retry"), json!({})).await;
    assert_eq!(again.status, 400, "{}", again.body);
}

#[tokio::test]
async fn mails_that_are_shown_are_for_superusers_and_for_dev() {
    let (_app, root, ada) = server().await;
    assert_eq!(ask(&root, "request-verification", "ada@example.com").await.0, 204);
    let shown = mail(&root, 1).await;
    let path = format!("/api/gr/mails/{}", shown["id"].as_str().unwrap());
    for (caller, status) in [(&ada, 403), (&ada.with_token(""), 401)] {
        assert_eq!(caller.get("/api/gr/mails").await.status, status);
        assert_eq!(caller.get(&path).await.status, status);
        assert_eq!(caller.delete("/api/gr/mails").await.status, status);
    }
    assert_eq!(root.get("/api/gr/mails").await.body["enabled"], true);
    assert_eq!(root.delete("/api/gr/mails").await.status, 204);
    assert_eq!(root.get("/api/gr/mails").await.body["items"], json!([]));
    assert_eq!(root.get(&path).await.status, 404);

    let other = TestApp::spawn().await;
    let root = other.superuser().await;
    assert_eq!(root.get("/api/gr/mails").await.body, json!({"enabled": false, "items": []}));
}

#[tokio::test]
async fn a_letter_goes_once_in_two_minutes_and_only_to_who_is_there() {
    let (app, root, _) = server().await;
    for (email, what) in [
        ("ada@example.com", "request-verification"),
        ("ada@example.com", "request-verification"),
        ("nobody@example.com", "request-verification"),
        ("nobody@example.com", "request-password-reset"),
    ] {
        let (status, body) = ask(&root, what, email).await;
        assert_eq!((status, body), (204, serde_json::Value::Null), "{email}");
    }
    settled(&root).await;
    mail(&root, 1).await;
    app.clock.advance(std::time::Duration::from_secs(121));
    assert_eq!(ask(&root, "request-verification", "ada@example.com").await.0, 204);
    mail(&root, 2).await;
}
