//! Each route asked by each kind of caller. The routes are read from the URL map, so that a new one
//! is asked, too.

use serde_json::json;

use crate::support::{Caller, TestApp};

const MAP: &str = include_str!("../../../src/http/routes.rs");

/// Method, path with something in its gaps, and guard of every route.
fn routes() -> Vec<(String, String, String)> {
    let words = MAP.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let routes: Vec<_> = words
        .filter_map(|words| match words.as_slice() {
            [method @ ("GET" | "POST" | "PUT" | "PATCH" | "DELETE"), path, guard, handler]
                if handler.ends_with(';') =>
            {
                let path = path.trim_matches('"').replace("{collection}", "users");
                let path = path.replace("{id}", "nobody000000000").replace("{key}", "none.zip");
                let path = path.replace("{filename}", "a.txt");
                Some(((*method).to_owned(), path, (*guard).to_owned()))
            }
            _ => None,
        })
        .collect();
    assert!(routes.len() > 50, "{} routes were found", routes.len());
    assert!(routes.iter().all(|(_, path, _)| !path.contains('{')), "{routes:?}");
    routes
}

async fn impersonated(app: &TestApp, root: &Caller, name: &str) -> Caller {
    let user = app.user(name).await;
    let own = user.get("/api/collections/users/records").await;
    let id = own.body["items"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/collections/users/impersonate/{id}");
    let made = root.post(&path, json!({"duration": 600})).await;
    assert_eq!(made.status, 200, "{}", made.body);
    app.guest().with_token(made.body["token"].as_str().expect("a token"))
}

#[tokio::test]
async fn s16_what_is_for_superusers_is_refused_to_all_others() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let lent = impersonated(&app, &root, "bob").await;
    let forged = app.guest().with_token("eyJhbGciOiJub25lIn0.eyJ0eXBlIjoiYXV0aCJ9.");
    let callers = [
        ("guest", app.guest(), 401),
        ("forged", forged, 401),
        ("user", app.user("ada").await, 403),
        ("lent", lent, 403),
    ];
    let mut asked = 0;
    for (method, path, guard) in routes() {
        if guard != "Superuser" {
            continue;
        }
        asked += 1;
        for (who, caller, expected) in &callers {
            let answer = caller.raw(&method, &path, Some(&json!({}))).await;
            assert_eq!(answer.status, *expected, "{method} {path} as {who}");
        }
    }
    assert!(asked > 25, "{asked}");
    // Nothing that was asked for was done on the way.
    assert_eq!(root.get("/api/collections/users/records").await.body["totalItems"], 2);
}

#[tokio::test]
async fn s16_what_needs_a_sign_in_is_refused_to_guests() {
    let app = TestApp::spawn().await;
    for (method, path, guard) in routes() {
        if guard == "SignedIn" {
            let answer = app.guest().raw(&method, &path, Some(&json!({}))).await;
            assert_eq!(answer.status, 401, "{method} {path}");
        }
    }
}

/// A superuser's token opens what is theirs and nothing that belongs to somebody who signed in:
/// it is no account of `users`.
#[tokio::test]
async fn s16_a_superuser_is_no_user() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    app.user("ada").await;
    for path in ["auth-refresh", "request-email-change"] {
        let path = format!("/api/collections/users/{path}");
        let answer = root.post(&path, json!({"newEmail": "new@example.com"})).await;
        assert_eq!(answer.status, 403, "{path}: {}", answer.body);
    }
}
