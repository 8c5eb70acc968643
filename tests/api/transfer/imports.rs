//! What an import makes of the rows of a file.

use serde_json::{Value, json};

use crate::support::{Caller, PASSWORD, TestApp};
use crate::transfer::{counts, import, total};

async fn things(app: &TestApp) -> Caller {
    let root = app.superuser().await;
    let fields = json!([
        {"name": "name", "type": "text", "required": true},
        {"name": "n", "type": "number", "max": 100},
        {"name": "ok", "type": "bool"},
        {"name": "when", "type": "date"},
    ]);
    let body = json!({
        "name": "things", "fields": fields,
        "indexes": ["CREATE UNIQUE INDEX idx_things_name ON things (name)"],
    });
    assert_eq!(root.post("/api/collections", body).await.status, 200);
    root
}

async fn names(root: &Caller) -> Vec<String> {
    let list = root.get("/api/collections/things/records?sort=name&perPage=100").await;
    let items = list.body["items"].as_array().expect("items").clone();
    items.iter().map(|item| item["name"].as_str().expect("a name").to_owned()).collect()
}

const CSV: &str =
    "name,n,ok,when\na,1,true,2026-01-02\n,2,no,\nc,many,1,\nd,101,,\na,5,,\nf,6,,soon\ng,7,,\n";

#[tokio::test]
async fn rows_that_are_refused_are_left_out_and_told() {
    let app = TestApp::spawn().await;
    let root = things(&app).await;
    let done = import(&root, "things", "onError=skip&id=mine", "text/csv", CSV).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(counts(&done.body), [7, 2, 0, 5], "{}", done.body);
    assert_eq!(done.body["state"], "done");
    assert_eq!(names(&root).await, ["a", "g"]);
    let errors = done.body["errors"].as_array().unwrap();
    let of = |error: &Value| {
        let (field, issue) = error["data"].as_object().unwrap().iter().next().unwrap();
        (error["row"].as_u64().unwrap(), format!("{field} {}", issue["code"].as_str().unwrap()))
    };
    let expected = [
        (2, "name validation_required"),
        (3, "n validation_not_a_number"),
        (4, "n validation_max_number_constraint"),
        (5, "name validation_not_unique"),
        (6, "when validation_invalid_value"),
    ];
    let mut found: Vec<(u64, String)> = errors.iter().map(of).collect();
    found.sort();
    assert_eq!(found, expected.map(|(row, why)| (row, why.to_owned())));
    let path = "/api/gr/imports/mine/errors";
    let csv = crate::transfer::export(&root, path).await;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "name,n,ok,when,_row,_error");
    assert!(lines.contains(&"c,many,1,,3,n: The submitted number is not properly formatted."));
    assert_eq!(lines.len(), 6);
    let ndjson = crate::transfer::export(&root, &format!("{path}?format=ndjson")).await;
    let first: Value = serde_json::from_str(ndjson.lines().next().unwrap()).unwrap();
    assert!(first["values"].is_object() && first["row"].is_number(), "{first}");
    // The refused rows, mended, can be sent as they are.
    let mended = csv.replace("many", "9").replace("soon", "").replace(",101,", ",10,");
    let again = import(&root, "things", "onError=skip", "text/csv", &mended).await;
    assert_eq!(again.body["ignored"], json!(["_row", "_error"]));
    assert_eq!(names(&root).await, ["a", "c", "d", "f", "g"]);
}

#[tokio::test]
async fn the_first_refused_row_ends_an_import_and_what_came_before_stays() {
    let app = TestApp::spawn().await;
    let root = things(&app).await;
    let csv = "name,n\na,1\nb,2\nb,3\nd,4\n";
    let done = import(&root, "things", "", "text/csv", csv).await;
    assert_eq!(counts(&done.body)[1..], [2, 0, 1], "{}", done.body);
    assert_eq!(done.body["state"], "stopped");
    let message = done.body["message"].as_str().unwrap();
    assert!(message.starts_with("Row 3 was refused: name:"), "{message}");
    assert_eq!(names(&root).await, ["a", "b"]);
    let csv = "name,n\nx,1\ny,none\nz,3\n";
    let done = import(&root, "things", "", "text/csv", csv).await;
    assert_eq!((done.body["state"].clone(), counts(&done.body)[1]), (json!("stopped"), 1));
    assert_eq!(names(&root).await, ["a", "b", "x"]);
}

