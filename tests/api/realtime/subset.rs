//! S14: realtime is no second way past the rules. Over generated rules, callers and changes, what
//! a stream is told is what REST answers to the same caller at that commit.
//!
//! A run prints its seed; `GREENROOM_SEED` repeats one, `GREENROOM_ROUNDS` makes it longer.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use greenroom::clock::{Clock, Stopwatch};
use serde_json::{Value, json};

use super::Bench;
use super::bench::{options, record, url_encoded};
use crate::support::{Caller, Message, Stream};

/// How long an ordinary run takes at most, but for its last round.
const LIMIT: Duration = Duration::from_secs(20);

/// The same numbers for the same seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).expect("small")
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }
}

/// Conditions on notes that rules are made of.
const NOTE_RULES: &[&str] = &[
    "public = true",
    "n > 3",
    "n <= 2 || title ~ \"a\"",
    "title != \"\"",
    "owner = @request.auth.id",
    "owner != \"\"",
    "@request.auth.id != \"\"",
    "@request.auth.name = \"x\"",
    "owner.name = \"x\"",
    "team.open = true",
    "team.owner = @request.auth.id",
    "team.owner.name != \"x\"",
    "tags.open ?= true",
    "tags.name = \"a\"",
    "tags:length > 1",
    "secret = \"s\"",
    "secret ~ title",
    "@collection.teams.owner ?= @request.auth.id",
    "created <= @now",
    "kind:each != \"k1\"",
];

const TEAM_RULES: &[&str] =
    &["open = true", "owner = @request.auth.id", "name != \"b\"", "notes_via_team.n ?> 1"];

const USER_RULES: &[&str] = &["id = @request.auth.id", "name = \"x\"", "verified = true"];

/// Filters of callers; some mean nothing to guests.
const FILTERS: &[&str] = &[
    "n > 1",
    "title = \"a\" || n < 4",
    "team.open = true",
    "tags.name ?= \"a\"",
    "owner.name = \"x\"",
    "secret = \"s\"",
    "created > \"2000-01-01\"",
    "n >",
];

fn rule(dice: &mut Dice, from: &[&str]) -> Value {
    let one = |dice: &mut Dice| (*dice.pick(from)).to_owned();
    match dice.roll(10) {
        0 => Value::Null,
        1 | 2 => json!(""),
        3..=6 => json!(one(dice)),
        7 => json!(format!("{} && {}", one(dice), one(dice))),
        8 => json!(format!("{} || {}", one(dice), one(dice))),
        _ => json!(format!("({} || {}) && {}", one(dice), one(dice), one(dice))),
    }
}

/// A stream, and the request it should be like.
struct Eye {
    who: usize,
    stream: Stream,
    collection: &'static str,
    /// One record, or all.
    id: Option<String>,
    filter: &'static str,
    expand: &'static str,
    fields: &'static str,
}

impl Eye {
    fn topic(&self) -> String {
        let topic = format!("{}/{}", self.collection, self.id.as_deref().unwrap_or("*"));
        let mut query = serde_json::Map::new();
        for (key, value) in
            [("filter", self.filter), ("expand", self.expand), ("fields", self.fields)]
        {
            if !value.is_empty() {
                query.insert(key.to_owned(), json!(value));
            }
        }
        if query.is_empty() { topic } else { options(&topic, &json!({"query": query})) }
    }

    /// The record as REST shows it to the caller, if it does.
    async fn asks(&self, caller: &Caller, id: &str) -> Option<Value> {
        if self.id.as_deref().is_some_and(|only| only != id) {
            return None;
        }
        let look = format!("expand={}&fields={}", self.expand, self.fields);
        let mut filter = format!("id = \"{id}\"");
        if !self.filter.is_empty() {
            let _ = write!(filter, " && ({})", self.filter);
        }
        let list = format!("/api/collections/{}/records?", self.collection);
        if self.id.is_none() {
            let list = format!("{list}{look}&filter={}", url_encoded(&filter));
            return caller.get(&list).await.body["items"].get(0).cloned();
        }
        let answer = caller.get(&format!("{}?{look}", record(self.collection, id))).await;
        if answer.status != 200 {
            return None;
        }
        // A view has no filter; the list rule was opened for whoever may view.
        Some(answer.body)
    }
}

