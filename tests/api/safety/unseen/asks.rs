//! The questions: requests in the language, among them all that would read what is hidden.

use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::world::{COLLECTIONS, Kind, ROWS, id};
use crate::support::Dice;

/// A request by one of the callers.
#[derive(Debug)]
pub struct Ask {
    pub caller: usize,
    pub method: &'static str,
    pub path: String,
    pub body: Option<Value>,
    /// The record it makes, which goes again.
    pub makes: Option<String>,
}

const OPERATORS: [&str; 16] = [
    "=", "!=", ">", ">=", "<", "<=", "~", "!~", "?=", "?!=", "?>", "?>=", "?<", "?<=", "?~", "?!~",
];
const LITERALS: [&str; 22] = [
    "''",
    "null",
    "true",
    "false",
    "0",
    "1",
    "2",
    "7",
    "-1.5",
    "'alpha'",
    "'bravo'",
    "'a%'",
    "'%@example.com'",
    "'alpha4@example.com'",
    "'z'",
    "'x'",
    "'[\"x\"]'",
    "'2024-05-06 07:08:09.123Z'",
    // Not @now: the two servers are asked one after the other.
    "@yearStart",
    "@year",
    "'$'",
    "'tags0000000000005'",
];
/// Beside the fields of the rounds.
const OTHER_FIELDS: [&str; 10] = [
    "id",
    "open",
    "owner",
    "code",
    "password",
    "tokenKey",
    "emailVisibility",
    "verified",
    "collectionName",
    "nope",
];

impl Ask {
    /// Draws one; `number` tells records apart that are made.
    pub fn draw(dice: &mut Dice, number: usize) -> Self {
        let caller = dice.below(3);
        let collection = if dice.once_in(12) { "shown" } else { dice.pick(&COLLECTIONS).0 };
        let records = format!("/api/collections/{collection}/records");
        let row = id(collection, dice.below(ROWS));
        let plain = |method, path, body| Self { caller, method, path, body, makes: None };
        match dice.below(20) {
            0 | 1 => {
                plain("GET", with_query(&format!("{records}/{row}"), shape(dice, collection)), None)
            }
            2 => {
                let body = Some(body(dice, collection));
                plain(
                    "PATCH",
                    with_query(&format!("{records}/{row}"), shape(dice, collection)),
                    body,
                )
            }
            3 => {
                let mut body = body(dice, collection);
                let id = format!("made{number:0>11}");
                body["id"] = json!(id);
                let makes = Some(format!("{records}/{id}"));
                let path = with_query(&records, shape(dice, collection));
                Self { caller, method: "POST", path, body: Some(body), makes }
            }
            4 => {
                let url = with_query(&records, shape(dice, collection));
                let mut upsert = body(dice, collection);
                upsert["id"] = json!(row);
                let change = format!("{records}/{}", id(collection, dice.below(ROWS)));
                let requests = json!([
                    {"method": "PUT", "url": url, "body": upsert},
                    {"method": "PATCH", "url": with_query(&change, shape(dice, collection)),
                        "body": body(dice, collection)},
                ]);
                plain("POST", "/api/batch".to_owned(), Some(json!({"requests": requests})))
            }
            _ => plain("GET", with_query(&records, list(dice, collection)), None),
        }
    }
}

