//! The store from outside: what its invariants promise.

use tempfile::TempDir;

use crate::error::Result;
use crate::sql::{Statement, Value, ValueRef};
use crate::store::{Cost, Store, StoreOptions, Tx};

fn open() -> (TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
    (dir, store)
}

fn notes(store: &Store) {
    store
        .write_blocking(|tx| {
            Ok(tx.execute_script("CREATE TABLE notes (id INTEGER PRIMARY KEY, slug TEXT UNIQUE)")?)
        })
        .unwrap();
}

fn insert(tx: &Tx<'_>, slug: &str) -> Result<()> {
    let text = "INSERT INTO notes (slug) VALUES (?1)";
    tx.execute(&Statement::new(text, vec![Value::from(slug)]))?;
    Ok(())
}

fn count(store: &Store, cost: Cost) -> i64 {
    let count = |tx: &Tx<'_>| {
        tx.query_one(&Statement::new("SELECT count(*) FROM notes", vec![]), |row| {
            let ValueRef::Int(count) = row.get(0) else { panic!("a count is a number") };
            Ok(count)
        })
    };
    store.read_blocking(cost, count).unwrap().unwrap()
}

#[test]
fn what_is_written_is_read_on_both_ways() {
    let (_dir, store) = open();
    notes(&store);
    let before = store.commits();
    store.write_blocking(|tx| insert(tx, "a")).unwrap();
    assert_eq!(store.commits(), before + 1);
    assert_eq!(count(&store, Cost::Bounded), 1);
    assert_eq!(count(&store, Cost::Unbounded), 1);
}

#[test]
fn a_failed_write_leaves_nothing() {
    let (_dir, store) = open();
    notes(&store);
    let failed: Result<()> = store.write_blocking(|tx| {
        insert(tx, "a")?;
        insert(tx, "a")
    });
    assert!(failed.is_err());
    assert_eq!(count(&store, Cost::Bounded), 0);
}