struct World {
    bench: Bench,
    dice: Dice,
    callers: Vec<Caller>,
    eyes: Vec<Eye>,
    ids: BTreeMap<&'static str, Vec<String>>,
    made: usize,
    log: Vec<String>,
}

/// For each eye, the records that it sees.
type Seen = Vec<BTreeMap<String, Value>>;

impl World {
    async fn new(seed: u64) -> Self {
        let bench = Bench::new().await;
        let dice = Dice(seed);
        let owner = json!({"name": "owner", "type": "relation", "collectionId": "_pb_users_auth_"});
        let name = json!({"name": "name", "type": "text"});
        let open = json!({"name": "open", "type": "bool"});
        let teams = json!({"fields": [name, open, owner]});
        let teams = bench.collection("teams", teams).await;
        let fields = json!([
            {"name": "title", "type": "text"}, {"name": "n", "type": "number"},
            {"name": "public", "type": "bool"}, owner,
            {"name": "secret", "type": "text", "hidden": true},
            {"name": "team", "type": "relation", "collectionId": teams, "cascadeDelete": true},
            {"name": "tags", "type": "relation", "collectionId": teams, "maxSelect": 9},
            {"name": "kind", "type": "select", "values": ["k1", "k2"], "maxSelect": 2},
            {"name": "created", "type": "autodate", "onCreate": true},
        ]);
        bench.collection("notes", json!({"fields": fields})).await;
        let mut callers = vec![bench.app.guest()];
        let mut users = Vec::new();
        for name in ["ann", "bob", "carl"] {
            let user = bench.app.user(name).await;
            users.push(user.id.clone());
            callers.push(user);
        }
        callers.push(bench.root.clone());
        let ids = BTreeMap::from([("users", users), ("teams", vec![]), ("notes", vec![])]);
        Self { bench, dice, callers, eyes: Vec::new(), ids, made: 0, log: Vec::new() }
    }

    async fn new_rules(&mut self) {
        for (name, from) in [("notes", NOTE_RULES), ("teams", TEAM_RULES), ("users", USER_RULES)] {
            let (list, view) = (rule(&mut self.dice, from), rule(&mut self.dice, from));
            let mut form = json!({"listRule": list, "viewRule": view});
            if name == "users" {
                let manage = rule(&mut self.dice, USER_RULES);
                // An empty manage rule means nothing, and is refused.
                form["manageRule"] = if manage == "" { Value::Null } else { manage };
            }
            self.log.push(format!("{name}: {form}"));
            self.bench.change(name, form).await;
        }
    }

    async fn new_eyes(&mut self) {
        self.eyes.clear();
        for who in 0..self.callers.len() {
            for collection in ["notes", "notes", "teams", "users"] {
                let is_notes = collection == "notes";
                let dice = &mut self.dice;
                let known = &self.ids[collection];
                let id = (!known.is_empty() && dice.chance(30)).then(|| dice.pick(known).clone());
                let filter = if is_notes && id.is_none() && dice.chance(40) {
                    dice.pick(FILTERS)
                } else {
                    ""
                };
                let expand = match (is_notes, dice.roll(4)) {
                    (true, 0) => "team.owner,tags",
                    (true, 1) => "owner",
                    (false, 0) if collection == "teams" => "owner,notes_via_team",
                    _ => "",
                };
                let fields = if dice.chance(20) { "id,title,name,expand" } else { "" };
                let stream = Stream::open(&self.callers[who]).await;
                let eye = Eye { who, stream, collection, id, filter, expand, fields };
                self.bench.follow(&eye.stream, &self.callers[who], &[&eye.topic()]).await;
                self.eyes.push(eye);
            }
        }
    }

