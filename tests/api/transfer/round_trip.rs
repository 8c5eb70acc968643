//! What is exported and imported elsewhere is what it was.

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::transfer::{collection, counts, export, import};

fn fields(target: &str) -> Value {
    json!([
        {"name": "text", "type": "text"},
        {"name": "number", "type": "number"},
        {"name": "bool", "type": "bool"},
        {"name": "email", "type": "email"},
        {"name": "url", "type": "url"},
        {"name": "editor", "type": "editor"},
        {"name": "date", "type": "date"},
        {"name": "select", "type": "select", "values": ["a", "b,c", "\"d\""]},
        {"name": "selects", "type": "select", "values": ["a", "b,c", "\"d\""], "maxSelect": 3},
        {"name": "relation", "type": "relation", "collectionId": target},
        {"name": "relations", "type": "relation", "collectionId": target, "maxSelect": 3},
        {"name": "json", "type": "json"},
        {"name": "point", "type": "geoPoint"},
        {"name": "hidden", "type": "text", "hidden": true},
        {"name": "created", "type": "autodate", "onCreate": true},
    ])
}

/// One record for each value that is easily lost, and one in which all fields say something.
fn records() -> Vec<Value> {
    let long = "line one\nline \"two\", with a comma;\ttab\r\nand 東京";
    let mut records = vec![json!({
        "text": long, "number": -1.5, "bool": true, "email": "a@example.com",
        "url": "https://example.com/?a=b,c", "editor": "<p>a</p>",
        "date": "2026-01-02 03:04:05.678Z", "select": "b,c", "selects": ["\"d\"", "a"],
        "relation": "target000000001",
        "relations": ["target000000002", "target000000001"], "json": {"a": [1, null, ""]},
        "point": {"lon": 1.5, "lat": -2}, "hidden": "secret",
    })];
    for value in [
        json!(null),
        json!(0),
        json!(""),
        json!(false),
        json!([]),
        json!({}),
        json!("\"1\""),
        json!("\"null\""),
        json!("\"\""),
        json!("words"),
        json!(" padded "),
        json!([[], {"a": ""}]),
        json!(1e21),
        json!(-0.1),
    ] {
        records.push(json!({"json": value}));
    }
    for (field, values) in [
        ("number", json!([0, 1e15, 0.1, -3])),
        ("text", json!(["", " ", "null", "0", "false", "[]", "=1+1", "'", "\u{feff}x"])),
        ("bool", json!([false, true])),
        ("selects", json!([[], ["a"]])),
        ("relations", json!([[], ["target000000001"]])),
        ("date", json!([""])),
    ] {
        for value in values.as_array().expect("a list") {
            records.push(json!({field: value}));
        }
    }
    records
}

#[tokio::test]
async fn r21_what_is_exported_and_imported_elsewhere_is_equal() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let target = collection(&root, "targets", json!([{"name": "name", "type": "text"}])).await;
    for id in ["target000000001", "target000000002"] {
        root.post("/api/collections/targets/records", json!({"id": id})).await;
    }
    let fields = fields(target["id"].as_str().unwrap());
    collection(&root, "kinds", fields.clone()).await;
    let records = records();
    for record in &records {
        let made = root.post("/api/collections/kinds/records", record.clone()).await;
        assert_eq!(made.status, 200, "{record}: {}", made.body);
    }
    let all = "records?perPage=500&sort=id&fields=*";
    let of = |mut items: Value| {
        for item in items.as_array_mut().unwrap() {
            let item = item.as_object_mut().unwrap();
            item.retain(|key, _| !key.starts_with("collection"));
        }
        items
    };
    let kinds = of(root.get(&format!("/api/collections/kinds/{all}")).await.body["items"].take());
    assert_eq!(kinds.as_array().unwrap().len(), records.len());
    for format in ["csv", "ndjson", "json"] {
        let text =
            export(&root, &format!("/api/gr/collections/kinds/export?format={format}")).await;
        let copy = format!("copy_{format}");
        collection(&root, &copy, fields.clone()).await;
        let done =
            import(&root, &copy, &format!("format={format}"), "application/octet-stream", &text)
                .await;
        let n = records.len() as u64;
        assert_eq!(counts(&done.body), [n, n, 0, 0], "{}", done.body);
        let path = format!("/api/collections/{copy}/{all}");
        let copied = of(root.get(&path).await.body["items"].take());
        for (was, is) in kinds.as_array().unwrap().iter().zip(copied.as_array().unwrap()) {
            assert_eq!(was, is, "{format}");
        }
        assert_eq!(kinds, copied, "{format}");
        // The same again changes the same records.
        let query = format!("format={format}&upsert=id");
        let again = import(&root, &copy, &query, "application/octet-stream", &text).await;
        assert_eq!(counts(&again.body), [n, 0, n, 0], "{}", again.body);
        assert_eq!(kinds, of(root.get(&path).await.body["items"].take()), "{format}");
    }
}
