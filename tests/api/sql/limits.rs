//! What is refused, and what ends.

use std::time::Duration;

use greenroom::config::{Config, SqlConsoleMode};
use serde_json::json;

use crate::sql::{POSTS, ask, posts, refusal, rows, run};
use crate::support::{TestApp, config};

/// Never comes to its end by itself.
const ENDLESS: &str =
    "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n";

#[tokio::test]
async fn nothing_beyond_the_database_is_reached() {
    let app = TestApp::spawn().await;
    let root = posts(&app).await;
    let other = app.app.config.dir.join("other.db");
    let attach = format!("attach database '{}' as other", other.display());
    let vacuum = format!("vacuum into '{}'", other.display());
    for query in [
        attach.as_str(),
        vacuum.as_str(),
        "detach database main",
        "select load_extension('x')",
        "pragma writable_schema = 1",
        "pragma query_only = 0",
        "pragma foreign_keys = off",
        "pragma journal_mode = delete",
        "pragma user_version = 7",
        "pragma wal_checkpoint",
        "create temp table t (a)",
        "update sqlite_master set sql = 'x' where name = 'posts'",
        "select 1; rollback; select 2",
        "vacuum",
    ] {
        let reason = refusal(&root, query).await;
        assert!(!reason.contains("syntax"), "{query}: {reason}");
        // Nor as a part of what writes.
        refusal(&root, &format!("create table if not exists t (a); {query}")).await;
    }
    assert!(!other.exists());
    let made = "select count(*) from sqlite_master where name = 't'";
    assert_eq!(rows(&root, made).await, json!([["0"]]));
    for query in ["pragma journal_mode", "pragma table_info(posts)", "pragma integrity_check"] {
        assert_ne!(rows(&root, query).await, json!([]), "{query}");
    }
    // The writer takes texts in double quotes for the console only.
    run(&root, "update posts set title = \"quoted\" where id = 'post00000000000'").await;
    let found = root.get(&format!("{POSTS}?filter=title='quoted'")).await;
    assert_eq!(found.body["totalItems"], 1);
}

async fn spawn_as(sql_console: SqlConsoleMode) -> TestApp {
    TestApp::spawn_with(|dir| Config { sql_console, ..config(dir) }).await
}

#[tokio::test]
async fn nothing_is_written_where_nothing_may_be() {
    let app = TestApp::spawn().await;
    let root = posts(&app).await;
    let cte = "with a as (select 1) delete from posts";
    for query in ["delete from posts", "/* c */ delete from posts", cte] {
        let answer = root.post("/api/sql", json!({"query": query, "readonly": true})).await;
        assert_eq!(answer.status, 400, "{query}");
        let reason = "Raw error:\nattempt to write a readonly database (8).";
        assert!(answer.message().ends_with(reason), "{}", answer.message());
    }
    let reads = root.post("/api/sql", json!({"query": "select 1", "readonly": true})).await;
    assert_eq!(reads.status, 200);
    assert_eq!(root.get(POSTS).await.body["totalItems"], 3);

    let app = spawn_as(SqlConsoleMode::Read).await;
    let root = posts(&app).await;
    refusal(&root, "delete from posts").await;
    assert_eq!(rows(&root, "select 1").await, json!([["1"]]));

    let app = spawn_as(SqlConsoleMode::Off).await;
    let root = posts(&app).await;
    let answer = ask(&root, "select 1").await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.message(), "The SQL console of this server is switched off.");
}

#[tokio::test]
async fn an_answer_has_an_end() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let count = |to: u32| {
        format!("with recursive n(i) as (select 1 union all select i + 1 from n where i < {to}) ")
    };
    let many = rows(&root, &format!("{} select i from n", count(1500))).await;
    assert_eq!(many.as_array().map(Vec::len), Some(1000));
    let wide = format!("{} select printf('%.*c', 1000000, 'x') from n", count(100));
    assert!(refusal(&root, &wide).await.contains("32 MiB"));
    for query in ["select zeroblob(40000000)", "create table t as select zeroblob(40000000)"] {
        let long = refusal(&root, query).await;
        assert!(long.contains("too big"), "{long}");
    }
}

#[tokio::test]
async fn who_stops_waiting_stops_the_query() {
    let app = TestApp::spawn().await;
    let root = posts(&app).await;
    let ask_forever = || {
        let root = root.clone();
        tokio::spawn(async move { ask(&root, ENDLESS).await.status })
    };
    // Some come too late, whether behind these or behind what is asked below.
    let running: Vec<_> = (0..8).map(|_| ask_forever()).collect();
    // All turns are taken: one more is told so, and who reads and writes records notices nothing.
    while ask(&root, "select 1").await.status != 503 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(root.get(&format!("{POSTS}?sort=-title")).await.status, 200);
    assert_eq!(
        root.patch(&format!("{POSTS}/post00000000000"), json!({"rank": 7})).await.status,
        200
    );
    running.iter().for_each(tokio::task::JoinHandle::abort);
    while ask(&root, "select 1").await.status != 200 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
