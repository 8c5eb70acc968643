//! What follows from what was written by hand.

use serde_json::json;

use crate::sql::{POSTS, posts, refusal, rows, run};
use crate::support::{Stream, TestApp};

#[tokio::test]
async fn what_is_remembered_of_the_tables_is_renewed() {
    let app = TestApp::spawn().await;
    let root = posts(&app).await;
    let guest = app.guest();
    assert_eq!(guest.get(POSTS).await.status, 200);
    run(&root, "update _collections set listRule = null where name = 'posts'").await;
    assert_eq!(guest.get(POSTS).await.status, 403);
    let shown = root.get("/api/collections/posts").await;
    assert_eq!(shown.body["listRule"], json!(null));

    let change = "update _params set value = json_set(value, '$.meta.appName', 'By hand') \
                  where id = 'settings'";
    run(&root, change).await;
    assert_eq!(root.get("/api/settings").await.body["meta"]["appName"], "By hand");
    run(&root, "delete from _params").await;
    assert_ne!(root.get("/api/settings").await.body["meta"]["appName"], "By hand");
    refusal(&root, "update _params set value = '{' where id = 'settings'").await;
    assert_eq!(root.get("/api/settings").await.status, 200);
}

#[tokio::test]
async fn a_credential_changed_by_hand_holds_at_once() {
    let app = TestApp::spawn().await;
    let (root, ada) = (app.superuser().await, app.user("ada").await);
    let refresh = "/api/collections/users/auth-refresh";
    assert_eq!(ada.post(refresh, json!({})).await.status, 200);
    run(&root, "update users set tokenKey = hex(randomblob(20))").await;
    assert_eq!(ada.post(refresh, json!({})).await.status, 401);
}

#[tokio::test]
async fn a_collection_keeps_its_table() {
    let app = TestApp::spawn().await;
    let root = posts(&app).await;
    for query in [
        "drop table posts",
        "alter table posts drop column title",
        "alter table posts rename column title to heading",
        "alter table posts rename to letters",
        "insert into _collections (id, name, type, fields) values ('x', 'ghosts', 'base', \
         '[{\"name\":\"id\",\"type\":\"text\",\"id\":\"a\"}]')",
        "drop table _collections",
    ] {
        refusal(&root, query).await;
        let found = root.get(&format!("{POSTS}?filter=title='t1'")).await;
        assert_eq!(found.body["totalItems"], 1, "{query}");
    }
    // What a collection does not need is nobody's business.
    run(&root, "alter table posts add column note text").await;
    run(&root, "create index by_note on posts (note)").await;
    assert_eq!(root.post(POSTS, json!({"title": "after"})).await.status, 200);
    assert_eq!(root.delete("/api/collections/posts").await.status, 204);
    assert_eq!(rows(&root, "select 1 from sqlite_master where name = 'posts'").await, json!([]));
}

#[tokio::test]
async fn who_keeps_a_copy_is_told_to_read_it_anew() {
    let app = TestApp::spawn().await;
    let root = posts(&app).await;
    let changes = "/api/collections/posts/changes";
    let since = root.get(changes).await.body["seq"].as_u64().expect("a number");
    run(&root, "update users set name = 'x'").await;
    let told = root.get(&format!("{changes}?since={since}")).await.body;
    assert_eq!(told["changes"], json!([]), "{told}");
    run(&root, "update posts set title = 'by hand'").await;
    let told = root.get(&format!("{changes}?since={since}")).await.body;
    assert_eq!(told["resync"], true, "{told}");
}

#[tokio::test]
async fn s10_a_table_made_by_sql_is_not_reachable() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    run(&root, "create table ledger (id text primary key, amount int)").await;
    run(&root, "insert into ledger values ('aaaaaaaaaaaaaaa', 5)").await;
    run(&root, "create view sums as select id, amount from ledger").await;
    let settings = json!({"batch": {"enabled": true}});
    assert_eq!(root.patch("/api/settings", settings).await.status, 200);
    let ada = app.user("ada").await;
    for caller in [&app.guest(), &ada, &root] {
        for name in ["ledger", "sums", "_gr_sessions", "_params", "sqlite_master"] {
            let path = format!("/api/collections/{name}/records");
            let one = format!("{path}/aaaaaaaaaaaaaaa");
            let sent = json!({"id": "bbbbbbbbbbbbbbb", "amount": 6});
            let found = [
                caller.get(&path).await.status,
                caller.get(&one).await.status,
                caller.post(&path, sent.clone()).await.status,
                caller.patch(&one, sent.clone()).await.status,
                caller.delete(&one).await.status,
                caller.get(&format!("/api/collections/{name}/changes")).await.status,
            ];
            assert_eq!(found, [404; 6], "{name}");
            let create = json!({"method": "POST", "url": path, "body": sent});
            let batch = caller.post("/api/batch", json!({"requests": [create]})).await;
            assert_eq!(batch.status, 400, "{name}");
        }
    }
    // Nor is it taken over by a collection of its name.
    let named = root.post("/api/collections", json!({"name": "ledger"})).await;
    assert_eq!((named.status, named.codes()), (400, json!({"name": "collection_name_invalid"})));
    // Nor by way of a rule, a filter or a subscription of what can be reached.
    let filter = "/api/collections/users/records?filter=@collection.ledger.amount>0";
    assert_eq!(root.get(filter).await.status, 400);
    assert_eq!(ada.get(filter).await.status, 403);
    let guest = app.guest();
    let mut stream = Stream::open(&guest).await;
    stream.try_follow(&guest, &["ledger/*"]).await;
    run(&root, "insert into ledger values ('ccccccccccccccc', 7)").await;
    drop(app);
    assert!(stream.next().await.is_none(), "somebody was told");
}
