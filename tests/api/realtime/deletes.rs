//! Deletes, and what goes or changes with them.

use serde_json::{Value, json};

use super::Bench;

/// Teams, their notes, and links between notes.
async fn teams(bench: &Bench, rule: &str) {
    let fields = json!([
        {"name": "name", "type": "text"},
        {"name": "owner", "type": "relation", "collectionId": "_pb_users_auth_"},
        {"name": "open", "type": "bool"},
    ]);
    let teams = bench.collection("teams", json!({"fields": fields})).await;
    let note = |extra: Value| {
        let mut fields = vec![
            json!({"name": "title", "type": "text"}),
            json!({"name": "team", "type": "relation", "collectionId": teams,
                "cascadeDelete": true}),
        ];
        fields.push(extra);
        json!({"fields": fields, "listRule": rule, "viewRule": rule})
    };
    let text = json!({"name": "text", "type": "text"});
    let notes = bench.collection("notes", note(text)).await;
    let links = json!({"name": "notes", "type": "relation", "collectionId": notes,
        "maxSelect": 9});
    let form = json!({"fields": [{"name": "title", "type": "text"}, links]});
    bench.collection("lists", form).await;
}

async fn note(bench: &Bench, title: &str, team: &str) -> String {
    bench.create("notes", json!({"title": title, "team": team})).await
}

#[tokio::test]
async fn r11_what_a_delete_takes_along_and_what_it_mends_is_told_before_it() {
    let bench = Bench::new().await;
    teams(&bench, "").await;
    let team = bench.create("teams", json!({"name": "t"})).await;
    let other = bench.create("teams", json!({"name": "o"})).await;
    let a = note(&bench, "a", &team).await;
    let b = note(&bench, "b", &other).await;
    let list = bench.create("lists", json!({"title": "l", "notes": [a, b]})).await;
    let topics = ["teams/*", "notes/*", "lists/*"];
    let mut stream = bench.stream(&bench.app.guest(), &topics).await;
    bench.delete("teams", &team).await;
    let told = bench.told(&mut stream).await;
    let short: Vec<(&str, &str)> = told.iter().map(|m| (m.topic.as_str(), m.action())).collect();
    assert_eq!(short, [("lists/*", "update"), ("notes/*", "delete"), ("teams/*", "delete")]);
    assert_eq!((&told[0].record()["id"], &told[0].record()["notes"]), (&json!(list), &json!([b])));
    assert_eq!(
        (&told[1].record()["title"], &told[1].record()["team"]),
        (&json!("a"), &json!(team))
    );
}

#[tokio::test]
async fn r11_a_delete_is_told_though_its_rule_needs_a_parent_that_goes_too() {
    let bench = Bench::new().await;
    teams(&bench, "team.owner = @request.auth.id").await;
    let (ann, bob) = (bench.app.user("ann").await, bench.app.user("bob").await);
    let mut anns = bench.stream(&ann, &["notes/*"]).await;
    let mut bobs = bench.stream(&bob, &["notes/*"]).await;
    // By the cascade.
    let team = bench.create("teams", json!({"owner": ann.id})).await;
    note(&bench, "a", &team).await;
    assert_eq!(bench.short(&mut anns, "title").await, "create a");
    bench.delete("teams", &team).await;
    // By a batch.
    let team = bench.create("teams", json!({"owner": ann.id})).await;
    let id = note(&bench, "b", &team).await;
    assert_eq!(bench.short(&mut anns, "title").await, "delete a, create b");
    let (note_path, team_path) = (format!("notes/records/{id}"), format!("teams/records/{team}"));
    let both = [("DELETE", note_path.as_str(), json!({})), ("DELETE", &team_path, json!({}))];
    assert_eq!(bench.batch(&both).await.status, 200);
    assert_eq!(bench.short(&mut anns, "title").await, "delete b");
    // By its own delete, and the parent's right behind it.
    let team = bench.create("teams", json!({"owner": ann.id})).await;
    let id = note(&bench, "c", &team).await;
    assert_eq!(bench.short(&mut anns, "title").await, "create c");
    bench.delete("notes", &id).await;
    bench.delete("teams", &team).await;
    assert_eq!(bench.short(&mut anns, "title").await, "delete c");
    assert_eq!(bench.short(&mut bobs, "title").await, "");
}

#[tokio::test]
async fn r11_an_expansion_of_what_goes_is_shown_as_it_was() {
    let bench = Bench::new().await;
    teams(&bench, "").await;
    let team = bench.create("teams", json!({"name": "t"})).await;
    note(&bench, "a", &team).await;
    let topic = super::options("notes/*", &json!({"query": {"expand": "team"}}));
    let mut stream = bench.stream(&bench.app.guest(), &[&topic]).await;
    bench.delete("teams", &team).await;
    let told = bench.told(&mut stream).await;
    assert_eq!(told[0].record()["expand"]["team"]["name"], "t", "{told:?}");
}

#[tokio::test]
async fn r11_the_notes_of_a_user_who_goes_are_told_to_those_who_stay() {
    let bench = Bench::new().await;
    teams(&bench, "team.open = true").await;
    bench.change("users", json!({"listRule": ""})).await;
    let fields = bench.root.get("/api/collections/teams").await.body["fields"].clone();
    let mut fields: Vec<Value> = serde_json::from_value(fields).expect("fields");
    for field in &mut fields {
        if field["name"] == "owner" {
            field["cascadeDelete"] = json!(true);
        }
    }
    bench.change("teams", json!({"fields": fields})).await;
    let ann = bench.app.user("ann").await;
    let team = bench.create("teams", json!({"owner": ann.id, "open": true})).await;
    note(&bench, "a", &team).await;
    let topics = ["users/*", "teams/*", "notes/*"];
    let mut stream = bench.stream(&bench.app.guest(), &topics).await;
    bench.delete("users", &ann.id).await;
    let told = bench.told(&mut stream).await;
    let topics: Vec<&str> = told.iter().map(|message| message.topic.as_str()).collect();
    assert_eq!(topics, ["notes/*", "teams/*", "users/*"]);
}

#[tokio::test]
async fn truncating_tells_of_every_record() {
    let bench = Bench::new().await;
    teams(&bench, "").await;
    for title in ["a", "b", "c"] {
        note(&bench, title, "").await;
    }
    let mut stream = bench.stream(&bench.app.guest(), &["notes/*"]).await;
    let answer = bench.root.delete("/api/collections/notes/truncate").await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    let told = bench.told(&mut stream).await;
    let actions: Vec<&str> = told.iter().map(|message| message.action()).collect();
    assert_eq!(actions, ["delete", "delete", "delete"]);
}