#[tokio::test]
async fn a_dry_run_tells_the_same_and_keeps_nothing() {
    let app = TestApp::spawn().await;
    let root = things(&app).await;
    let dry = import(&root, "things", "onError=skip&dryRun=true", "text/csv", CSV).await;
    assert_eq!(counts(&dry.body), [7, 2, 0, 5], "{}", dry.body);
    assert_eq!(total(&root, "things").await, 0);
    let since = root.get("/api/collections/things/changes?since=0").await;
    assert_eq!(since.body["changes"], json!([]));
}

#[tokio::test]
async fn a_key_finds_the_records_that_are_there() {
    let app = TestApp::spawn().await;
    let root = things(&app).await;
    for name in ["a", "b"] {
        let body = json!({"name": name, "n": 1, "ok": true});
        root.post("/api/collections/things/records", body).await;
    }
    let csv = "name,n\na,10\nc,30\nb,200\na,\n";
    let done = import(&root, "things", "upsert=name&onError=skip", "text/csv", csv).await;
    assert_eq!(counts(&done.body), [4, 1, 2, 1], "{}", done.body);
    let list = root.get("/api/collections/things/records?sort=name").await;
    let of =
        |at: usize| (list.body["items"][at]["n"].clone(), list.body["items"][at]["ok"].clone());
    assert_eq!(
        [of(0), of(1), of(2)],
        [(0, true), (1, true), (30, false)].map(|(n, ok)| (json!(n), json!(ok)))
    );
}

#[tokio::test]
async fn columns_go_where_the_mapping_says() {
    let app = TestApp::spawn().await;
    let root = things(&app).await;
    let mapping = "mapping=%7B%22Full%20name%22%3A%22name%22%2C%22n%22%3Anull%7D";
    let csv = "Full name,N,n,nope\na,5,7,x\n";
    let done = import(&root, "things", mapping, "text/csv", csv).await;
    assert_eq!(counts(&done.body), [1, 1, 0, 0], "{}", done.body);
    assert_eq!(done.body["ignored"], json!(["n", "nope"]));
    let list = root.get("/api/collections/things/records").await;
    assert_eq!(
        (&list.body["items"][0]["name"], &list.body["items"][0]["n"]),
        (&json!("a"), &json!(5))
    );
    let query = "header=false&format=tsv&mapping=%5Bnull%2C%22name%22%2C%22n%22%5D";
    let done = import(&root, "things", query, "text/plain", "x\tb\t6\nx\tc\t7\n").await;
    assert_eq!(counts(&done.body), [2, 2, 0, 0], "{}", done.body);
    assert_eq!(names(&root).await, ["a", "b", "c"]);
}

#[tokio::test]
async fn json_rows_are_read_and_unreadable_ones_told() {
    let app = TestApp::spawn().await;
    let root = things(&app).await;
    let text =
        "{\"name\":\"a\",\"n\":1}\nnot json\n{\"name\":\"b\",\"n\":\"x\"}\n{\"name\":\"c\"}\n";
    let done = import(&root, "things", "onError=skip", "application/x-ndjson", text).await;
    assert_eq!(counts(&done.body), [4, 2, 0, 2], "{}", done.body);
    let list = r#"[{"name":"d"},{"name":"e","unknown":1}]"#;
    let done = import(&root, "things", "", "application/json", list).await;
    assert_eq!(counts(&done.body), [2, 2, 0, 0], "{}", done.body);
    assert_eq!(done.body["ignored"], json!(["unknown"]));
    let broken = r#"[{"name":"f"},{"name":"g""#;
    let done = import(&root, "things", "", "application/json", broken).await;
    assert_eq!((done.body["state"].clone(), counts(&done.body)[1]), (json!("failed"), 1));
    assert_eq!(names(&root).await, ["a", "c", "d", "e", "f"]);
}

