//! A request that a change of the schema overtakes is judged and stored by the new schema.

use std::sync::Arc;

use greenroom::clock::DateTime;
use greenroom::query::{Caller, RequestContext};
use serde_json::{Map, Value, json};

use crate::support::TestApp;

const NOTES: &str = "/api/collections/notes";

fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).expect("an object")
}

#[tokio::test]
async fn a_write_on_its_way_meets_the_new_names_and_the_new_rules() {
    let test = TestApp::spawn().await;
    let root = test.superuser().await;
    let rules = json!({
        "name": "notes", "createRule": "", "updateRule": "", "deleteRule": "",
        "fields": [{"name": "open", "type": "text"}, {"name": "closed", "type": "text"}],
    });
    assert_eq!(root.post("/api/collections", rules).await.status, 200);
    // What a request took at its start.
    let schema = test.app.schema.load();
    let notes = Arc::clone(schema.find("notes").expect("the collection"));
    let cx = RequestContext::new(Caller::Guest, "POST", DateTime::from_unix_ms(0));
    let (records, id) = (&test.app.records, "note00000000001");

    let mut fields = root.get(NOTES).await.body["fields"].clone();
    for field in fields.as_array_mut().expect("fields") {
        field["name"] = match field["name"].as_str() {
            Some("open") => json!("closed"),
            Some("closed") => json!("open"),
            _ => continue,
        };
    }
    assert_eq!(root.patch(NOTES, json!({"fields": fields})).await.status, 200);
    let body = object(json!({"id": id, "open": "to all", "closed": "to none"}));
    let (then, there) = (Arc::clone(&schema), Arc::clone(&notes));
    records.create(then, there, body, Vec::new(), cx.clone()).await.expect("it is made");
    let stored = root.get(&format!("{NOTES}/records/{id}")).await.body;
    assert_eq!((&stored["open"], &stored["closed"]), (&json!("to all"), &json!("to none")));

    let closed = json!({"createRule": null, "updateRule": null, "deleteRule": null});
    assert_eq!(root.patch(NOTES, closed).await.status, 200);
    let refused = "Only superusers can perform this action.";
    let (then, there) = (Arc::clone(&schema), Arc::clone(&notes));
    let body = object(json!({"open": "changed"}));
    let answer = records.update(then, there, id.into(), body, Vec::new(), cx.clone()).await;
    assert_eq!(answer.expect_err("the rule is closed").message(), refused);
    let (then, there) = (Arc::clone(&schema), Arc::clone(&notes));
    let answer = records.delete(then, there, id.into(), cx.clone()).await;
    assert_eq!(answer.expect_err("the rule is closed").message(), refused);
    assert_eq!(root.get(&format!("{NOTES}/records/{id}")).await.body, stored);

    assert_eq!(root.delete(NOTES).await.status, 204);
    let answer = records.delete(schema, notes, id.into(), cx).await;
    assert_eq!(answer.expect_err("it is gone").message(), "Missing collection context.");
}

#[tokio::test]
async fn reads_never_meet_a_column_that_is_gone() {
    const CHANGES: usize = 12;
    let test = TestApp::spawn().await;
    let root = test.superuser().await;
    let fields = |name: &str| json!({"fields": [{"id": "text1", "name": name, "type": "text"}]});
    let rules =
        json!({"name": "notes", "listRule": "", "viewRule": "", "fields": fields("a")["fields"]});
    assert_eq!(root.post("/api/collections", rules).await.status, 200);
    let record = json!({"id": "note00000000001", "a": "x"});
    assert_eq!(root.post(&format!("{NOTES}/records"), record).await.status, 200);
    let changes = async {
        for change in 0..CHANGES {
            let name = if change % 2 == 0 { "b" } else { "a" };
            assert_eq!(root.patch(NOTES, fields(name)).await.status, 200);
        }
    };
    let mut changes = std::pin::pin!(changes);
    let guest = test.guest();
    let (mut seen, mut is_done) = (0, false);
    while !is_done {
        let list = format!("{NOTES}/records");
        let one = format!("{list}/note00000000001");
        let (listed, viewed) = tokio::select! {
            biased;
            answers = async { (guest.get(&list).await, guest.get(&one).await) } => answers,
            () = &mut changes => {
                is_done = true;
                continue;
            }
        };
        assert_eq!(
            (listed.status, viewed.status),
            (200, 200),
            "{:?} {:?}",
            listed.body,
            viewed.body
        );
        seen += 1;
    }
    assert!(seen > CHANGES, "only {seen} reads");
}
