//! The letter box of a server with `--dev`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Caller, TestApp};

const PATIENCE: Duration = Duration::from_secs(10);

/// Sets the texts of an auth collection's letters.
pub async fn write_template(
    root: &Caller,
    collection: &str,
    name: &str,
    subject: &str,
    body: &str,
) {
    let change = json!({name: {"subject": subject, "body": body}});
    let answer = root.patch(&format!("/api/collections/{collection}"), change).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// What a collection answers to a request for a letter.
pub async fn ask(caller: &Caller, what: &str, email: &str) -> (u16, Value) {
    let path = format!("/api/collections/users/{what}");
    let answer = caller.post(&path, json!({"email": email})).await;
    (answer.status, answer.body)
}

/// The newest of `count` mails, with what it says; waits for it.
pub async fn mail(root: &Caller, count: usize) -> Value {
    let arrived = async {
        loop {
            let list = root.get("/api/gr/mails").await.body;
            let items = list["items"].as_array().expect("a list").clone();
            if items.len() >= count {
                assert_eq!(items.len(), count, "{list}");
                let id = items[0]["id"].as_str().expect("an id");
                return root.get(&format!("/api/gr/mails/{id}")).await.body;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, arrived).await.expect("the mail arrives")
}

/// Waits until no job is open.
pub async fn settled(root: &Caller) {
    let idle = async {
        loop {
            let mut open = 0;
            for state in ["waiting", "queued", "running"] {
                let jobs = root.get(&format!("/api/gr/jobs?state={state}")).await.body;
                open += jobs["totalItems"].as_i64().expect("a number");
            }
            if open == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, idle).await.expect("the jobs end");
}

/// A server that shows its mails, its superuser, and the user `ada`.
pub async fn server() -> (TestApp, Caller, Caller) {
    let app = TestApp::spawn_dev().await;
    let root = app.superuser().await;
    let ada = app.user("ada").await;
    (app, root, ada)
}

/// The token in the link of a letter.
pub fn link(mail: &Value, page: &str) -> String {
    let text = mail["text"].as_str().expect("a text");
    let (_, rest) = text.split_once(&format!("/_/#/auth/{page}/")).expect("a link");
    rest.split_whitespace().next().expect("a token").to_owned()
}

/// A token as the server would sign it; `claims` replace what it would say, `null` leaves out.
pub fn forge(
    app: &TestApp,
    collection: &str,
    id: &str,
    kind: &str,
    option: &str,
    claims: &Value,
) -> String {
    let schema = app.app.schema.load();
    let collection = schema.find(collection).expect("a collection");
    let tokens = collection.auth().expect("an auth collection").tokens();
    let (_, options) = tokens.into_iter().find(|(name, _)| *name == option).expect("an option");
    let (table, id_text) = (collection.name.clone(), id.to_owned());
    let key = app.app.store.read_blocking(greenroom::store::Cost::Bounded, move |tx| {
        let columns = ["tokenKey"];
        let read = greenroom::sql::write::select_by_id(tx.dialect(), &table, &columns, &id_text);
        tx.query_one(&read, |row| Ok(row.get(0).text().to_owned()))
    });
    let key = key.expect("the store").expect("a record") + options.secret.reveal();
    let mut all = json!({"collectionId": collection.id, "id": id, "type": kind,
        "exp": app.clock.now().unix_secs() + 600});
    for (name, value) in claims.as_object().expect("an object") {
        all[name] = value.clone();
    }
    all.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    let key = jsonwebtoken::EncodingKey::from_secret(key.as_bytes());
    jsonwebtoken::encode(&jsonwebtoken::Header::default(), &all, &key).expect("a token")
}