#[tokio::test]
async fn accounts_are_imported_with_and_without_passwords() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let csv = format!(
        "email,name,password,verified\nada@example.com,Ada,{PASSWORD},true\nbob@example.com,Bob,,\n"
    );
    let done = import(&root, "users", "", "text/csv", &csv).await;
    assert_eq!(counts(&done.body), [2, 2, 0, 0], "{}", done.body);
    app.guest().signed_in("users", "ada@example.com", PASSWORD).await;
    for password in ["", "bob", PASSWORD] {
        let body = json!({"identity": "bob@example.com", "password": password});
        let path = "/api/collections/users/auth-with-password";
        assert_eq!(app.guest().post(path, body).await.status, 400);
    }
    let csv = "email,password\nada@example.com,short\n";
    let done = import(&root, "users", "upsert=email", "text/csv", csv).await;
    assert_eq!((counts(&done.body)[3], done.body["state"].clone()), (1, json!("stopped")));
    let csv = "email,name\nada@example.com,Countess\n";
    let done = import(&root, "users", "upsert=email", "text/csv", csv).await;
    assert_eq!(counts(&done.body), [1, 0, 1, 0], "{}", done.body);
    app.guest().signed_in("users", "ada@example.com", PASSWORD).await;
}

#[tokio::test]
async fn what_cannot_begin_is_refused_with_the_parameter_at_fault() {
    let app = TestApp::spawn().await;
    let root = things(&app).await;
    let view = json!({"name": "v", "type": "view", "viewQuery": "SELECT id, name FROM things"});
    assert_eq!(root.post("/api/collections", view).await.status, 200);
    for (collection, query, status, field) in [
        ("nope", "format=csv", 404, ""),
        ("v", "format=csv", 400, ""),
        ("things", "", 400, "format"),
        ("things", "format=xlsx", 400, "format"),
        ("things", "format=csv&upsert=n", 400, "upsert"),
        ("things", "format=csv&mapping=%7B%22a%22%3A%22nope%22%7D", 400, "mapping"),
        ("things", "format=csv&header=0", 400, "mapping"),
        ("things", "format=csv&onError=ask", 400, "onError"),
        ("things", "format=csv&id=a%2Fb", 400, ""),
    ] {
        let answer = import(&root, collection, query, "text/plain", "name\na\n").await;
        assert_eq!(answer.status, status, "{query}: {}", answer.body);
        assert!(field.is_empty() || answer.body["data"][field].is_object(), "{}", answer.body);
    }
    for text in ["nope\na\n", "name,Name\na,b\n"] {
        let done = import(&root, "things", "", "text/csv", text).await;
        assert_eq!(done.body["state"], "failed", "{}", done.body);
    }
    assert_eq!(total(&root, "things").await, 0);
    for (caller, status) in [(app.guest(), 401), (app.user("ada").await, 403)] {
        let answer = import(&caller, "things", "", "text/csv", "name\na\n").await;
        assert_eq!(answer.status, status);
        assert_eq!(caller.get("/api/gr/imports").await.status, status);
        assert_eq!(caller.get("/api/gr/imports/a/errors").await.status, status);
        assert_eq!(caller.delete("/api/gr/imports/a").await.status, status);
    }
    assert_eq!(root.get("/api/gr/imports/nope").await.status, 404);
    assert_eq!(root.delete("/api/gr/imports/nope").await.status, 404);
}

#[tokio::test]
async fn an_import_is_told_to_those_who_follow() {
    let app = TestApp::spawn().await;
    let root = things(&app).await;
    let rows: String = (0..2500).map(|n| format!("{{\"name\":\"t{n:05}\"}}\n")).collect();
    let done = import(&root, "things", "", "application/x-ndjson", &rows).await;
    assert_eq!(counts(&done.body), [2500, 2500, 0, 0], "{}", done.body);
    let changes = root.get("/api/collections/things/changes?since=0&limit=1000").await;
    let changes = changes.body["changes"].as_array().unwrap().clone();
    assert_eq!(changes.len(), 1000);
    let told = |at: usize| changes[at]["record"]["name"].as_str().unwrap().to_owned();
    assert_eq!([told(0), told(999)], ["t00000", "t00999"], "in the order of the file");
}
