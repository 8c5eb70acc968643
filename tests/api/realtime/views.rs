//! What a subscription asks for: a filter, fields, relations.

use serde_json::{Value, json};

use super::{Bench, options};

async fn library(bench: &Bench) {
    let authors = json!({
        "viewRule": "name != \"Unseen\"",
        "fields": [{"name": "name", "type": "text"}, {"name": "age", "type": "number",
            "hidden": true}],
    });
    let authors = bench.collection("authors", authors).await;
    let books = json!({"fields": [
        {"name": "title", "type": "text"},
        {"name": "pages", "type": "number"},
        {"name": "secret", "type": "text", "hidden": true},
        {"name": "author", "type": "relation", "collectionId": authors},
    ]});
    bench.collection("books", books).await;
    for (id, name) in [("author000000001", "Seen"), ("author000000002", "Unseen")] {
        bench.create("authors", json!({"id": id, "name": name, "age": 40})).await;
    }
}

fn query(query: &Value) -> String {
    options("books/*", &json!({"query": query}))
}

#[tokio::test]
async fn filters_pick_by_columns_and_by_relations() {
    let bench = Bench::new().await;
    library(&bench).await;
    let topics = [
        query(&json!({"filter": "pages > 100"})),
        query(&json!({"filter": "author.name = \"Seen\""})),
        query(&json!({"filter": "title ~ \"long\" && author.name ~ \"een\""})),
    ];
    let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
    let mut stream = bench.stream(&bench.app.guest(), &topics).await;
    for (title, pages, author, expected) in [
        ("short", 10, "author000000001", "010"),
        ("long", 200, "author000000001", "111"),
        ("long", 200, "author000000002", "1??"),
        ("long", 200, "", "100"),
    ] {
        let book = json!({"title": title, "pages": pages, "author": author});
        let id = bench.create("books", book).await;
        let told = bench.told(&mut stream).await;
        for (at, topic) in topics.iter().enumerate() {
            let count = told.iter().filter(|message| message.topic == *topic).count();
            // A filter over an author whom guests may not see answers what a list would.
            let list = bench.app.guest().get(&list_of(topic, &id)).await;
            assert_eq!(list.body["items"].as_array().map_or(0, Vec::len), count, "{topic}");
            match expected.as_bytes()[at] {
                b'?' => {}
                digit => assert_eq!(count, usize::from(digit - b'0'), "{title} {topic}"),
            }
        }
        bench.delete("books", &id).await;
        assert_eq!(bench.told(&mut stream).await.len(), told.len(), "the delete of {title}");
    }
}

/// The list that a topic with a filter is like, of one record.
fn list_of(topic: &str, id: &str) -> String {
    let (_, text) = topic.split_once("?options=").expect("options");
    let pair = format!("x={text}");
    let text = url::form_urlencoded::parse(pair.as_bytes()).next();
    let options: Value = serde_json::from_str(&text.expect("one").1).expect("JSON");
    let filter = options["query"]["filter"].as_str().expect("a filter");
    let filter = super::bench::url_encoded(&format!("id = \"{id}\" && ({filter})"));
    format!("/api/collections/books/records?filter={filter}")
}

#[tokio::test]
async fn filters_that_reach_too_far_tell_nothing() {
    let bench = Bench::new().await;
    library(&bench).await;
    let topics = [
        query(&json!({"filter": "secret != \"\""})),
        query(&json!({"filter": "author.age > 1"})),
        query(&json!({"filter": "@request.method = \"GET\""})),
        query(&json!({"filter": "@collection.authors.id != \"\""})),
        query(&json!({"filter": "nothing = 1"})),
        query(&json!({"filter": "pages >"})),
    ];
    let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
    let mut guest = bench.stream(&bench.app.guest(), &topics).await;
    let mut root = bench.stream(&bench.root, &topics).await;
    let book = json!({"title": "a", "secret": "s", "author": "author000000001"});
    bench.create("books", book).await;
    assert_eq!(bench.told(&mut guest).await, []);
    let told = bench.told(&mut root).await;
    let told: Vec<&str> = told.iter().map(|message| message.topic.as_str()).collect();
    let mut expected = topics[..4].to_vec();
    expected.sort_unstable();
    let mut sorted = told.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
}

#[tokio::test]
async fn relations_are_shown_as_far_as_their_own_view_rule_opens_them() {
    let bench = Bench::new().await;
    library(&bench).await;
    let topic = query(&json!({"expand": "author"}));
    let mut guest = bench.stream(&bench.app.guest(), &[&topic]).await;
    let mut root = bench.stream(&bench.root, &[&topic]).await;
    for author in ["author000000001", "author000000002"] {
        bench.create("books", json!({"title": "a", "author": author})).await;
    }
    let told = bench.told(&mut guest).await;
    let seen = &told[0].record()["expand"]["author"];
    assert_eq!(seen["name"], "Seen");
    assert!(seen.get("age").is_none(), "{seen}");
    assert!(told[1].record()["expand"].get("author").is_none(), "{:?}", told[1]);
    let told = bench.told(&mut root).await;
    assert_eq!(told[1].record()["expand"]["author"]["age"], 40);
}

#[tokio::test]
async fn fields_pick_what_is_sent() {
    let bench = Bench::new().await;
    library(&bench).await;
    let few = query(&json!({"fields": "title,expand.author.name", "expand": "author"}));
    let short = query(&json!({"fields": "title:excerpt(3)"}));
    let hidden = query(&json!({"fields": "id,secret"}));
    let mut stream = bench.stream(&bench.app.guest(), &[&few, &short, &hidden]).await;
    let book = json!({"id": "book00000000001", "title": "a long one", "secret": "s",
        "author": "author000000001"});
    bench.create("books", book).await;
    let told = bench.told(&mut stream).await;
    let of = |topic: &str| {
        let found = told.iter().find(|message| message.topic == topic);
        found.expect("it is told").record().clone()
    };
    let expected = json!({"title": "a long one", "expand": {"author": {"name": "Seen"}}});
    assert_eq!(of(&few), expected);
    assert_eq!(of(&short), json!({"title": "a l"}));
    assert_eq!(of(&hidden), json!({"id": "book00000000001"}));
}
