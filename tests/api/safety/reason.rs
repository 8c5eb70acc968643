//! Why a filter or sort was refused: told to those who ask, and nothing of what they may not see.

use serde_json::json;

use crate::support::{Answer, Caller, TestApp};

const NOTES: &str = "/api/collections/notes/records";

/// Notes that lead to secrets; the secrets' list is closed, and each has fields hidden or not.
async fn fill(root: &Caller) {
    let secrets = json!({"name": "secrets", "fields": [
        {"name": "name", "type": "text"}, {"name": "code", "type": "text", "hidden": true},
    ]});
    let made = root.post("/api/collections", secrets).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let notes = json!({"name": "notes", "listRule": "", "fields": [
        {"name": "title", "type": "text"},
        {"name": "price", "type": "number", "hidden": true},
        {"name": "meta", "type": "json", "hidden": true},
        {"name": "owner", "type": "relation", "collectionId": made.body["id"], "hidden": true},
        {"name": "secret", "type": "relation", "collectionId": made.body["id"]},
    ]});
    let made = root.post("/api/collections", notes).await;
    assert_eq!(made.status, 200, "{}", made.body);
}

async fn asked(caller: &Caller, parameter: &str, text: &str, explain: &str) -> Answer {
    let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    caller.get(&format!("{NOTES}?{parameter}={text}{explain}")).await
}

#[tokio::test]
async fn a_refused_filter_is_explained_to_those_who_ask() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    fill(&root).await;
    let guest = app.guest();
    for (caller, parameter, text, from, to) in [
        (&guest, "filter", "title = 'a' && (title = 'b'", 15, 16),
        (&guest, "filter", "title = 'é😀' && titel = 1", 17, 22),
        (&root, "filter", "title = 1 || titel = 2", 13, 18),
        (&guest, "filter", "title ==== 1", 6, 10),
        (&guest, "sort", "-title,+nope", 7, 12),
        (&root, "sort", "title,@now", 6, 10),
    ] {
        let plain = asked(caller, parameter, text, "").await;
        assert_eq!((plain.status, &plain.body["data"]), (400, &json!({})), "{text}");
        let told = asked(caller, parameter, text, "&explain=1").await;
        assert_eq!((told.status, told.message()), (400, plain.message()), "{text}");
        let issue = &told.body["data"][parameter];
        assert_eq!(issue["params"], json!({"from": from, "to": to}), "{text}: {issue}");
        assert_eq!(issue["code"], "validation_invalid_format");
        assert!(issue["message"].as_str().is_some_and(|text| text.len() > 5), "{issue}");
    }
    let fine = asked(&guest, "filter", "title = ''", "&explain=whatever").await;
    assert_eq!(fine.status, 200, "{}", fine.body);
}

#[tokio::test]
async fn a_reason_is_the_same_for_what_is_hidden_and_what_is_not_there() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    fill(&root).await;
    let guest = app.guest();
    // In each pair the first names what is there, the second something of the same length that
    // is not.
    for (hidden, absent) in [
        ("price", "prize"),
        ("price:lower", "prize:lower"),
        ("price:nope", "prize:nope"),
        ("meta.a.b", "mete.a.b"),
        ("owner.name", "ovner.name"),
        ("owner.id", "ovner.id"),
        ("secret.name", "secret.nome"),
        ("secret.code", "secret.cude"),
        ("secret.notes_via_owner.id", "secret.notes_via_ovner.id"),
        ("notes_via_owner.id", "notes_via_ovner.id"),
        ("secret.notes_via_secret.title", "secret.notes_via_sacret.title"),
    ] {
        for (parameter, before, after) in [
            ("filter", "title='' || ", " = 1"),
            ("filter", "geoDistance(1,", ",1,1) > 1"),
            ("filter", "1 ?~ ", ""),
            ("sort", "title,-", ""),
        ] {
            let ask = async |name: &str| {
                let text = format!("{before}{name}{after}");
                let answer = asked(&guest, parameter, &text, "&explain=1").await;
                assert_eq!(answer.status, 400, "{text}");
                assert!(answer.body["data"][parameter].is_object(), "{text}: {}", answer.body);
                answer.body.to_string()
            };
            assert_eq!(ask(hidden).await.replace(hidden, absent), ask(absent).await, "{hidden}");
        }
    }
}
