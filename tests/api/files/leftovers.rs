//! What a write or a delete leaves behind on the disk: nothing that no record names.

use serde_json::{Value, json};

use crate::files::folder::{left, stored};
use crate::files::form::Form;
use crate::support::{Answer, Caller, TestApp};

const RECORDS: &str = "/api/collections/papers/records";

fn fields() -> Value {
    json!([
        {"name": "title", "type": "text", "required": true},
        {"name": "doc", "type": "file", "maxSelect": 3},
        {"name": "cover", "type": "file", "maxSelect": 1},
    ])
}

async fn papers(app: &TestApp) -> Caller {
    let root = app.superuser().await;
    let body = json!({"name": "papers", "fields": fields()});
    let made = root.post("/api/collections", body).await;
    assert_eq!(made.status, 200, "{}", made.body);
    root
}

/// A record with three files.
async fn paper(root: &Caller, title: &str) -> String {
    let form = Form::new().text("title", title).file("doc", "a.txt", "one");
    let made = form.file("doc", "b.txt", "two").file("cover", "c.txt", "three").post(root, RECORDS);
    ok(made.await)["id"].as_str().unwrap_or_default().to_owned()
}

fn ok(answer: Answer) -> Value {
    assert!(answer.status < 300, "{}", answer.body);
    answer.body
}

#[tokio::test]
async fn a_refused_write_leaves_no_file() {
    let app = TestApp::spawn().await;
    let root = papers(&app).await;
    let refused = Form::new().file("doc", "a.txt", "hello").post(&root, RECORDS).await;
    assert_eq!(refused.codes(), json!({"title": "required"}), "{}", refused.body);
    assert_eq!(left(&app), Vec::<String>::new());
}

#[tokio::test]
async fn a_deleted_record_takes_its_files_along_and_others_keep_theirs() {
    let app = TestApp::spawn().await;
    let root = papers(&app).await;
    let (gone, stays) = (paper(&root, "one").await, paper(&root, "two").await);
    assert_eq!(root.delete(&format!("{RECORDS}/{gone}")).await.status, 204);
    let left = left(&app);
    assert_eq!(left.len(), 6);
    assert!(left.iter().all(|path| path.contains(&stays)), "{left:?}");
}

#[tokio::test]
async fn a_replaced_file_goes_and_a_refused_change_removes_only_what_it_brought() {
    let app = TestApp::spawn().await;
    let root = papers(&app).await;
    let id = paper(&root, "one").await;
    let path = format!("{RECORDS}/{id}");
    ok(Form::new().file("doc", "new.txt", "new").patch(&root, &path).await);
    let refused = Form::new().text("title", "").file("doc+", "d.txt", "four").patch(&root, &path);
    assert_eq!(refused.await.status, 400);
    let names = left(&app);
    assert_eq!(names.len(), 4, "{names:?}");
    assert_eq!(names.iter().filter(|name| name.contains("new_")).count(), 2, "{names:?}");
    assert_eq!(names.iter().filter(|name| name.contains("/c")).count(), 2, "{names:?}");
}

#[tokio::test]
async fn a_dropped_field_and_the_elements_a_narrowed_one_loses_take_their_files_along() {
    let app = TestApp::spawn().await;
    let root = papers(&app).await;
    paper(&root, "one").await;
    paper(&root, "two").await;
    let mut fields = fields();
    fields[1]["maxSelect"] = json!(1);
    let collection = ok(root.get("/api/collections/papers").await);
    for field in fields.as_array_mut().into_iter().flatten() {
        let same = collection["fields"].as_array().into_iter().flatten();
        field["id"] = same
            .clone()
            .find(|f| f["name"] == field["name"])
            .map_or(json!(""), |f| f["id"].clone());
    }
    ok(root.patch("/api/collections/papers", json!({"fields": fields})).await);
    settle(&app);
    assert_eq!(stored(&app).len(), 8);
    fields.as_array_mut().expect("a list").retain(|field| field["name"] != "cover");
    ok(root.patch("/api/collections/papers", json!({"fields": fields})).await);
    settle(&app);
    let records = ok(root.get(RECORDS).await);
    let names = stored(&app);
    assert_eq!(names.len(), 4, "{names:?}");
    for record in records["items"].as_array().into_iter().flatten() {
        let place = format!("{}/{}", record["id"], record["doc"]).replace('"', "");
        assert_eq!(names.iter().filter(|name| name.contains(&place)).count(), 2, "{place}");
    }
}