    /// What each eye may see now of all that is there.
    async fn seen(&self) -> Seen {
        let mut all = Vec::new();
        for eye in &self.eyes {
            let mut seen = BTreeMap::new();
            for id in &self.ids[eye.collection] {
                if let Some(shown) = eye.asks(&self.callers[eye.who], id).await {
                    seen.insert(id.clone(), shown);
                }
            }
            all.push(seen);
        }
        all
    }

    fn values(&mut self, collection: &str) -> Value {
        let dice = &mut self.dice;
        let text = |dice: &mut Dice| *dice.pick(&["", "a", "b", "x", "s"]);
        let owner = if dice.chance(70) { dice.pick(&self.ids["users"]).as_str() } else { "" };
        match collection {
            "users" => json!({"name": text(dice), "verified": dice.chance(50),
                "emailVisibility": dice.chance(50)}),
            "teams" => json!({"name": text(dice), "open": dice.chance(50), "owner": owner}),
            _ => {
                let teams = &self.ids["teams"];
                let team = |dice: &mut Dice| match teams.len() {
                    0 => String::new(),
                    _ => dice.pick(teams).clone(),
                };
                let tags: BTreeSet<String> = (0..dice.roll(3)).map(|_| team(dice)).collect();
                let tags: Vec<String> = tags.into_iter().filter(|id| !id.is_empty()).collect();
                json!({
                    "title": text(dice), "n": dice.roll(6), "public": dice.chance(50),
                    "owner": owner, "secret": text(dice), "team": team(dice), "tags": tags,
                    "kind": dice.pick(&[vec![], vec!["k1"], vec!["k1", "k2"]]),
                })
            }
        }
    }

    /// Requests of one transaction, each on a record of its own.
    fn requests(&mut self) -> Vec<(&'static str, String, Value)> {
        let count = if self.dice.chance(30) { 3 } else { 1 };
        let mut used = BTreeSet::new();
        let mut requests = Vec::new();
        for _ in 0..count {
            let collection = *self.dice.pick(&["notes", "notes", "notes", "teams", "users"]);
            let known = self.ids[collection].clone();
            let values = self.values(collection);
            let is_new = collection != "users" && (known.len() < 3 || self.dice.chance(35));
            if is_new {
                self.made += 1;
                let id = format!("{}{:0>10}", &collection[..5], self.made);
                let mut values = values;
                values["id"] = json!(id);
                requests.push(("POST", format!("{collection}/records"), values));
                continue;
            }
            let id = self.dice.pick(&known).clone();
            let path = format!("{collection}/records/{id}");
            if used.insert(id) {
                let is_last = collection == "users" && known.len() < 2;
                let goes = !is_last && self.dice.chance(if collection == "users" { 8 } else { 30 });
                requests.push((if goes { "DELETE" } else { "PATCH" }, path, values));
            }
        }
        requests
    }

    /// Changes something, and holds what was told against what REST says.
    async fn step(&mut self) -> (usize, usize) {
        let requests = self.requests();
        for (_, path, values) in requests.iter().filter(|(method, ..)| *method == "POST") {
            let collection = if path.starts_with("notes") { "notes" } else { "teams" };
            let id = values["id"].as_str().expect("an id").to_owned();
            self.ids.get_mut(collection).expect("known").push(id);
        }
        let before = self.seen().await;
        let short: Vec<(&str, &str, Value)> =
            requests.iter().map(|(m, p, v)| (*m, p.as_str(), v.clone())).collect();
        self.log.push(format!("{short:?}"));
        let answer = self.bench.batch(&short).await;
        let was_done = answer.status == 200;
        let mut told = Vec::new();
        for eye in &mut self.eyes {
            told.push(self.bench.told(&mut eye.stream).await);
        }
        let after = self.seen().await;
        let mut counts = (0, 0);
        for (at, messages) in told.iter().enumerate() {
            assert!(was_done || messages.is_empty(), "told though refused: {}", answer.body);
            for (place, message) in messages.iter().enumerate() {
                let id = |message: &Message| message.record()["id"].clone();
                let later = &messages[place + 1..];
                let is_last = later.iter().all(|other| id(other) != id(message));
                let is_brief = short
                    .iter()
                    .any(|(method, _, values)| *method == "POST" && values["id"] == id(message))
                    && !after[at].contains_key(id(message).as_str().expect("an id"));
                // What one transaction wrote more than once is told as each write left it.
                if is_last && !is_brief && !self.is_gone(at, &short) {
                    self.check(at, message, &before[at], &after[at]);
                }
                counts.0 += 1;
                counts.1 += usize::from(message.action() == "delete");
            }
            if was_done && short.len() == 1 && !self.is_gone(at, &short) {
                self.check_none_missing(at, messages, (&before[at], &after[at]), &short);
            }
        }
        if was_done {
            self.forget_what_went().await;
        }
        counts
    }

