//! Closed unless it says otherwise, whichever way a collection came to be; and errors that tell
//! nothing of what is closed.

use serde_json::{Value, json};

use crate::support::{Caller, TestApp, config};

/// What a guest and a user get from every action on a collection.
async fn refused(caller: &Caller, collection: &str) -> Vec<u16> {
    let path = format!("/api/collections/{collection}/records");
    let one = format!("{path}/aaaaaaaaaaaaaaa");
    let body = json!({"id": "bbbbbbbbbbbbbbb"});
    vec![
        caller.get(&path).await.status,
        caller.get(&one).await.status,
        caller.post(&path, body.clone()).await.status,
        caller.patch(&one, body).await.status,
        caller.delete(&one).await.status,
    ]
}

async fn is_closed(app: &TestApp, collection: &str) {
    for caller in [app.guest(), app.user(&format!("u{collection}")).await] {
        assert_eq!(refused(&caller, collection).await, [403; 5], "{collection}");
    }
}

#[tokio::test]
async fn s10_a_collection_is_closed_by_whatever_way_it_came() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let fields = json!([{"name": "text", "type": "text"}]);
    let made = root.post("/api/collections", json!({"name": "bare", "fields": fields})).await;
    assert_eq!(made.status, 200, "{}", made.body);
    is_closed(&app, "bare").await;
    let nulls = json!({"name": "nulls", "fields": fields, "listRule": null, "createRule": null});
    assert_eq!(root.post("/api/collections", nulls).await.status, 200);
    is_closed(&app, "nulls").await;
    let list = json!({"collections": [{"name": "brought", "type": "base", "fields": fields}]});
    let brought = root.raw("PUT", "/api/collections/import", Some(&list)).await;
    assert_eq!(brought.status, 204, "{}", String::from_utf8_lossy(&brought.body));
    is_closed(&app, "brought").await;
    // By hand: a row of `_collections` and its table.
    let sql = "create table rows (id text primary key, text text default '' not null);\
               insert into _collections (id, system, type, name, fields, indexes, options, \
               created, updated) \
               select 'pbc_rows', 0, 'base', 'rows', fields, '[]', '{}', created, updated \
               from _collections where name = 'bare'";
    let answer = root.post("/api/sql", json!({ "query": sql })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    is_closed(&app, "rows").await;
    assert_eq!(root.get("/api/collections/rows/records").await.status, 200);
}

#[tokio::test]
async fn s10_a_folder_of_pocketbase_opens_nothing_by_itself() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let fields = json!([{"name": "text", "type": "text"}]);
    let made = root.post("/api/collections", json!({"name": "bare", "fields": fields})).await;
    assert_eq!(made.status, 200, "{}", made.body);
    // What is ours goes: what is left is what PocketBase would have.
    let query = "select 'drop table ' || name from sqlite_master where name like '\\_gr\\_%' \
                 escape '\\' and type = 'table'";
    let answer = root.post("/api/sql", json!({ "query": query })).await;
    let mut drops: Vec<&str> = Vec::new();
    for row in answer.body["rows"].as_array().expect("rows") {
        drops.push(row[0].as_str().expect("a statement"));
    }
    assert!(drops.len() > 5, "{drops:?}");
    drops.push("create table ledger (id text primary key)");
    let outside = rusqlite::Connection::open(app.app.config.dir.join("data.db")).expect("opens");
    let again = TestApp::spawn_with(|top| {
        let config = config(top);
        std::fs::create_dir_all(&config.dir).expect("a folder");
        let copy = config.dir.join("data.db");
        let path = copy.to_str().expect("a path of text");
        outside.execute("VACUUM INTO ?1", [path]).expect("a copy");
        let taken = rusqlite::Connection::open(&copy).expect("it opens");
        taken.execute_batch(&drops.join(";")).expect("they go");
        config
    });
    let again = again.await;
    is_closed(&again, "bare").await;
    let of_guest = refused(&again.guest(), "ledger").await;
    assert_eq!(of_guest, [404; 5]);
}

