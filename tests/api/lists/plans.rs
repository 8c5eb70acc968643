//! What the engine does with typical lists: an index serves them, and a look tells where none does.

use serde_json::{Value, json};

use crate::support::{Caller, TestApp};

/// Posts of users with tags and comments, and an index for each thing that is asked for.
async fn world(app: &TestApp) -> Caller {
    let root = app.superuser().await;
    let users = root.get("/api/collections/users").await.body["id"].clone();
    let make = async |body: Value| {
        let made = root.post("/api/collections", body).await;
        assert_eq!(made.status, 200, "{}", made.body);
        made.body["id"].clone()
    };
    let tags = make(json!({"name": "tags", "listRule": "", "fields": [
        {"name": "label", "type": "text"}]}))
    .await;
    let posts = make(json!({"name": "posts", "fields": [
        {"name": "title", "type": "text"},
        {"name": "status", "type": "select", "values": ["draft", "open"]},
        {"name": "rank", "type": "number"},
        {"name": "owner", "type": "relation", "collectionId": users},
        {"name": "tags", "type": "relation", "collectionId": tags, "maxSelect": 9},
        {"name": "created", "type": "autodate", "onCreate": true}],
      "indexes": [
        "CREATE INDEX posts_owner ON posts (owner, created)",
        "CREATE INDEX posts_status ON posts (status, created)",
        "CREATE INDEX posts_created ON posts (created)",
        "CREATE UNIQUE INDEX posts_rank ON posts (rank)"]}))
    .await;
    make(json!({"name": "comments", "fields": [
        {"name": "post", "type": "relation", "collectionId": posts},
        {"name": "author", "type": "relation", "collectionId": users},
        {"name": "text", "type": "text"}],
      "indexes": [
        "CREATE INDEX comments_post ON comments (post)",
        "CREATE INDEX comments_author ON comments (author)"]}))
    .await;
    make(json!({"name": "members", "fields": [
        {"name": "user", "type": "relation", "collectionId": users},
        {"name": "post", "type": "relation", "collectionId": posts}],
      "indexes": ["CREATE UNIQUE INDEX members_both ON members (user, post)"]}))
    .await;
    root
}

async fn check(root: &Caller, collection: &str, rule: &str, filter: &str, sort: &str) -> Value {
    let body = json!({
        "collection": collection, "rule": rule, "filter": filter, "sort": sort,
        "authCollection": "users", "authRecord": "user00000000001",
    });
    let answer = root.post("/api/gr/rules/check", body).await;
    assert_eq!(answer.status, 200, "{rule}: {}", answer.body);
    answer.body
}

#[tokio::test]
async fn r8_typical_lists_are_served_by_their_indexes() {
    let app = TestApp::spawn().await;
    let root = world(&app).await;
    let own = "owner = @request.auth.id";
    for (collection, rule, filter, sort, index) in [
        ("posts", own, "", "", "posts_owner"),
        ("posts", own, "", "-created", "posts_owner"),
        ("posts", own, "title ~ 'a'", "-created", "posts_owner"),
        ("posts", "", "status = 'open'", "-created", "posts_status"),
        ("posts", "status = 'open'", "", "-created", "posts_status"),
        ("posts", "", "", "-created", "posts_created"),
        ("posts", "", "rank = 5", "", "posts_rank"),
        ("posts", "", "rank > 5 && rank < 9", "rank", "posts_rank"),
        ("posts", "@request.auth.id != ''", "created > '2026-01-01'", "-created", "posts_created"),
        ("comments", "author = @request.auth.id", "", "", "comments_author"),
        ("comments", "", "post = 'post00000000001'", "", "comments_post"),
        ("comments", "post.owner = @request.auth.id", "post = 'a'", "", "comments_post"),
        ("members", "user = @request.auth.id", "", "", "members_both"),
    ] {
        let told = check(&root, collection, rule, filter, sort).await;
        let plan = told["plan"].to_string();
        assert!(plan.contains(index), "{rule} + {filter} by {sort}: {plan}");
        assert_eq!(told["diagnostics"], json!([]), "{rule} + {filter} by {sort}: {plan}");
        // An order that an index has is not made once more.
        let sorts = plan.contains("USE TEMP B-TREE");
        assert!(!sorts, "{rule} + {filter} by {sort}: {plan}");
    }
}

#[tokio::test]
async fn r8_rules_over_other_collections_do_not_multiply_rows() {
    let app = TestApp::spawn().await;
    let root = world(&app).await;
    for (rule, index) in [
        ("comments_via_post.author ?= @request.auth.id", "comments_post"),
        (
            "@collection.members.user ?= @request.auth.id && @collection.members.post ?= id",
            "members_both",
        ),
        ("members_via_post.user ?= @request.auth.id", "members_both"),
    ] {
        let told = check(&root, "posts", rule, "", "-created").await;
        let plan = told["plan"].to_string();
        let sql = told["sql"].as_str().expect("a statement");
        // Found row by row, in the order of the list: neither joined nor made distinct.
        assert!(plan.contains("posts_created"), "{rule}: {plan}");
        assert!(!plan.contains("USE TEMP B-TREE"), "{rule}: {plan}");
        assert!(sql.contains("EXISTS") && !sql.contains("DISTINCT"), "{rule}: {sql}");
        let _ = index;
    }
}

#[tokio::test]
async fn a_look_tells_what_is_wrong_and_what_no_index_serves() {
    let app = TestApp::spawn().await;
    let root = world(&app).await;
    let told = check(&root, "posts", "title = 'a' && nope = 1", "", "").await;
    assert_eq!(told["valid"], false);
    let found = &told["diagnostics"][0];
    assert_eq!(
        (&found["part"], &found["from"], &found["to"]),
        (&json!("rule"), &json!(15), &json!(19)),
        "{told}"
    );
    let told = check(&root, "posts", "title = 'a'", "", "").await;
    assert_eq!(told["valid"], true);
    assert_eq!(told["diagnostics"][0]["severity"], "warning", "{told}");
    let none = root.post("/api/gr/rules/check", json!({"collection": "nope", "rule": ""})).await;
    assert_eq!(none.status, 404);
}
