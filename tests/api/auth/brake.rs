//! Who guesses passwords is slowed down, and learns nothing of who there is.

use std::time::Duration;

use serde_json::json;

use crate::support::{Caller, PASSWORD, TestApp};

const SIGN_IN: &str = "/api/collections/users/auth-with-password";

async fn sign_in(caller: &Caller, identity: &str, password: &str) -> (u16, String) {
    let answer = caller.post(SIGN_IN, json!({"identity": identity, "password": password})).await;
    (answer.status, answer.body.to_string())
}

#[tokio::test]
async fn guesses_are_slowed_down_alike_for_who_exists_and_who_does_not() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let proxy = json!({"trustedProxy": {"headers": ["X-Forwarded-For"]}});
    assert_eq!(root.patch("/api/settings", proxy).await.status, 200);
    app.user("ada").await;
    let bot = app.guest().at("203.0.113.7");
    let (ada, nobody) = ("ada@example.com", "nobody@example.com");
    for failures in 0..19 {
        // Each delay is waited for; the one to come is of minutes.
        if failures > 10 {
            app.clock.advance(Duration::from_secs(130));
        }
        for identity in [ada, nobody] {
            assert_eq!(sign_in(&bot, identity, "wrong password").await.0, 400, "{failures}");
        }
    }
    app.clock.advance(Duration::from_secs(300));
    let mut refusals = Vec::new();
    for identity in [ada, nobody] {
        assert_eq!(sign_in(&bot, identity, "wrong password").await.0, 400);
        let (status, body) = sign_in(&bot, identity, "wrong password").await;
        refusals.push(body);
        assert_eq!(status, 429);
    }
    assert_eq!(refusals[0], refusals[1]);
    let blocked = bot.raw("POST", SIGN_IN, Some(&json!({"identity": ada, "password": "x"}))).await;
    let wait = blocked.headers.iter().find(|(name, _)| name == "retry-after");
    let wait = wait.and_then(|(_, secs)| secs.trim_matches('"').parse::<u64>().ok());
    assert!(wait.is_some_and(|secs| (100..=300).contains(&secs)), "{wait:?}");
    // The right password has to wait, too: else the wait would tell which one it is.
    assert_eq!(sign_in(&bot, ada, PASSWORD).await.0, 429);
    assert_eq!(sign_in(&bot, "ADA@example.com", PASSWORD).await.0, 429);
    assert_eq!(sign_in(&app.guest().at("198.51.100.2"), ada, PASSWORD).await.0, 200);
    assert_eq!(sign_in(&bot, "bob@example.com", "wrong password").await.0, 400);
    app.clock.advance(Duration::from_secs(300));
    assert_eq!(sign_in(&bot, ada, PASSWORD).await.0, 200);
    assert_eq!(sign_in(&bot, ada, "wrong password").await.0, 400, "and begins anew");
}

#[tokio::test]
async fn wrong_passwords_of_one_collection_do_not_slow_down_another() {
    let app = TestApp::spawn().await;
    app.superuser().await;
    for _ in 0..20 {
        sign_in(&app.guest(), "root@example.com", "wrong password").await;
    }
    app.guest().signed_in("_superusers", "root@example.com", PASSWORD).await;
}
