//! No secret, hash, token or code is in a log, an error or an answer that need not have it.

use serde_json::{Value, json};

use crate::support::{Answer, Caller, PASSWORD, TestApp};

const SIGN_IN: &str = "/api/collections/users/auth-with-password";
const REFRESH: &str = "/api/collections/users/auth-refresh";

/// What was secret in all that was sent and answered, and what was said meanwhile.
struct Ear {
    secrets: Vec<String>,
    said: Vec<(String, String)>,
}

impl Ear {
    fn secret(&mut self, value: &Value) -> String {
        let text = value.as_str().expect("a secret").to_owned();
        self.secrets.push(text.clone());
        text
    }

    /// A refusal, which may name nothing of what was sent.
    fn refused(&mut self, what: &str, answer: &Answer) {
        assert!(answer.status >= 400, "{what}: {}", answer.body);
        self.said.push((what.to_owned(), answer.body.to_string()));
    }

    async fn shown(&mut self, caller: &Caller, path: &str) {
        let answer = caller.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        self.said.push((path.to_owned(), answer.body.to_string()));
    }

    fn check(&self) {
        for (what, text) in &self.said {
            for secret in &self.secrets {
                assert!(!text.contains(secret.as_str()), "{what} tells {secret}: {text}");
            }
            for mark in ["$argon2id$", "$2a$", "clientSecret\":\""] {
                assert!(!text.contains(mark), "{what} tells {mark}: {text}");
            }
            // What is wrong with a key may be said, in words.
            for value in text.split("tokenKey\":\"").skip(1) {
                let word = value.bytes().take_while(u8::is_ascii_alphanumeric).count();
                assert!(word < 30, "{what} tells a token key: {text}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_secret_is_in_no_log_error_or_setting() {
    let app = TestApp::spawn().await;
    let (ada, root) = (app.user("ada").await, app.superuser().await);
    let mut ear = Ear { secrets: vec![PASSWORD.into()], said: Vec::new() };
    ear.secrets.extend([ada.token.clone(), root.token.clone()]);
    let smtp = ear.secret(&json!("smtp-password-1"));
    let s3 = ear.secret(&json!("s3-secret-1"));
    let settings = json!({"smtp": {"password": smtp, "username": "u"}, "s3": {"secret": s3},
        "logs": {"minLevel": -4, "maxDays": 7, "logIP": true, "logAuthId": true}});
    let saved = root.patch("/api/settings", settings).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    ear.said.push(("settings".into(), saved.body.to_string()));
    let options = json!({
        "authToken": {"secret": ear.secret(&json!("a".repeat(31)))},
        "fileToken": {"secret": ear.secret(&json!("f".repeat(31)))},
        "session": {"enabled": true},
        "otp": {"enabled": true},
    });
    let saved = root.patch("/api/collections/users", options).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    ear.said.push(("collection".into(), saved.body.to_string()));

    let form = json!({"identity": "ada@example.com", "password": PASSWORD});
    let signed_in = app.guest().post(SIGN_IN, form).await.body;
    let token = ear.secret(&signed_in["token"]);
    let refresh = ear.secret(&signed_in["refreshToken"]);
    let wrong = ear.secret(&json!("wrong-password-1"));
    let form = json!({"identity": "ada@example.com", "password": wrong});
    ear.refused("sign-in", &app.guest().post(SIGN_IN, form).await);
    let renewed = app.guest().post(REFRESH, json!({"refreshToken": refresh})).await.body;
    ear.secret(&renewed["refreshToken"]);
    ear.secret(&renewed["token"]);
    app.clock.advance(std::time::Duration::from_secs(31));
    let reused = app.guest().post(REFRESH, json!({"refreshToken": refresh})).await;
    ear.refused("reuse", &reused);
    // Secrets in addresses, where a client may put them by mistake, and as a token of any kind.
    for path in [
        format!("/api/files/users/{}/x.png?token={token}", ada.id),
        format!("/api/collections/users/records/none?token={token}&refreshToken={refresh}"),
        format!("/api/collections/users/records/none?password={wrong}"),
    ] {
        ear.refused(path.split('?').next().unwrap_or_default(), &ada.get(&path).await);
    }
    let broken = format!("{{\"identity\": \"x\", \"password\": \"{wrong}\", ");
    let answer = app.guest().post_text(SIGN_IN, "application/json", broken).await;
    ear.refused("a broken body", &answer);
    refuse_forms(&mut ear, &app, (&ada, &root), (&token, &wrong)).await;

    // The log is written a moment after the answer.
    let quiet = async || {
        while root.get("/api/logs?perPage=1").await.body["totalItems"].as_i64() < Some(15) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), quiet()).await.expect("the log");
    for path in [
        "/api/logs?perPage=500",
        "/api/settings",
        "/api/collections?perPage=500",
        "/api/collections/users/sessions",
        "/api/collections/users/records",
        "/api/collections/_superusers/records",
        "/api/gr/jobs?perPage=500",
        "/api/crons",
    ] {
        ear.shown(&root, path).await;
    }
    assert!(ear.said.iter().any(|(what, text)| what.contains("logs") && text.contains("***")));
    ear.check();
}

/// Forms of all kinds with a token or a password that does not fit.
async fn refuse_forms(
    ear: &mut Ear,
    app: &TestApp,
    (ada, root): (&Caller, &Caller),
    (token, wrong): (&str, &str),
) {
    for (route, key) in [
        ("confirm-verification", "token"),
        ("confirm-password-reset", "token"),
        ("confirm-email-change", "token"),
        ("auth-with-otp", "otpId"),
    ] {
        let body = json!({key: token, "password": wrong, "passwordConfirm": wrong});
        let path = format!("/api/collections/users/{route}");
        ear.refused(route, &app.guest().post(&path, body).await);
    }
    let own = format!("/api/collections/users/records/{}", ada.id);
    let change = json!({"password": wrong, "passwordConfirm": PASSWORD, "oldPassword": wrong});
    ear.refused("a change", &root.patch(&own, change).await);
    let key = root.patch(&own, json!({"tokenKey": ear.secret(&json!("short"))})).await;
    ear.refused("a token key", &key);
    let bad = json!({"authToken": {"secret": ear.secret(&json!("too-short-secret"))}});
    ear.refused("a secret", &root.patch("/api/collections/users", bad).await);
}
