//! The store from outside: what its invariants promise.

mod fields;
mod folder;
mod language;
mod reads;
mod writes;

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tempfile::TempDir;

use crate::error::{Error, Result};
use crate::sql::{Statement, Value, ValueRef};
use crate::store::{Cost, Store, StoreError, StoreOptions, Tx};

/// Counts far enough to take longer than any limit of these tests.
const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
                       SELECT count(*) FROM n WHERE i < 1000000000";

fn open() -> (TempDir, Store) {
    open_with(|_| {})
}

/// A store on a fresh folder, with the table most tests use.
fn open_with(change: impl FnOnce(&mut StoreOptions)) -> (TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let mut options = StoreOptions::new(dir.path());
    change(&mut options);
    let store = Store::open(&options).unwrap();
    script(&store, "CREATE TABLE notes (id INTEGER PRIMARY KEY, slug TEXT UNIQUE)").unwrap();
    (dir, store)
}

fn script(store: &Store, sql: &'static str) -> Result<()> {
    store.write_blocking(move |tx| Ok(tx.execute_script(sql)?))
}

fn insert(tx: &Tx<'_>, slug: &str) -> Result<()> {
    let text = "INSERT INTO notes (slug) VALUES (?1)";
    tx.execute(&Statement::new(text, vec![Value::from(slug)]))?;
    Ok(())
}

fn write(store: &Store, slug: &str) -> Result<()> {
    let slug = slug.to_owned();
    store.write_blocking(move |tx| insert(tx, &slug))
}

/// The first value of the first row.
fn value(tx: &Tx<'_>, sql: &str) -> Result<Value> {
    let statement = Statement::new(sql, vec![]);
    Ok(tx.query_one(&statement, |row| Ok(row.get(0).to_value()))?.unwrap_or_default())
}

fn ask(store: &Store, cost: Cost, sql: &'static str) -> Result<Value> {
    store.read_blocking(cost, move |tx| value(tx, sql))
}

fn count(tx: &Tx<'_>) -> Result<i64> {
    let statement = Statement::new("SELECT count(*) FROM notes", vec![]);
    let count = tx.query_one(&statement, |row| match row.get(0) {
        ValueRef::Int(count) => Ok(count),
        other => panic!("{other:?} is no count"),
    })?;
    Ok(count.unwrap_or_default())
}

fn count_of(store: &Store) -> i64 {
    store.read_blocking(Cost::Bounded, count).unwrap()
}

fn reason(error: &Error) -> &StoreError {
    StoreError::below(error).unwrap_or_else(|| panic!("no error of the store: {error:?}"))
}

/// Polls once, which is when a job is queued; whoever awaits it later is woken as usual.
fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}
