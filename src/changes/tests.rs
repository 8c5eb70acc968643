//! The log and the feed over a real store.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use crate::changes::{Action, Before, Changes, Image, Since, Span, Told, Witness};
use crate::clock::Clock;
use crate::config::KeptChanges;
use crate::error::Error;
use crate::schema::{Collection, Schema, system};
use crate::sql::Value;
use crate::store::{Cost, Store, StoreOptions};

struct Blind;

impl Witness for Blind {
    fn listens(&self) -> bool {
        true
    }

    fn before_delete(&self, _: &Image) -> Option<Box<dyn Any + Send>> {
        None
    }

    fn committed(&self, _: &Image) -> Before {
        Before::Nothing
    }
}

struct Bench {
    changes: Changes,
    clock: Clock,
    store: Store,
    schema: Arc<Schema>,
    users: Arc<Collection>,
    _dir: TempDir,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
        let clock = Clock::system();
        let all = system::collections(clock.now()).into_iter().map(Arc::new).collect();
        let schema = Arc::new(Schema::new(1, all));
        let users = Arc::clone(schema.find("users").unwrap());
        Self { changes: Changes::new(clock.clone()), clock, store, schema, users, _dir: dir }
    }

    /// A row whose every text is `text`.
    fn row(&self, text: &str) -> Vec<Value> {
        self.users.fields.iter().map(|_| Value::from(text)).collect()
    }

    fn write(&self, id: &'static str, action: Action) {
        let (changes, schema) = (self.changes.clone(), Arc::clone(&self.schema));
        let (users, row) = (Arc::clone(&self.users), self.row(id));
        let work = move |tx: &crate::store::Tx<'_>| match action {
            Action::Delete => {
                let going = changes.before_delete(tx, &schema, &users, id, row);
                changes.deleted(tx, going)
            }
            _ => changes.written(tx, &schema, &users, id, action, || row),
        };
        self.store.write_blocking(work).unwrap();
    }

    fn since(&self, since: u64, limit: usize) -> Since {
        let (changes, users) = (self.changes.clone(), Arc::clone(&self.users));
        let read = move |tx: &crate::store::Tx<'_>| changes.since(tx, &users, since, limit);
        self.store.read_blocking(Cost::Bounded, read).unwrap().unwrap()
    }

    fn span(&self) -> Span {
        let changes = self.changes.clone();
        self.store.read_blocking(Cost::Bounded, move |tx| changes.span(tx)).unwrap()
    }

    fn trim(&self, age: Duration, rows: u64) -> usize {
        let changes = self.changes.clone();
        let trim = move |tx: &crate::store::Tx<'_>| changes.trim(tx, KeptChanges { age, rows });
        self.store.write_blocking(trim).unwrap()
    }
}

#[test]
fn the_last_change_of_each_record_is_told_in_order() {
    let bench = Bench::new();
    for (id, action) in [
        ("a", Action::Create),
        ("b", Action::Create),
        ("a", Action::Update),
        ("c", Action::Create),
        ("b", Action::Delete),
    ] {
        bench.write(id, action);
    }
    let told = bench.since(0, 100);
    let short: Vec<(u64, Action, &str)> =
        told.changes.iter().map(|c| (c.seq, c.action, c.record.as_str())).collect();
    assert_eq!(
        short,
        [(3, Action::Create, "a"), (4, Action::Create, "c"), (5, Action::Delete, "b")]
    );
    assert_eq!((told.up_to, told.has_more), (5, false));
    let name = bench.users.fields.iter().position(|field| field.name == "name").unwrap();
    assert_eq!(told.changes[2].before.as_ref().unwrap()[name], Value::from("b"));
    let part = bench.since(0, 2);
    assert_eq!((part.changes.len(), part.up_to, part.has_more), (2, 2, true));
}

