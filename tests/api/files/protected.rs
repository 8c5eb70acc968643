//! Protected files: every kind of token under every kind of rule.

use serde_json::{Value, json};

use super::form::Form;
use crate::support::{Caller, TestApp};

async fn file_token(caller: &Caller) -> String {
    let answer = caller.post("/api/files/token", Value::Null).await;
    answer.body["token"].as_str().expect("a token").to_owned()
}

#[tokio::test]
async fn the_token_in_the_address_and_the_view_rule_decide() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let fields = json!([
        {"name": "doc", "type": "file", "protected": true},
        {"name": "free", "type": "file"},
        {"name": "veiled", "type": "file", "hidden": true},
        {"name": "owner", "type": "text"},
    ]);
    let body = json!({"name": "papers", "fields": fields});
    assert_eq!(root.post("/api/collections", body).await.status, 200);
    let form = Form::new().text("owner", &ann.id).file("doc", "a.txt", "a");
    let form = form.file("free", "b.txt", "b").file("veiled", "c.txt", "c");
    let made = form.post(&root, "/api/collections/papers/records").await;
    assert_eq!(made.status, 200, "{}", made.body);
    let path = |field: &str| {
        let text = |key: &str| made.body[key].as_str().expect("text");
        format!("/api/files/papers/{}/{}", text("id"), text(field))
    };
    let tokens = [
        ("none", String::new()),
        ("nonsense", "nope".to_owned()),
        ("sign-in", ann.token.clone()),
        ("superuser sign-in", root.token.clone()),
        ("owner", file_token(&ann).await),
        ("other", file_token(&bob).await),
        ("superuser", file_token(&root).await),
    ];
    let cases = [
        (Value::Null, ["superuser"].as_slice()),
        (
            json!(""),
            &["none", "nonsense", "sign-in", "superuser sign-in", "owner", "other", "superuser"],
        ),
        (json!("@request.auth.id = owner"), &["owner", "superuser"]),
        (json!("@request.auth.id != ''"), &["owner", "other", "superuser"]),
    ];
    for (rule, open) in cases {
        let changed = root.patch("/api/collections/papers", json!({"viewRule": rule})).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        for (who, token) in &tokens {
            let expected = if open.contains(who) { 200 } else { 404 };
            // The header counts for nothing, whoever it is.
            for header in ["", &root.token, &ann.token] {
                let with = |field: &str| format!("{}?token={token}", path(field));
                let headers = [("authorization", header)];
                let got = root.fetch(&with("doc"), &headers).await;
                assert_eq!(got.status, expected, "{who} under {rule}");
                assert_eq!(root.fetch(&with("free"), &headers).await.status, 200);
                let veiled = if *who == "superuser" { 200 } else { 404 };
                assert_eq!(root.fetch(&with("veiled"), &headers).await.status, veiled, "{who}");
            }
        }
    }
    // The last rule lets Ann in; a token that is older than three minutes does not.
    let old = format!("{}?token={}", path("doc"), tokens[4].1);
    assert_eq!(root.fetch(&old, &[]).await.status, 200);
    app.clock.advance(std::time::Duration::from_secs(200));
    assert_eq!(root.fetch(&old, &[]).await.status, 404);
    let fresh = format!("{}?token={}", path("doc"), file_token(&ann).await);
    assert_eq!(root.fetch(&fresh, &[]).await.status, 200);
}