#[tokio::test]
async fn truncated_deleted_and_unlisted_collections_leave_no_file() {
    let app = TestApp::spawn().await;
    let root = papers(&app).await;
    paper(&root, "one").await;
    assert_eq!(root.delete("/api/collections/papers/truncate").await.status, 204);
    paper(&root, "two").await;
    let before = ok(root.get("/api/collections?perPage=100").await);
    assert_eq!(root.delete("/api/collections/papers").await.status, 204);
    settle(&app);
    assert_eq!(stored(&app), Vec::<String>::new());

    // The same collection, id and all, comes again: it must keep what it gets from now on.
    let all = |items: &Value| json!({"collections": items, "deleteMissing": true});
    ok(root.put("/api/collections/import", all(&before["items"])).await);
    let id = paper(&root, "three").await;
    settle(&app);
    let names = stored(&app);
    assert!(names.len() == 6 && names.iter().all(|name| name.contains(&id)), "{names:?}");

    let mut others = before["items"].clone();
    others.as_array_mut().expect("a list").retain(|item| item["name"] != "papers");
    ok(root.put("/api/collections/import", all(&others)).await);
    settle(&app);
    assert_eq!(stored(&app), Vec::<String>::new());
}

#[tokio::test]
async fn a_cascade_takes_the_files_of_the_records_it_deletes_along() {
    let app = TestApp::spawn().await;
    let root = papers(&app).await;
    let papers = ok(root.get("/api/collections/papers").await)["id"].clone();
    let fields = json!([
        {"name": "of", "type": "relation", "collectionId": papers, "cascadeDelete": true},
        {"name": "scan", "type": "file"},
    ]);
    ok(root.post("/api/collections", json!({"name": "pages", "fields": fields})).await);
    let id = paper(&root, "one").await;
    let page = Form::new().text("of", &id).file("scan", "p.txt", "page");
    ok(page.post(&root, "/api/collections/pages/records").await);
    assert_eq!(root.delete(&format!("{RECORDS}/{id}")).await.status, 204);
    assert_eq!(left(&app), Vec::<String>::new());
}

#[tokio::test]
async fn a_batch_that_fails_leaves_neither_its_files_nor_takes_those_it_would_have_replaced() {
    let app = TestApp::spawn().await;
    let root = papers(&app).await;
    let id = paper(&root, "one").await;
    ok(root.patch("/api/settings", json!({"batch": {"enabled": true}})).await);
    let requests = json!({"requests": [
        {"method": "PATCH", "url": format!("{RECORDS}/{id}"), "body": {"title": "changed"}},
        {"method": "POST", "url": RECORDS, "body": {"title": "new"}},
        {"method": "DELETE", "url": format!("{RECORDS}/{id}")},
        {"method": "POST", "url": RECORDS, "body": {"title": ""}},
    ]});
    let form = Form::new()
        .text("@jsonPayload", &requests.to_string())
        .file("requests.0.doc", "x.txt", "x")
        .file("requests[1].cover", "y.txt", "y")
        .file("requests.3.cover", "z.txt", "z")
        .file("requests.9.cover", "nowhere.txt", "n");
    let answer = form.post(&root, "/api/batch").await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(!answer.body["data"]["requests"]["3"].is_null(), "{}", answer.body);
    let names = left(&app);
    assert!(names.len() == 6 && names.iter().all(|name| name.contains(&id)), "{names:?}");
}

fn settle(app: &TestApp) {
    app.app.sweeper.as_ref().expect("a server sweeps").settle();
}
