//! Collections against a real store: what is saved is there again, what fails leaves nothing.

use serde_json::{Map, Value as Json, json};
use tempfile::TempDir;

use super::*;
use crate::clock::{Clock, DateTime};
use crate::error::{Error, Result};
use crate::files::Files;
use crate::query::{Caller, Page, RequestContext};
use crate::schema::{Collection, Schema};
use crate::settings::SettingsCache;
use crate::sql::{Statement, Value};
use crate::store::{Cost, Store, StoreOptions, Tx};

struct Fixture {
    dir: TempDir,
    store: Store,
    collections: Collections,
}

fn fixture() -> Fixture {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
    let collections = open(&store, dir.path());
    Fixture { dir, store, collections }
}

fn open(store: &Store, dir: &std::path::Path) -> Collections {
    let settings = SettingsCache::open(store, None, Clock::system()).unwrap();
    let files = Files::open(dir, true).unwrap();
    Collections::open(store, &settings, &files, &Clock::system()).unwrap()
}

fn object(json: Json) -> Map<String, Json> {
    let Json::Object(map) = json else { panic!("a body is an object") };
    map
}

fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

impl Fixture {
    fn create(&self, body: Json) -> Result<std::sync::Arc<Collection>> {
        block(self.collections.create(object(body)))
    }

    fn update(&self, name: &str, body: Json) -> Result<std::sync::Arc<Collection>> {
        block(self.collections.update(name, object(body)))
    }

    fn run(&self, text: &'static str) {
        self.store.write_blocking(move |tx| Ok(tx.execute_script(text)?)).unwrap();
    }

    /// The first column of every row, with its type.
    fn column(&self, text: &str) -> Vec<Value> {
        let statement = Statement::new(text, vec![]);
        let read = move |tx: &Tx<'_>| {
            let mut values = Vec::new();
            tx.query(&statement, |row| {
                values.push(row.get(0).to_value());
                Ok(())
            })?;
            Ok(values)
        };
        self.store.read_blocking(Cost::Unbounded, read).unwrap()
    }

    fn names(&self, filter: &str, sort: &str) -> Result<Vec<String>> {
        let query =
            ListQuery { page: Page::default(), filter: filter.to_owned(), sort: sort.to_owned() };
        let cx = RequestContext::new(Caller::Guest, "GET", DateTime::from_unix_ms(0));
        let body = block(self.collections.list(query, &cx))?;
        let json: Json = serde_json::from_slice(&body).unwrap();
        let items = json["items"].as_array().unwrap();
        Ok(items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect())
    }
}

fn data(error: &Error) -> Json {
    serde_json::to_value(error.data()).unwrap()
}

fn text(name: &str) -> Json {
    json!({"name": name, "type": "text"})
}

#[test]
fn a_fresh_folder_has_the_system_collections_and_keeps_them() {
    let fixture = fixture();
    let expected = ["_mfas", "_otps", "_externalAuths", "_authOrigins", "_superusers", "users"];
    assert_eq!(fixture.names("", "").unwrap(), expected);
    let secret = |collections: &Collections| {
        let users = collections.get("users").unwrap();
        users.auth().unwrap().auth_token.secret.reveal().to_owned()
    };
    let before = secret(&fixture.collections);
    fixture.store.close();
    let Fixture { dir, store, collections } = fixture;
    drop((store, collections));
    let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
    let again = open(&store, dir.path());
    assert_eq!(secret(&again), before);
    assert_eq!(again.schema().load().collections().len(), 6);
}

