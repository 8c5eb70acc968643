//! What an export holds, and for whom.

use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp};
use crate::transfer::{collection, export};

const EXPORT: &str = "/api/gr/collections/posts/export";

async fn seeded(app: &TestApp) -> crate::support::Caller {
    let root = app.superuser().await;
    app.user("ada").await;
    let fields = json!([
        {"name": "title", "type": "text"},
        {"name": "n", "type": "number"},
        {"name": "author", "type": "relation", "collectionId": "_pb_users_auth_"},
        {"name": "hid", "type": "text", "hidden": true},
    ]);
    collection(&root, "posts", fields).await;
    let ada = root.get("/api/collections/users/records").await.body["items"][0]["id"].clone();
    for n in 0..5 {
        let title = format!("post {n}, \"the\" {n}th");
        let body = json!({
            "id": format!("post0000000000{n}"), "title": title, "n": n, "author": ada, "hid": "h"
        });
        assert_eq!(root.post("/api/collections/posts/records", body).await.status, 200);
    }
    root
}

#[tokio::test]
async fn an_export_takes_the_language_of_a_list() {
    let app = TestApp::spawn().await;
    let root = seeded(&app).await;
    let query = "filter=n%3E1&sort=-n&fields=id,n,expand.author.email&expand=author";
    let csv = export(&root, &format!("{EXPORT}?{query}")).await;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "id,n,expand.author.email");
    assert_eq!(lines[1], "post00000000004,4,ada@example.com");
    assert_eq!(lines.len(), 4);
    let ndjson = export(&root, &format!("{EXPORT}?format=ndjson&{query}")).await;
    let first: Value = serde_json::from_str(ndjson.lines().next().unwrap()).unwrap();
    let expand = json!({"author": {"email": "ada@example.com"}});
    assert_eq!(first, json!({"id": "post00000000004", "n": 4, "expand": expand}));
    let list: Value = serde_json::from_str(&export(&root, &format!("{EXPORT}?format=json")).await)
        .expect("a list");
    let listed = root.get("/api/collections/posts/records").await.body["items"].clone();
    assert_eq!(list, listed, "an export shows what a list shows");
    let none = export(&root, &format!("{EXPORT}?format=json&filter=n%3E99")).await;
    assert_eq!(none, "[]\n");
    let all = export(&root, EXPORT).await;
    assert_eq!(all.lines().next().unwrap(), "id,title,n,author,hid");
}

#[tokio::test]
async fn an_export_is_a_file_without_secrets() {
    let app = TestApp::spawn().await;
    let root = seeded(&app).await;
    let path = "/api/gr/collections/users/export";
    let file = root.fetch(path, &[("authorization", &root.token)]).await;
    assert_eq!(file.status, 200);
    let disposition = file.header("content-disposition");
    let begin = "attachment; filename=\"users-";
    assert!(disposition.starts_with(begin) && disposition.ends_with(".csv\""), "{disposition}");
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    let text = String::from_utf8(file.bytes).unwrap();
    assert!(text.contains("ada@example.com"));
    for secret in ["password", "tokenKey", "$argon2", PASSWORD] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn an_export_is_refused_in_the_words_of_a_list() {
    let app = TestApp::spawn().await;
    let root = seeded(&app).await;
    for (path, status) in [
        ("/api/gr/collections/nope/export", 404),
        ("/api/gr/collections/posts/export?format=xlsx", 400),
        ("/api/gr/collections/posts/export?filter=nope%3D1", 400),
        ("/api/gr/collections/posts/export?sort=nope", 400),
        ("/api/gr/collections/posts/export?fields=title:nope()", 400),
    ] {
        assert_eq!(root.get(path).await.status, status, "{path}");
    }
    let explained = root.get(&format!("{EXPORT}?filter=nope%3D1&explain=1")).await;
    assert!(explained.body["data"]["filter"]["message"].is_string(), "{}", explained.body);
    for (caller, status) in [(app.guest(), 401), (app.user("bob").await, 403)] {
        assert_eq!(caller.get(EXPORT).await.status, status);
    }
}

#[tokio::test]
async fn an_export_of_many_records_is_whole_and_of_one_moment() {
    let app = TestApp::spawn().await;
    let root = seeded(&app).await;
    let mut csv = String::from("title,n\n");
    for n in 0..3000 {
        csv.push_str(&format!("{},{n}\n", "long text ".repeat(20)));
    }
    let done = super::import(&root, "posts", "", "text/csv", &csv).await;
    assert_eq!(super::counts(&done.body), [3000, 3000, 0, 0], "{}", done.body);
    // Read slowly, while records are written and deleted.
    let mut answer = root.open(&format!("{EXPORT}?format=ndjson&sort=n")).await;
    let mut body = answer.chunk().await.unwrap().expect("a first piece").to_vec();
    assert_eq!(root.delete("/api/collections/posts/truncate").await.status, 204);
    while let Some(piece) = answer.chunk().await.unwrap() {
        body.extend_from_slice(&piece);
    }
    let lines = String::from_utf8(body).unwrap().lines().count();
    assert!(lines == 3005, "{lines}");
}