type Pairs = Vec<(&'static str, String)>;

fn with_query(path: &str, pairs: Pairs) -> String {
    let query = Serializer::new(String::new()).extend_pairs(pairs).finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// `expand` and `fields`.
fn shape(dice: &mut Dice, collection: &str) -> Pairs {
    let mut pairs = Vec::new();
    if dice.once_in(2) {
        let paths: Vec<String> = (0..=dice.below(3)).map(|_| expand(dice, collection)).collect();
        pairs.push(("expand", paths.join(",")));
    }
    if dice.once_in(5) {
        let fields = dice.pick(&[
            "id",
            "*",
            "*,expand.author.name",
            "id,expand.*.email",
            "note:excerpt(3,true),rank,expand",
            "*:excerpt(2)",
            "id,code,tokenKey,password",
        ]);
        pairs.push(("fields", fields.to_owned()));
    }
    pairs
}

fn list(dice: &mut Dice, collection: &str) -> Pairs {
    let mut pairs = shape(dice, collection);
    if !dice.once_in(6) {
        pairs.push(("filter", filter(dice, collection, 2)));
    }
    if dice.once_in(2) {
        let key = |dice: &mut Dice| {
            let sign = dice.pick(&["", "-", "+"]);
            let name = if dice.once_in(12) { "@rowid".to_owned() } else { path(dice, collection) };
            format!("{sign}{name}")
        };
        let keys: Vec<String> = (0..=dice.below(2)).map(|_| key(dice)).collect();
        pairs.push(("sort", keys.join(",")));
    }
    if dice.once_in(3) {
        pairs.push(("perPage", (1 + dice.below(4)).to_string()));
        pairs.push(("page", (1 + dice.below(2)).to_string()));
    }
    if dice.once_in(4) {
        pairs.push(("skipTotal", "1".to_owned()));
    }
    pairs
}

fn filter(dice: &mut Dice, collection: &str, depth: usize) -> String {
    if depth == 0 || dice.once_in(3) {
        return leaf(dice, collection);
    }
    let parts: Vec<String> =
        (0..=dice.below(2)).map(|_| filter(dice, collection, depth - 1)).collect();
    format!("({})", parts.join(dice.pick(&[" && ", " || "])))
}

fn leaf(dice: &mut Dice, collection: &str) -> String {
    let left = path(dice, collection);
    let left = match dice.below(16) {
        0 => format!("strftime('%Y', {left})"),
        1 => format!("geoDistance({left}, {left}, 23.3, 42.7)"),
        _ => left,
    };
    let right = if dice.once_in(4) {
        path(dice, collection)
    } else {
        let literal = dice.pick(&LITERALS);
        if dice.once_in(8) { format!("'{}'", id("tags", dice.below(ROWS))) } else { literal.into() }
    };
    let operator = dice.pick(&OPERATORS);
    if dice.once_in(8) {
        format!("{right} {operator} {left}")
    } else {
        format!("{left} {operator} {right}")
    }
}

/// A field, maybe behind relations, forward and back, maybe with a modifier.
fn path(dice: &mut Dice, collection: &str) -> String {
    let mut text = String::new();
    let mut at = collection.to_owned();
    while dice.below(5) < 2 {
        let (name, target) = hop(dice, &at);
        text.push_str(&format!("{name}."));
        at = target;
    }
    let field = if dice.once_in(8) { dice.pick(&OTHER_FIELDS) } else { dice.pick(fields(&at)).0 };
    text.push_str(field);
    text.push_str(match dice.below(20) {
        0 => ":lower",
        1 => ":length",
        2 => ":each",
        3 => dice.pick(&[":isset", ":changed", ":nope"]),
        4 => dice.pick(&[".a.b.0", ".k", ".lon", ".lat", ".id"]),
        _ => "",
    });
    text
}

fn expand(dice: &mut Dice, collection: &str) -> String {
    let mut names = Vec::new();
    let mut at = collection.to_owned();
    for _ in 0..=dice.below(3) {
        let (name, target) = hop(dice, &at);
        names.push(name);
        at = target;
    }
    names.join(".")
}

/// A relation from here, by its name, and where it leads.
fn hop(dice: &mut Dice, from: &str) -> (String, String) {
    let from = if from == "shown" { "posts" } else { from };
    let mut hops = vec![("owner".to_owned(), "people".to_owned())];
    for (collection, fields) in COLLECTIONS {
        let mut add = |name: &str, target: &str| {
            if collection == from {
                hops.push((name.to_owned(), target.to_owned()));
            }
            if target == from {
                hops.push((format!("{collection}_via_{name}"), collection.to_owned()));
            }
        };
        for (name, kind) in fields {
            if let Kind::One(target) | Kind::Many(target) = kind {
                add(name, target);
            }
        }
        add("owner", "people");
        if collection == "facts" {
            add("post", "posts");
        }
    }
    dice.pick(&hops)
}

fn fields(collection: &str) -> &'static [(&'static str, Kind)] {
    let name = if collection == "shown" { "posts" } else { collection };
    COLLECTIONS.iter().find(|(other, _)| *other == name).map_or(&[], |(_, fields)| fields)
}

/// What a client writes; `open` and `owner` stay, so that nothing opens.
fn body(dice: &mut Dice, collection: &str) -> Value {
    let mut body = json!({});
    for (name, kind) in fields(collection) {
        if *kind == Kind::Email || dice.once_in(2) {
            continue;
        }
        body[*name] = match kind {
            Kind::One(target) => json!(id(target, dice.below(ROWS))),
            Kind::Many(target) => json!([id(target, dice.below(ROWS))]),
            Kind::Number => json!(dice.below(9)),
            Kind::Options => json!(["y"]),
            _ => json!("bravo"),
        };
    }
    body
}