#[test]
fn a_new_collection_has_a_table_with_its_defaults() {
    let fixture = fixture();
    let version = fixture.collections.schema().load().version();
    let fields = json!([
        text("title"),
        {"name": "n", "type": "number"},
        {"name": "tags", "type": "select", "values": ["a", "b"], "maxSelect": 2},
        {"name": "where", "type": "geoPoint"},
    ]);
    let made = fixture.create(json!({"name": "notes", "fields": fields})).unwrap();
    assert!(fixture.collections.schema().load().version() > version);
    assert_eq!(*fixture.collections.get("NOTES").unwrap(), *made);
    fixture.run("INSERT INTO notes DEFAULT VALUES");
    assert_eq!(fixture.column("SELECT tags FROM notes"), [Value::from("[]")]);
    assert_eq!(fixture.column("SELECT \"where\" FROM notes"), [r#"{"lon":0,"lat":0}"#.into()]);
}

#[test]
fn a_refused_collection_leaves_nothing() {
    let fixture = fixture();
    let error = fixture
        .create(json!({"name": "bad", "fields": [text("a")], "listRule": "b = 1"}))
        .unwrap_err();
    assert_eq!(data(&error)["listRule"]["code"], "validation_invalid_rule");
    let index = "CREATE INDEX i ON bad (missing)";
    let error = fixture.create(json!({"name": "bad", "indexes": [index]})).unwrap_err();
    assert_eq!(data(&error)["indexes"]["0"]["code"], "validation_invalid_index_expression");
    let error = fixture.create(json!({"name": "sqlite_foo"})).unwrap_err();
    assert!(error.message().starts_with("Failed to create collection. Raw error: \n"), "{error}");
    assert!(fixture.collections.get("bad").is_err());
    assert!(fixture.column("SELECT id FROM _collections WHERE name = 'bad'").is_empty());
    fixture.create(json!({"name": "bad"})).unwrap();
}

#[test]
fn columns_follow_their_fields_through_renames_and_swaps() {
    let fixture = fixture();
    let fields = json!([text("a"), {"name": "b", "type": "number", "id": "fld_b"}]);
    let made = fixture.create(json!({"name": "upd", "fields": fields})).unwrap();
    fixture.run("INSERT INTO upd (a, b) VALUES ('12', 7)");
    let a = made.field("a").unwrap().id.clone();
    let renamed = json!([
        {"id": a, "name": "b", "type": "text"},
        {"id": "fld_b", "name": "a", "type": "number"},
        {"name": "c", "type": "bool"},
    ]);
    fixture.update("upd", json!({"fields": renamed, "name": "Upd"})).unwrap();
    assert_eq!(fixture.column("SELECT a FROM Upd"), [Value::Int(7)]);
    assert_eq!(fixture.column("SELECT b FROM Upd"), [Value::from("12")]);
    assert_eq!(fixture.column("SELECT c FROM Upd"), [Value::Int(0)]);
    fixture.update("upd", json!({"fields": [], "name": "other"})).unwrap();
    let names = fixture.column("SELECT name FROM pragma_table_info('other')");
    assert_eq!(names, [Value::from("id")]);
}

#[test]
fn one_value_and_many_are_converted() {
    let fixture = fixture();
    let fields =
        |max: i64| json!([{"name": "s", "type": "select", "values": ["x", "y"], "maxSelect": max}]);
    fixture.create(json!({"name": "ev", "fields": fields(2)})).unwrap();
    fixture.run("INSERT INTO ev (s) VALUES ('[\"x\",\"y\"]'), ('[]')");
    fixture.update("ev", json!({"fields": fields(1)})).unwrap();
    assert_eq!(fixture.column("SELECT s FROM ev"), [Value::from("y"), Value::from("")]);
    fixture.update("ev", json!({"fields": fields(2)})).unwrap();
    assert_eq!(fixture.column("SELECT s FROM ev"), [Value::from("[\"y\"]"), Value::from("[]")]);
}

#[test]
fn indexes_follow_their_collection() {
    let fixture = fixture();
    let unique = "CREATE UNIQUE INDEX idx_code ON keep (code)";
    let body = json!({"name": "keep", "fields": [text("code")], "indexes": [unique]});
    fixture.create(body).unwrap();
    fixture.update("keep", json!({"name": "kept"})).unwrap();
    let count = "SELECT tbl_name FROM sqlite_master WHERE name = 'idx_code'";
    assert_eq!(fixture.column(count), [Value::from("kept")]);
    fixture.update("kept", json!({"indexes": null})).unwrap();
    assert!(fixture.column(count).is_empty());
    fixture.run("INSERT INTO kept (code) VALUES ('1'), ('1')");
    let error = fixture.update("kept", json!({"indexes": [unique]})).unwrap_err();
    assert_eq!(data(&error)["indexes"]["0"]["code"], "validation_invalid_index_expression");
    assert!(fixture.collections.get("kept").unwrap().indexes.is_empty());
}

#[test]
fn what_others_point_to_stays() {
    let fixture = fixture();
    let parent = fixture.create(json!({"name": "parent"})).unwrap();
    let link = json!({"name": "p", "type": "relation", "collectionId": parent.id});
    fixture.create(json!({"name": "child", "fields": [link]})).unwrap();
    let error = block(fixture.collections.delete("parent")).unwrap_err();
    let expected = "Failed to delete collection probably due to existing reference in child.";
    assert_eq!(error.message(), expected);
    let error = block(fixture.collections.delete("_mfas")).unwrap_err();
    assert_eq!(error.message(), "Failed to delete collection.");
    block(fixture.collections.delete("child")).unwrap();
    block(fixture.collections.delete("parent")).unwrap();
    assert!(fixture.column("SELECT name FROM sqlite_master WHERE name = 'parent'").is_empty());
    assert_eq!(fixture.collections.schema().load().collections().len(), 6);
}

#[test]
fn what_belonged_to_the_records_of_a_deleted_collection_goes_too() {
    let fixture = fixture();
    fixture.run("INSERT INTO _mfas (collectionRef) VALUES ('_pb_users_auth_'), ('other')");
    block(fixture.collections.delete("users")).unwrap();
    assert_eq!(fixture.column("SELECT collectionRef FROM _mfas"), [Value::from("other")]);
}

#[test]
fn the_list_is_filtered_and_sorted_by_what_it_may_be() {
    let fixture = fixture();
    assert_eq!(fixture.names("type = 'auth'", "-name").unwrap(), ["users", "_superusers"]);
    assert_eq!(fixture.names("system = false", "").unwrap(), ["users"]);
    assert_eq!(fixture.names("name ~ 'OTP'", "").unwrap(), ["_otps"]);
    assert_eq!(fixture.names("created > '2020-01-01'", "name").unwrap().len(), 6);
    for (filter, sort) in [("listRule = ''", ""), ("fields ~ 'a'", ""), ("(", ""), ("", "options")]
    {
        assert!(fixture.names(filter, sort).is_err(), "{filter} {sort}");
    }
}

#[test]
fn truncating_deletes_records_and_not_their_collection() {
    let fixture = fixture();
    fixture.create(json!({"name": "logs"})).unwrap();
    fixture.run("INSERT INTO logs DEFAULT VALUES");
    let delete_all =
        |tx: &Tx<'_>, _: &std::sync::Arc<Schema>, collection: &std::sync::Arc<Collection>| {
            tx.execute(&Statement::new(format!("DELETE FROM {}", collection.name), vec![]))?;
            Ok(())
        };
    block(fixture.collections.truncate("logs", delete_all)).unwrap();
    assert!(fixture.column("SELECT id FROM logs").is_empty());
    let refuse = |_: &Tx<'_>, _: &std::sync::Arc<Schema>, _: &std::sync::Arc<Collection>| {
        Err(Error::bad_request("no"))
    };
    let error = block(fixture.collections.truncate("users", refuse)).unwrap_err();
    assert!(error.message().starts_with("Failed to truncate collection (most likely"));
}