#[test]
fn no_secret_is_written_down() {
    let bench = Bench::new();
    bench.write("secret-text", Action::Delete);
    let row = bench.since(0, 10).changes.remove(0).before.unwrap();
    for (field, value) in bench.users.fields.iter().zip(&row) {
        let is_secret = matches!(field.name.as_str(), "password" | "tokenKey");
        assert_eq!(value.text() == "secret-text", !is_secret, "{}", field.name);
    }
}

#[test]
fn what_is_rolled_back_is_neither_written_nor_told() {
    let bench = Bench::new();
    let feed = bench.changes.listen(Arc::new(Blind)).unwrap();
    let (changes, schema) = (bench.changes.clone(), Arc::clone(&bench.schema));
    let (users, row) = (Arc::clone(&bench.users), bench.row("x"));
    let failed = bench.store.write_blocking(move |tx| {
        changes.written(tx, &schema, &users, "lost", Action::Create, || row)?;
        Err::<(), _>(Error::bad_request("no"))
    });
    assert!(failed.is_err());
    bench.write("kept", Action::Create);
    assert_eq!(bench.since(0, 10).changes.len(), 1);
    let Some(Told::Change(event)) = feed.next() else { panic!("nothing was told") };
    assert_eq!((event.image.id.as_str(), event.action), ("kept", Action::Create));
}

#[test]
fn trimming_keeps_the_newest_and_numbers_never_come_again() {
    let bench = Bench::new();
    assert_eq!(bench.span(), Span { oldest: 0, newest: 0 });
    assert!(bench.span().covers(0) && !bench.span().covers(1));
    for _ in 0..10 {
        bench.write("a", Action::Update);
    }
    assert_eq!(bench.trim(Duration::from_secs(60), 4), 6);
    assert_eq!(bench.span(), Span { oldest: 7, newest: 10 });
    assert!(bench.span().covers(6) && !bench.span().covers(5) && !bench.span().covers(11));
    bench.clock.advance(Duration::from_secs(61));
    assert_eq!(bench.trim(Duration::from_secs(60), 4), 3);
    bench.write("a", Action::Update);
    assert_eq!(bench.span(), Span { oldest: 10, newest: 11 });
}

#[test]
fn a_transaction_tells_what_it_left() {
    let bench = Bench::new();
    let feed = bench.changes.listen(Arc::new(Blind)).unwrap();
    let (changes, schema, users) =
        (bench.changes.clone(), Arc::clone(&bench.schema), Arc::clone(&bench.users));
    let (first, last) = (bench.row("first"), bench.row("last"));
    let work = move |tx: &crate::store::Tx<'_>| {
        let write = |id, action, row: &[Value]| {
            let row = row.to_vec();
            changes.written(tx, &schema, &users, id, action, || row)
        };
        write("kept", Action::Create, &first)?;
        write("brief", Action::Create, &first)?;
        let undone = tx.savepoint(|_| {
            write("kept", Action::Update, &first)?;
            Err::<(), _>(Error::bad_request("no"))
        });
        assert!(undone.is_err());
        write("kept", Action::Update, &last)?;
        let going = changes.before_delete(tx, &schema, &users, "brief", first.clone());
        changes.deleted(tx, going)
    };
    bench.store.write_blocking(work).unwrap();
    bench.write("after", Action::Create);
    let mut told = Vec::new();
    while told.len() < 5 {
        let Some(Told::Change(event)) = feed.next() else { panic!("something was not told") };
        let name = event.image.get("name").unwrap().text().to_owned();
        told.push((event.image.id, event.action, name));
    }
    let expected = [
        ("kept".to_owned(), Action::Create, "first".to_owned()),
        ("brief".to_owned(), Action::Create, "first".to_owned()),
        ("kept".to_owned(), Action::Update, "last".to_owned()),
        ("brief".to_owned(), Action::Delete, "first".to_owned()),
        ("after".to_owned(), Action::Create, "after".to_owned()),
    ];
    assert_eq!(told, expected);
}