/// Words that only superusers may read.
const SECRETS: [&str; 8] =
    ["vault", "combination", "vault_by_owner", "_gr_", "sqlite", "data.db", "insider", "tokenKey"];

#[tokio::test]
async fn s18_an_error_names_nothing_that_its_reader_cannot_see() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let users = root.get("/api/collections/users").await.body["id"].clone();
    let vault = json!({"name": "vault", "fields": [
        {"name": "combination", "type": "text", "required": true},
        {"name": "owner", "type": "relation", "collectionId": users}],
      "indexes": ["CREATE UNIQUE INDEX vault_by_owner ON vault (owner, combination)"]});
    let vault = root.post("/api/collections", vault).await.body["id"].clone();
    let notes = json!({"name": "notes", "listRule": "", "viewRule": "", "createRule": "",
      "updateRule": "@collection.vault.combination ?= text && insider = ''", "deleteRule": null,
      "fields": [
        {"name": "text", "type": "text", "max": 20},
        {"name": "insider", "type": "text", "hidden": true},
        {"name": "link", "type": "relation", "collectionId": vault}]});
    let made = root.post("/api/collections", notes).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let note = json!({"id": "note00000000001", "text": "a"});
    assert_eq!(root.post("/api/collections/notes/records", note).await.status, 200);
    let on = json!({"batch": {"enabled": true}});
    assert_eq!(root.patch("/api/settings", on).await.status, 200);
    let notes = "/api/collections/notes/records";
    let one = format!("{notes}/note00000000001");
    let asks: Vec<(&str, String, Value)> = vec![
        ("GET", format!("{notes}?filter=nope=1&explain=1"), json!({})),
        ("GET", format!("{notes}?filter=link.nope=1&explain=1"), json!({})),
        ("GET", format!("{notes}?filter=x_via_y.a=1&explain=1"), json!({})),
        ("GET", format!("{notes}?sort=nope&explain=1"), json!({})),
        ("GET", format!("{notes}?filter=(((&explain=1"), json!({})),
        ("GET", format!("{notes}?expand=link.nope,nope_via_link"), json!({})),
        ("GET", format!("{notes}?fields=nope:excerpt(x)"), json!({})),
        ("POST", notes.to_owned(), json!({"text": "x".repeat(30), "link": "missing00000000"})),
        ("POST", notes.to_owned(), json!({"id": "note00000000001"})),
        ("POST", notes.to_owned(), json!({"link": ["a", "b"], "text": {"a": []}})),
        ("PATCH", one.clone(), json!({"text": "b"})),
        ("DELETE", one, json!({})),
        ("GET", "/api/collections/nothing/records".to_owned(), json!({})),
        ("GET", format!("/api/files/notes/note00000000001/{}", "a".repeat(300)), json!({})),
        (
            "POST",
            "/api/batch".to_owned(),
            json!({"requests": [
            {"method": "POST", "url": notes, "body": {"link": "missing00000000"}}]}),
        ),
        (
            "POST",
            "/api/batch".to_owned(),
            json!({"requests": [
            {"method": "DELETE", "url": format!("{notes}/note00000000001")}]}),
        ),
        (
            "POST",
            "/api/realtime".to_owned(),
            json!({"clientId": "x", "subscriptions": ["notes/*"]}),
        ),
        ("POST", "/api/sql".to_owned(), json!({"query": "select * from nope"})),
        ("POST", "/api/gr/rules/check".to_owned(), json!({"collection": "notes", "rule": "x"})),
        ("GET", "/api/gr/search?id=note00000000001".to_owned(), json!({})),
    ];
    let ada = app.user("ada").await;
    for (method, path, body) in &asks {
        for caller in [&app.guest(), &ada] {
            let answer = caller.raw(method, path, Some(body)).await;
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            if answer.status < 400 {
                continue;
            }
            for secret in SECRETS {
                assert!(!text.contains(secret), "{method} {path} tells of {secret}: {text}");
            }
        }
    }
}