#[test]
fn an_import_is_all_or_nothing_and_keeps_what_is_not_listed() {
    let fixture = fixture();
    let import = |list: Json, delete_missing: bool| {
        let list = list.as_array().unwrap().iter().map(|body| object(body.clone())).collect();
        block(fixture.collections.import(list, delete_missing))
    };
    fixture.create(json!({"name": "a", "fields": [text("x")]})).unwrap();
    let link = json!({"name": "l", "type": "relation", "collectionId": "later"});
    let list = json!([
        {"name": "a", "fields": [text("y"), link]},
        {"id": "later", "name": "b"},
    ]);
    import(list, false).unwrap();
    let names = |name: &str| {
        let collection = fixture.collections.get(name).unwrap();
        collection.fields.iter().map(|field| field.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names("a"), ["y", "l", "id", "x"]);
    let error = import(json!([{"name": "c"}, {"name": "x y"}]), false).unwrap_err();
    let issue = &data(&error)["collections"];
    assert_eq!(issue["code"], "validation_collections_import_failure");
    assert!(fixture.collections.get("c").is_err());
    import(json!([{"name": "a", "fields": [text("y")]}]), true).unwrap();
    assert_eq!(names("a"), ["y", "id"]);
    assert!(fixture.collections.get("b").is_err() && fixture.collections.get("users").is_err());
    assert!(fixture.collections.get("_superusers").is_ok());
    assert!(import(json!([]), false).is_err());
}

#[test]
fn scaffolds_are_whole_collections() {
    let fixture = fixture();
    let json: Json = serde_json::from_slice(&fixture.collections.scaffolds()).unwrap();
    assert_eq!(json["auth"]["fields"].as_array().unwrap().len(), 6);
    assert_eq!(json["view"]["viewQuery"], "");
    let mut body = object(json["auth"].clone());
    body.insert("name".to_owned(), "members".into());
    let made = block(fixture.collections.create(body)).unwrap();
    assert!(made.indexes.iter().all(|index| index.contains("ON `members`")), "{:?}", made.indexes);
}

#[test]
fn a_view_has_the_fields_of_its_query_and_follows_what_it_shows() {
    let fixture = fixture();
    let fields = json!([
        text("title"),
        {"name": "num", "type": "number"},
        {"name": "tags", "type": "select", "values": ["a", "b"]},
    ]);
    let posts = fixture.create(json!({"name": "posts", "fields": fields})).unwrap();
    fixture.run("INSERT INTO posts (title, num, tags) VALUES ('x', 5, 'a')");
    let query = "select num as id, title, tags, count(*) as total from posts; ";
    let view = fixture.create(json!({"name": "v", "type": "view", "viewQuery": query})).unwrap();
    let kinds: Vec<&str> = view.fields.iter().map(|field| field.kind.name()).collect();
    assert_eq!(kinds, ["text", "text", "select", "number"]);
    assert_eq!(fixture.column("SELECT id FROM v"), [Value::from("5")]);

    let mut fields = serde_json::to_value(posts.to_json()).unwrap()["fields"].clone();
    fields[1]["hidden"] = true.into();
    fields[3]["maxSelect"] = 2.into();
    fixture.update("posts", json!({"fields": fields})).unwrap();
    let view = fixture.collections.get("v").unwrap();
    assert!(view.field("title").unwrap().hidden);
    assert!(view.field("tags").unwrap().kind.is_multiple());
    assert_eq!(fixture.column("SELECT tags FROM v"), [Value::from("[\"a\"]")]);

    let error = fixture.update("posts", json!({"fields": []})).unwrap_err();
    assert!(error.message().contains("Raw error"), "{error}");
    assert!(block(fixture.collections.delete("posts")).is_err());
    block(fixture.collections.delete("v")).unwrap();
    block(fixture.collections.delete("posts")).unwrap();
}

#[test]
fn a_query_that_is_no_view_is_refused_whole() {
    let fixture = fixture();
    for query in [
        "select 1",
        "select '' as id",
        "select id from nope",
        "select id, nope from users",
        "select id from users; drop table users",
        "select id from users) x; drop table users; --",
        "select 1 as id union all select 1",
    ] {
        let body = json!({"name": "v", "type": "view", "viewQuery": query});
        let error = fixture.create(body).unwrap_err();
        let code = &data(&error)["viewQuery"]["code"];
        assert_eq!(code, "validation_invalid_view_query", "{query}");
    }
    assert!(fixture.column("SELECT name FROM sqlite_master WHERE type = 'view'").is_empty());
    assert!(fixture.column("SELECT id FROM users").is_empty());
}
