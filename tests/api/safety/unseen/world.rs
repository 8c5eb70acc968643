//! The collections of the test, and what a round makes of them.

use serde_json::{Map, Value, json};

use super::asks::Ask;
use crate::support::{Caller, Dice, Raw, TestApp};

/// Records of each collection. The first are open, the others belong to somebody who never asks.
pub const ROWS: usize = 6;
const OPEN_ROWS: usize = 4;
/// The people who ask; the others only own.
const ASKING: usize = 2;
const PASSWORD: &str = "1234567890";

/// What a field holds, and where it leads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    Text,
    Number,
    Json,
    Options,
    Date,
    Place,
    Email,
    One(&'static str),
    Many(&'static str),
}

/// The collections with the fields that a round gives values, beside `open` and `owner`.
pub const COLLECTIONS: [(&str, &[(&str, Kind)]); 6] = [
    (
        "people",
        &[
            ("name", Kind::Text),
            ("note", Kind::Text),
            ("rank", Kind::Number),
            ("email", Kind::Email),
            ("team", Kind::One("teams")),
        ],
    ),
    (
        "teams",
        &[
            ("name", Kind::Text),
            ("rank", Kind::Number),
            ("members", Kind::Many("people")),
            ("lead", Kind::One("people")),
        ],
    ),
    ("tags", &[("label", Kind::Text), ("note", Kind::Text), ("rank", Kind::Number)]),
    (
        "posts",
        &[
            ("title", Kind::Text),
            ("note", Kind::Text),
            ("rank", Kind::Number),
            ("meta", Kind::Json),
            ("opts", Kind::Options),
            ("at", Kind::Date),
            ("place", Kind::Place),
            ("author", Kind::One("people")),
            ("tags", Kind::Many("tags")),
            ("secrets", Kind::Many("tags")),
        ],
    ),
    (
        "notes",
        &[
            ("text", Kind::Text),
            ("rank", Kind::Number),
            ("post", Kind::One("posts")),
            ("posts", Kind::Many("posts")),
            ("by", Kind::One("people")),
        ],
    ),
    ("facts", &[("text", Kind::Text), ("rank", Kind::Number)]),
];

/// The id of a record.
pub fn id(collection: &str, row: usize) -> String {
    format!("{collection:0<14}{row}")
}

/// Who may read a collection.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Access {
    /// Everybody everything.
    Open,
    /// Everybody the open records.
    Guarded,
    /// Superusers only.
    Closed,
}

