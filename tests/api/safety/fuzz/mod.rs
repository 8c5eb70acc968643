//! 100,000 texts as clients could send them: none makes the server fail, and no byte of them
//! becomes SQL.

mod sql;
mod texts;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use greenroom::clock::DateTime;
use greenroom::query::{
    AuthRecord, Caller, Expand, Page, Predicate, Projection, ReadPlan, RequestContext, Sort,
    check_rule, client_filter, client_sort, count, select,
};
use greenroom::schema::Schema;
use greenroom::sql::Statement;
use greenroom::store::{Cost, Store, Tx};
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use crate::support::{Caller as Client, Dice, TestApp};
use sql::Vocabulary;
use texts::Texts;

/// Texts of all seeds together.
const TEXTS: usize = 100_000;
/// Texts looked at in one read.
const CHUNK: usize = 500;
/// Texts that also travel by HTTP.
const SENT: usize = 1_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_text_of_a_client_does_harm() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    build(&root).await;
    let schema = app.app.schema.load();
    let seeds = Dice::seeds([11, 12, 13]);
    let each = TEXTS / seeds.len() + 1;
    let work = seeds.iter().map(|&seed| {
        println!("GREENROOM_SEED={seed}");
        let (store, schema) = (app.app.store.clone(), Arc::clone(&schema));
        tokio::task::spawn_blocking(move || look_at(&store, &schema, seed, each))
    });
    let mut run = 0;
    for one in work.collect::<Vec<_>>() {
        run += one.await.expect("no text makes it panic");
    }
    // Most are nonsense, but not all.
    assert!(run > TEXTS / 20, "only {run} of {TEXTS} texts became statements");
    for seed in seeds {
        send(&app, &root, seed, SENT / 4).await;
    }
}

/// Looks at texts; gives back how many became statements that ran.
fn look_at(store: &Store, schema: &Arc<Schema>, seed: u64, texts: usize) -> usize {
    let mut dice = Dice::new(seed);
    let mut run = 0;
    for _ in 0..texts.div_ceil(CHUNK) {
        let chunk_seed = dice.next();
        let schema = Arc::clone(schema);
        run += store
            .read_blocking(Cost::Unbounded, move |tx| Ok(chunk(tx, &schema, seed, chunk_seed)))
            .expect("the store reads");
    }
    run
}

fn chunk(tx: &Tx<'_>, schema: &Arc<Schema>, seed: u64, chunk_seed: u64) -> usize {
    let mut dice = Dice::new(chunk_seed);
    let (texts, words) = (Texts::new(schema), Vocabulary::new(schema));
    let mut run = 0;
    for _ in 0..CHUNK {
        let text = texts.draw(&mut dice);
        let collection = dice.pick(&["posts", "people", "tags", "shown"]);
        let caller = dice.below(3);
        let looked =
            catch_unwind(AssertUnwindSafe(|| one(tx, schema, &words, &text, collection, caller)));
        run += looked.unwrap_or_else(|_| panic!("seed {seed}: {caller} {collection} {text:?}"));
    }
    run
}

/// Takes one text for everything that a text may be.
fn one(
    tx: &Tx<'_>,
    schema: &Arc<Schema>,
    words: &Vocabulary,
    text: &str,
    collection: &str,
    caller: usize,
) -> usize {
    let collection = schema.find(collection).expect("the collection");
    let mut cx = RequestContext::new(who(schema, caller), "GET", DateTime::from_unix_ms(0));
    cx.query = vec![("q".to_owned(), text.to_owned())];
    cx.headers = vec![("x_text".to_owned(), text.to_owned())];
    cx.body.insert("title".to_owned(), json!(text));
    cx.body.insert("tags".to_owned(), json!([text]));
    let mut statements = Vec::new();
    let mut plan = ReadPlan::new(Arc::clone(collection), vec!["id".to_owned()]);
    plan.limit = Some(30);
    if let Ok(predicate) = client_filter(schema, collection, text, &cx) {
        let plan = ReadPlan { predicates: vec![predicate], ..plan.clone() };
        statements.push(select(&plan, tx.dialect()));
        statements.push(count(&plan, tx.dialect()));
    }
    if let Ok(sort) = client_sort(schema, collection, text, &cx) {
        let plan = ReadPlan { sort, ..plan.clone() };
        statements.push(select(&plan, tx.dialect()));
    }
    let _ = check_rule(schema, collection, text);
    let by_text = vec![Predicate::by_id(text), Predicate::list_meets("id", vec![text.to_owned()])];
    let by_id = ReadPlan { predicates: by_text, sort: Sort::default(), ..plan };
    let _ = Page::parse(Some(text), Some(text), Some(text));
    for node in Expand::parse(text) {
        let _ = node.back_relation();
    }
    if let Ok(Some(projection)) = Projection::parse(text) {
        projection.apply(&mut sample());
    }
    let run = usize::from(!statements.is_empty());
    if run > 0 || text.len().is_multiple_of(16) {
        statements.push(select(&by_id, tx.dialect()));
    }
    statements.iter().for_each(|statement| check(tx, words, statement));
    run
}