    /// True when the caller's own record was deleted: who asked before was somebody else.
    fn is_gone(&self, at: usize, requests: &[(&str, &str, Value)]) -> bool {
        let own = &self.callers[self.eyes[at].who].id;
        let is_own = |path: &str| !own.is_empty() && path.ends_with(own.as_str());
        requests.iter().any(|(method, path, _)| *method == "DELETE" && is_own(path))
    }

    fn check(
        &self,
        at: usize,
        message: &Message,
        before: &BTreeMap<String, Value>,
        after: &BTreeMap<String, Value>,
    ) {
        let (eye, shown) = (&self.eyes[at], message.record());
        let id = shown["id"].as_str().expect("an id");
        let known = if message.action() == "delete" { before } else { after };
        assert_eq!(
            known.get(id),
            Some(shown),
            "caller {} on {} is told what REST does not say ({})\n{}",
            eye.who,
            eye.topic(),
            message.action(),
            self.log.join("\n"),
        );
    }

    /// What a change itself wrote, and the caller sees, is told.
    fn check_none_missing(
        &self,
        at: usize,
        messages: &[Message],
        (before, after): (&BTreeMap<String, Value>, &BTreeMap<String, Value>),
        requests: &[(&str, &str, Value)],
    ) {
        let eye = &self.eyes[at];
        for (method, path, values) in requests {
            let mut parts = path.split('/');
            if parts.next() != Some(eye.collection) {
                continue;
            }
            let id = parts.nth(1).or_else(|| values["id"].as_str()).expect("an id");
            let seen = if *method == "DELETE" { before } else { after };
            let is_told = messages.iter().any(|message| message.record()["id"] == id);
            assert!(
                is_told || !seen.contains_key(id),
                "caller {} on {} is not told of {method} {path}\n{}",
                eye.who,
                eye.topic(),
                self.log.join("\n"),
            );
        }
    }

    async fn forget_what_went(&mut self) {
        for (collection, ids) in &mut self.ids {
            let path = format!("/api/collections/{collection}/records?perPage=500&fields=id");
            let list = self.bench.root.get(&path).await.body;
            let there: BTreeSet<&str> = list["items"]
                .as_array()
                .expect("items")
                .iter()
                .filter_map(|item| item["id"].as_str())
                .collect();
            ids.retain(|id| there.contains(id.as_str()));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "what a run of tests is told is no configuration")]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[tokio::test]
async fn s14_what_realtime_tells_is_what_rest_answers() {
    let seed = number("GREENROOM_SEED").unwrap_or(Clock::system().now().unix_ms().unsigned_abs());
    let rounds = number("GREENROOM_ROUNDS").unwrap_or(3);
    println!("GREENROOM_SEED={seed} GREENROOM_ROUNDS={rounds}");
    let mut world = World::new(seed).await;
    let (mut counts, watch) = ((0, 0), Stopwatch::start());
    for _ in 0..rounds {
        // On a busy machine a shorter run is better than a late one.
        if number("GREENROOM_ROUNDS").is_none() && watch.elapsed() > LIMIT {
            break;
        }
        world.log.clear();
        world.new_rules().await;
        world.new_eyes().await;
        for _ in 0..8 {
            let (told, deletes) = world.step().await;
            counts = (counts.0 + told, counts.1 + deletes);
        }
    }
    println!("{} messages, {} of deletes", counts.0, counts.1);
    assert!(counts.0 > 0, "a run that tells nothing shows nothing");
}
