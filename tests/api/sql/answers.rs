//! What is answered. The expected answers are those of PocketBase.

use serde_json::{Value, json};

use crate::sql::{POSTS, ask, posts, refusal, rows, run};
use crate::support::TestApp;

#[tokio::test]
async fn a_query_that_reads_has_columns_and_rows_of_text() {
    let app = TestApp::spawn().await;
    let root = posts(&app).await;
    let mut body = run(&root, "SELECT id, rank, rank * 2 AS twice, null FROM posts LIMIT 2").await;
    assert!(body["execTime"].take().is_u64());
    let column = |name: &str, of: &str| json!({"name": name, "type": of, "nullable": true});
    let columns =
        [column("id", "TEXT"), column("rank", "NUMERIC"), column("twice", ""), column("null", "")];
    let expected = json!({
        "execTime": null,
        "affectedRows": 0,
        "columns": columns,
        "rows": [["post00000000000", "0.5", "1", null], ["post00000000001", "1.5", "3", null]],
    });
    assert_eq!(body, expected);
    for (query, expected) in [
        ("select 1; select 2 as b", json!([["2"]])),
        ("select 1; -- only that", json!([["1"]])),
        ("-- nothing", json!([])),
        (";", json!([])),
        ("select 'a;b', \"quoted\", x'00ff'", json!([["a;b", "quoted", "\u{0}\u{fffd}"]])),
        ("select 1e20, 100000.0, 12345678.9", json!([["1e+20", "100000", "1.23456789e+07"]])),
        ("begin; select 7; commit", json!([])),
        ("select id from posts where 0", json!([])),
    ] {
        assert_eq!(rows(&root, query).await, expected, "{query}");
    }
    let plan = rows(&root, "explain query plan select * from posts").await;
    assert_eq!(plan[0][3], "SCAN posts");
}

#[tokio::test]
async fn a_query_that_writes_has_the_number_of_its_rows() {
    let app = TestApp::spawn().await;
    let root = posts(&app).await;
    for (query, changed) in [
        ("UPDATE posts SET rank = 9 WHERE rank > 1", 2),
        ("insert into posts (id, title) values ('a', 'a') returning id", 1),
        ("delete from posts where id = 'a'; delete from posts where 0", 0),
        ("create table things (a int); insert into things values (1), (2)", 2),
        // What does not look like a write is answered as a read.
        ("/* c */ update things set a = 3", 0),
        ("with a as (select 5) insert into things select * from a", 0),
    ] {
        let body = run(&root, query).await;
        let found = (&body["affectedRows"], &body["columns"], &body["rows"]);
        assert_eq!(found, (&json!(changed), &json!([]), &json!([])), "{query}");
    }
    assert_eq!(rows(&root, "select a from things").await, json!([["3"], ["3"], ["5"]]));
    let mixed = "select 1; delete from things where a = 5; select a from things";
    assert_eq!(rows(&root, mixed).await, json!([["3"], ["3"]]));
    // All of it or nothing.
    refusal(&root, "insert into things values (8); insert into nothing values (9)").await;
    refusal(&root, "select 1; insert into things values (8); select json('{')").await;
    assert_eq!(rows(&root, "select count(*) from things where a = 8").await, json!([["0"]]));
    assert_eq!(root.get(POSTS).await.body["totalItems"], 3);
}

#[tokio::test]
async fn what_the_engine_refuses_is_told_in_its_own_words() {
    let app = TestApp::spawn().await;
    let root = posts(&app).await;
    for (query, reason) in [
        ("   ", "empty query."),
        ("selec 1", "SQL logic error: near \"selec\": syntax error (1)."),
        ("select * from nope", "SQL logic error: no such table: nope (1)."),
        ("select 1; bad", "SQL logic error: near \"bad\": syntax error (1)."),
        ("select ?", "missing argument with index 1."),
        ("update posts set title = :x", "missing named argument \"x\"."),
        (
            "insert into posts (id) values ('post00000000000')",
            "constraint failed: UNIQUE constraint failed: posts.id (1555).",
        ),
    ] {
        assert_eq!(refusal(&root, query).await, reason, "{query}");
    }
    let long = json!(format!("select '{}'", "x".repeat(5000)));
    for (query, code) in
        [(json!(""), "required"), (json!(null), "required"), (long, "length_too_long")]
    {
        let answer = root.post("/api/sql", json!({ "query": query })).await;
        assert_eq!((answer.status, answer.codes()), (400, json!({ "query": code })));
    }
    for body in [json!({"query": 5}), json!({"query": ["a"]}), json!([])] {
        let answer = root.post("/api/sql", body).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.message(), "An error occurred while loading the submitted data.");
    }
}

#[tokio::test]
async fn only_superusers_ask() {
    let app = TestApp::spawn().await;
    let (root, ada) = (posts(&app).await, app.user("ada").await);
    assert_eq!(ask(&app.guest(), "select 1").await.status, 401);
    assert_eq!(ask(&ada, "select 1").await.status, 403);
    assert_eq!(root.get("/api/sql").await.status, 404);
    let fields = root.post("/api/sql?fields=rows", json!({"query": "select 1"})).await;
    assert_eq!(fields.body, json!({"rows": [["1"]]}));
    let form = root.post("/api/sql", json!({"QUERY": "select 2", "more": 1})).await;
    assert_eq!(form.body["rows"], Value::from(vec![vec!["2"]]));
}