/// The rules, hidden fields and values of one collection.
#[derive(Debug)]
struct Part {
    collection: &'static str,
    hidden: Vec<&'static str>,
    rules: Value,
    /// For each row and field what it holds here and there.
    rows: Vec<Vec<(&'static str, [Value; 2])>>,
}

/// Everything that is drawn anew.
#[derive(Debug)]
pub struct Round(Vec<Part>);

impl Round {
    /// Draws one. Values differ where no rule opens them to anybody who asks.
    pub fn draw(dice: &mut Dice) -> Self {
        let part = |&(collection, fields): &(&'static str, &'static [(&'static str, Kind)])| {
            let access = dice.pick(&[
                Access::Open,
                Access::Open,
                Access::Open,
                Access::Guarded,
                Access::Guarded,
                Access::Guarded,
                Access::Guarded,
                Access::Closed,
            ]);
            let names = fields.iter().filter(|(_, kind)| *kind != Kind::Email);
            let hidden: Vec<&str> =
                names.filter(|_| dice.once_in(4)).map(|(name, _)| *name).collect();
            let rows = (0..ROWS).map(|row| {
                let value = |&(name, kind): &(&'static str, Kind)| {
                    let is_seen = match access {
                        Access::Open => true,
                        Access::Guarded => row < OPEN_ROWS,
                        Access::Closed => false,
                    };
                    let is_unseen = !is_seen || hidden.contains(&name) || kind == Kind::Email;
                    let here = kind.value(dice, row);
                    let there = if is_unseen { kind.value(dice, row) } else { here.clone() };
                    (name, [here, there])
                };
                let is_asking = collection == "people" && row < ASKING;
                let of_row = fields.iter().filter(|(_, kind)| !(is_asking && *kind == Kind::Email));
                // Who asks may always read the own record's address; the others' are not shown.
                of_row.map(value).collect()
            });
            let rows = rows.collect();
            let rules = rules(dice, access);
            Part { collection, hidden, rules, rows }
        };
        Self(COLLECTIONS.iter().map(part).collect())
    }

    /// Nothing differs.
    pub fn is_same(&self) -> bool {
        let values = self.0.iter().flat_map(|part| part.rows.iter().flatten());
        values.clone().all(|(_, [here, there])| here == there)
    }
}

fn rules(dice: &mut Dice, access: Access) -> Value {
    let read = |dice: &mut Dice| match access {
        Access::Open => json!(dice.pick(&["", "id != ''", "rank >= 0", "owner.rank >= 0"])),
        Access::Guarded => json!(dice.pick(&[
            "open = true",
            "open = true || owner = @request.auth.id",
            "open = true && rank >= 0",
            "open = true && owner.rank >= 0",
            "open = true && @request.context != 'none'",
            "open = true && @collection.tags.rank ?>= 0",
        ])),
        Access::Closed => Value::Null,
    };
    let is_written = access != Access::Closed && dice.once_in(2);
    let written = |rule: &str| if is_written { json!(rule) } else { Value::Null };
    json!({
        "listRule": read(dice), "viewRule": read(dice),
        "createRule": written(""), "updateRule": written("open = true"), "deleteRule": null,
    })
}

impl Kind {
    /// A value of few, so that questions meet it.
    fn value(self, dice: &mut Dice, row: usize) -> Value {
        match self {
            Self::Text => json!(dice.pick(&["", "alpha", "Bravo", "bravo", "zulu 100%"])),
            Self::Number => json!(dice.pick(&[0, 1, 2, 7, 40])),
            Self::Json => dice.pick(&[
                json!(null),
                json!({"a": {"b": [1, 2]}, "k": "alpha"}),
                json!(["alpha", 7]),
                json!("zulu"),
                json!({"k": "zulu"}),
            ]),
            Self::Options => json!(dice.pick(&[&[] as &[&str], &["x"], &["x", "y"], &["z"]])),
            Self::Date => json!(dice.pick(&["", "2024-05-06 07:08:09.123Z", "2030-01-01"])),
            Self::Place => {
                dice.pick(&[json!({"lon": 0, "lat": 0}), json!({"lon": 23.3, "lat": 42.7})])
            }
            Self::Email => {
                let name = dice.pick(&["alpha", "Bravo", "zulu"]);
                json!(format!("{name}{row}@example.com"))
            }
            Self::One(target) if dice.once_in(4) => json!(if target.is_empty() { "x" } else { "" }),
            Self::One(target) => json!(id(target, dice.below(ROWS))),
            Self::Many(target) => {
                let rows = (0..ROWS).filter(|_| dice.once_in(3));
                rows.map(|row| id(target, row)).collect()
            }
        }
    }

    fn definition(self, name: &str) -> Value {
        let relation = |target: &str, most: usize| {
            let id = format!("{target:0<14}c");
            json!({"name": name, "type": "relation", "collectionId": id, "maxSelect": most})
        };
        match self {
            Self::Text => json!({"name": name, "type": "text"}),
            Self::Number => json!({"name": name, "type": "number"}),
            Self::Json => json!({"name": name, "type": "json"}),
            Self::Options => {
                json!({"name": name, "type": "select", "values": ["x", "y", "z"], "maxSelect": 3})
            }
            Self::Date => json!({"name": name, "type": "date"}),
            Self::Place => json!({"name": name, "type": "geoPoint"}),
            Self::Email => json!({"name": name, "type": "email"}),
            Self::One(target) => relation(target, 1),
            Self::Many(target) => relation(target, 9),
        }
    }
}

/// A server, and who asks it.
pub struct World {
    root: Caller,
    /// A guest and those who signed in.
    callers: Vec<Caller>,
}

impl World {
    pub async fn build(app: &TestApp) -> Self {
        let root = app.superuser().await;
        let batch = json!({"batch": {"enabled": true, "maxRequests": 500, "timeout": 60}});
        assert_eq!(root.patch("/api/settings", batch).await.status, 200);
        for (collection, _) in COLLECTIONS {
            let kind = if collection == "people" { "auth" } else { "base" };
            let made =
                json!({"id": format!("{collection:0<14}c"), "name": collection, "type": kind});
            let made = root.post("/api/collections", made).await;
            assert_eq!(made.status, 200, "{}", made.body);
        }
        for (collection, fields) in COLLECTIONS {
            let path = format!("/api/collections/{collection}");
            let mut all = root.get(&path).await.body["fields"].as_array().expect("fields").clone();
            let own = fields.iter().filter(|(_, kind)| *kind != Kind::Email);
            all.extend(own.map(|(name, kind)| kind.definition(name)));
            all.push(json!({"name": "open", "type": "bool"}));
            all.push(Kind::One("people").definition("owner"));
            let mut indexes = root.get(&path).await.body["indexes"].clone();
            let list = indexes.as_array_mut().expect("indexes");
            list.push(json!(format!("CREATE INDEX {collection}_rank ON {collection} (rank)")));
            list.push(json!(format!("CREATE INDEX {collection}_two ON {collection} (open, rank)")));
            match collection {
                "tags" => all.push(json!({"name": "code", "type": "password"})),
                "facts" => {
                    all.push(Kind::One("posts").definition("post"));
                    list.push(json!("CREATE UNIQUE INDEX facts_post ON facts (post)"));
                }
                "notes" => list.push(json!("CREATE INDEX notes_post ON notes (post, text)")),
                _ => {}
            }
            let changed = root.patch(&path, json!({"fields": all, "indexes": indexes})).await;
            assert_eq!(changed.status, 200, "{}", changed.body);
        }
        let view = json!({
            "name": "shown", "type": "view", "listRule": "", "viewRule": "",
            "viewQuery": "SELECT id, title, note, rank, author FROM posts WHERE open = TRUE",
        });
        assert_eq!(root.post("/api/collections", view).await.status, 200);
        let mut world = Self { callers: vec![app.guest()], root };
        world.fill().await;
        for row in 0..ASKING {
            let email = format!("asking{row}@example.com");
            world.callers.push(app.guest().signed_in("people", &email, PASSWORD).await);
        }
        world
    }

    /// Makes the records, most of whose fields the rounds fill.
    async fn fill(&self) {
        let mut requests = Vec::new();
        for (collection, _) in COLLECTIONS {
            for row in 0..ROWS {
                let mut body = json!({"id": id(collection, row), "open": row < OPEN_ROWS});
                match collection {
                    "people" => {
                        let word = if row < ASKING { "asking" } else { "other" };
                        body["email"] = json!(format!("{word}{row}@example.com"));
                        body["password"] = json!(PASSWORD);
                        body["passwordConfirm"] = json!(PASSWORD);
                    }
                    "tags" => body["code"] = json!("a word that is hashed"),
                    "facts" => body["post"] = json!(id("posts", row)),
                    _ => {}
                }
                requests.push(write("POST", collection, None, body));
            }
        }
        self.batch(requests).await;
        let owned = |collection: &str, row: usize| {
            let owner = if row < OPEN_ROWS { row } else { ROWS - 1 };
            write("PATCH", collection, Some(row), json!({"owner": id("people", owner)}))
        };
        let all = COLLECTIONS.iter().flat_map(|(name, _)| (0..ROWS).map(|row| owned(name, row)));
        self.batch(all.collect()).await;
    }

    async fn batch(&self, requests: Vec<Value>) {
        let done = self.root.post("/api/batch", json!({"requests": requests})).await;
        assert_eq!(done.status, 200, "{}", done.body);
    }

    /// Brings the server into the state of a round; `side` says which values it holds.
    pub async fn play(&self, round: &Round, side: usize) {
        for part in &round.0 {
            let path = format!("/api/collections/{}", part.collection);
            let mut fields = self.root.get(&path).await.body["fields"].clone();
            for field in fields.as_array_mut().expect("fields") {
                let is_system = field["system"] == true;
                if let Some(name) = field["name"].as_str().filter(|_| !is_system) {
                    field["hidden"] = json!(part.hidden.contains(&name));
                }
            }
            let mut change = part.rules.clone();
            change["fields"] = fields;
            let changed = self.root.patch(&path, change).await;
            assert_eq!(changed.status, 200, "{}", changed.body);
            if part.collection == "posts" {
                let is_closed = part.rules["listRule"].is_null();
                let rule = if is_closed { Value::Null } else { json!("") };
                let rules = json!({"listRule": rule, "viewRule": rule});
                let changed = self.root.patch("/api/collections/shown", rules).await;
                assert_eq!(changed.status, 200, "{}", changed.body);
            }
        }
        let mut requests = Vec::new();
        for part in &round.0 {
            for (row, values) in part.rows.iter().enumerate() {
                let pair = |(name, sides): &(&'static str, [Value; 2])| {
                    ((*name).to_owned(), sides[side].clone())
                };
                let body: Map<String, Value> = values.iter().map(pair).collect();
                requests.push(write("PATCH", part.collection, Some(row), Value::Object(body)));
            }
        }
        self.batch(requests).await;
    }

    /// Asks, and removes what was made.
    pub async fn ask(&self, ask: &Ask) -> Raw {
        let answer = self.callers[ask.caller].raw(ask.method, &ask.path, ask.body.as_ref()).await;
        if let Some(made) = &ask.makes {
            self.root.delete(made).await;
        }
        answer
    }
}

fn write(method: &str, collection: &str, row: Option<usize>, body: Value) -> Value {
    let own = row.map(|row| format!("/{}", id(collection, row))).unwrap_or_default();
    let url = format!("/api/collections/{collection}/records{own}");
    let mut request = json!({"method": method, "url": url});
    request["body"] = body;
    request
}