fn check(tx: &Tx<'_>, words: &Vocabulary, statement: &Statement) {
    if let Some(strange) = words.strange(&statement.text) {
        panic!("{strange:?} is no word of ours: {}", statement.text);
    }
    let ran = tx.query(statement, |_| Ok(()));
    assert!(ran.is_ok(), "{ran:?}\n{}\n{:?}", statement.text, statement.params);
}

fn who(schema: &Schema, caller: usize) -> Caller {
    let record = |collection: &str| {
        let collection = schema.find(collection).expect("the collection");
        Arc::new(AuthRecord {
            collection_id: collection.id.clone(),
            collection_name: collection.name.clone(),
            id: "people000000001".to_owned(),
            ..AuthRecord::default()
        })
    };
    match caller {
        0 => Caller::Guest,
        1 => Caller::Record(record("people")),
        _ => Caller::Superuser(record("_superusers")),
    }
}

fn sample() -> Value {
    json!({"id": "a", "title": "<p>Some <b>text</b></p>", "tags": ["x", "y"],
        "meta": {"a": {"b": [1, {"c": "d"}]}}, "expand": {"author": {"name": "n"}}})
}

/// Sends texts where a request may hold any: in the path, the parameters, the body.
async fn send(app: &TestApp, root: &Client, seed: u64, requests: usize) {
    let mut dice = Dice::new(seed ^ 0x5e4d);
    let schema = app.app.schema.load();
    let texts = Texts::new(&schema);
    for at in 0..requests {
        let mut text = || texts.draw(&mut dice);
        let query: Vec<(&str, String)> = ["filter", "sort", "expand", "fields", "page"]
            .into_iter()
            .zip([text(), text(), text(), text(), "1".to_owned()])
            .collect();
        let query = Serializer::new(String::new()).extend_pairs(query).finish();
        let escaped: String = url::form_urlencoded::byte_serialize(text().as_bytes()).collect();
        let escaped = escaped.replace('+', "%20");
        let records = "/api/collections/posts/records";
        let body = json!({"title": text(), "id": text(), text(): text(), "author": text()});
        let client = if at % 2 == 0 { root } else { &app.guest() };
        for (method, path, body) in [
            ("GET", format!("{records}?{query}"), None),
            ("GET", format!("{records}/{escaped}"), None),
            ("GET", format!("/api/collections/{escaped}/records?{query}"), None),
            ("POST", records.to_owned(), Some(&body)),
        ] {
            let answer = client.raw(method, &path, body).await;
            assert!(answer.status < 500, "seed {seed}: {method} {path} {body:?}\n{answer:?}");
        }
    }
}

fn relation(name: &str, to: &str, most: usize) -> Value {
    json!({"name": name, "type": "relation", "collectionId": to, "maxSelect": most})
}

/// Collections with every way from one to another, and a few records.
async fn build(root: &Client) {
    let text = |name: &str| json!({"name": name, "type": "text"});
    for (name, kind, list_rule, fields) in [
        ("people", "auth", "id != ''", vec![text("name")]),
        ("tags", "base", "label != 'x' || posts_via_tags.title ?!= ''", vec![text("label")]),
        (
            "posts",
            "base",
            "",
            vec![
                text("title"),
                json!({"name": "secret", "type": "text", "hidden": true}),
                json!({"name": "num", "type": "number"}),
                json!({"name": "public", "type": "bool"}),
                json!({"name": "meta", "type": "json"}),
                json!({"name": "loc", "type": "geoPoint"}),
                json!({"name": "when", "type": "date"}),
                json!({"name": "opts", "type": "select", "values": ["x", "y"], "maxSelect": 2}),
                json!({"name": "files", "type": "file", "maxSelect": 3}),
                relation("author", "people00000000c", 1),
                relation("tags", "tags0000000000c", 9),
            ],
        ),
    ] {
        let id = format!("{name:0<14}c");
        let mut made = json!({"id": id, "name": name, "type": kind, "listRule": null});
        made["fields"] = json!(fields);
        let made = root.post("/api/collections", made).await;
        assert_eq!(made.status, 200, "{}", made.body);
        if name == "posts" {
            let rules = [("people", "id != ''"), ("tags", "posts_via_tags.title ?!= 'x'")];
            for (name, rule) in rules {
                let path = format!("/api/collections/{name}");
                let changed = root.patch(&path, json!({"listRule": rule})).await;
                assert_eq!(changed.status, 200, "{} {list_rule}", changed.body);
            }
            let open = json!({"listRule": "", "createRule": ""});
            assert_eq!(root.patch("/api/collections/posts", open).await.status, 200);
        }
    }
    let query = "SELECT posts.id, posts.title, posts.meta, posts.author, posts.tags FROM posts";
    let view = json!({"name": "shown", "type": "view", "listRule": "", "viewQuery": query});
    assert_eq!(root.post("/api/collections", view).await.status, 200);
    for row in 0..4 {
        let id = format!("tags{row:0>11}");
        let tag = json!({"id": id, "label": format!("L{row}")});
        assert_eq!(root.post("/api/collections/tags/records", tag).await.status, 200);
        let post = json!({"title": format!("T{row}"), "num": row, "tags": [id],
            "meta": {"a": {"b": [1, row]}}, "opts": ["x"], "when": "2024-05-06"});
        assert_eq!(root.post("/api/collections/posts/records", post).await.status, 200);
    }
}
