//! Snapshots, budgets, limits, schema generations.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

use super::{
    ENDLESS, ask, count, count_of, open, open_with, poll_once, reason, script, value, write,
};
use crate::error::Kind;
use crate::sql::{Statement, Value};
use crate::store::{Cost, Durability, StoreError, Tx};

#[test]
fn what_is_written_is_read_on_both_ways() {
    let (_dir, store) = open();
    let before = store.commits();
    write(&store, "a").unwrap();
    assert_eq!(store.commits(), before + 1);
    for cost in [Cost::Bounded, Cost::Unbounded] {
        assert_eq!(store.read_blocking(cost, count).unwrap(), 1);
    }
}

#[test]
fn all_statements_of_a_read_see_one_snapshot() {
    let (_dir, store) = open();
    for cost in [Cost::Bounded, Cost::Unbounded] {
        let before = count_of(&store);
        let this = store.clone();
        let pair = store.read_blocking(cost, move |tx| {
            let first = count(tx)?;
            // Committed by another connection while this read is open.
            write(&this, &format!("{cost:?}"))?;
            Ok((first, count(tx)?))
        });
        assert_eq!(pair.unwrap(), (before, before));
        assert_eq!(count_of(&store), before + 1);
    }
}

#[test]
fn a_read_over_budget_runs_again_on_the_pool() {
    let (_dir, store) = open();
    let slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 400000) \
                SELECT count(*) FROM n";
    let ran = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&ran);
    let total = store.read_blocking(Cost::Bounded, move |tx| {
        let result = value(tx, slow);
        note.lock().push((thread::current().name().map(str::to_owned), result.is_ok()));
        result
    });
    assert_eq!(total.unwrap(), Value::Int(400_000));
    let ran = ran.lock();
    assert_eq!(ran.len(), 2);
    assert!(!ran[0].1, "the first run passed the budget");
    assert!(ran[1].0.as_deref().is_some_and(|name| name.starts_with("read-")) && ran[1].1);
}

#[test]
fn a_large_schema_is_read_whatever_the_budget() {
    let (_dir, store) = open();
    let table = |n: usize| format!("CREATE TABLE t{n} (a TEXT); CREATE INDEX i{n} ON t{n} (a);");
    let tables: String = (0..500).map(table).collect();
    let made = store.write_exclusive_blocking(Duration::from_secs(60), move |tx| {
        Ok(tx.execute_script(&tables)?)
    });
    made.unwrap();
    store.schema_changed();
    let ran = Arc::new(Mutex::new(0));
    let note = Arc::clone(&ran);
    let found = store.read_blocking(Cost::Bounded, move |tx| {
        *note.lock() += 1;
        value(tx, "SELECT count(*) FROM t7")
    });
    assert_eq!(found.unwrap(), Value::Int(0));
    assert_eq!(*ran.lock(), 1, "the read was sent away");
}

#[test]
fn a_read_that_swallows_the_end_of_its_budget_still_runs_again() {
    let (_dir, store) = open();
    let slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300000) \
                SELECT count(*) FROM n";
    let total =
        store.read_blocking(Cost::Bounded, move |tx| Ok(value(tx, slow).unwrap_or_default()));
    assert_eq!(total.unwrap(), Value::Int(300_000));
}

#[test]
fn a_read_past_the_limit_is_stopped_and_the_pool_goes_on() {
    let (_dir, store) = open_with(|options| options.query_timeout = Duration::from_millis(50));
    for cost in [Cost::Bounded, Cost::Unbounded] {
        let error = ask(&store, cost, ENDLESS).unwrap_err();
        assert!(matches!(reason(&error), StoreError::Interrupted));
        assert_eq!(error.kind(), Kind::Busy);
    }
    assert_eq!(ask(&store, Cost::Unbounded, "SELECT 7").unwrap(), Value::Int(7));
}

#[tokio::test]
async fn a_full_queue_of_reads_is_refused_at_once() {
    let (_dir, store) = open_with(|options| options.readers = 1);
    let (go, wait) = channel::<()>();
    let wait = Mutex::new(wait);
    let (started, has_started) = channel();
    let this = store.clone();
    let holds = tokio::spawn(async move {
        let hold = move |_: &Tx<'_>| {
            started.send(()).unwrap();
            assert!(wait.lock().recv().is_err(), "let go by the drop");
            Ok(())
        };
        this.read(Cost::Unbounded, hold).await
    });
    tokio::task::spawn_blocking(move || has_started.recv().unwrap()).await.unwrap();
    let mut waiting = Vec::new();
    let refused = loop {
        let this = store.clone();
        let mut read = Box::pin(async move { this.read(Cost::Unbounded, count).await });
        match poll_once(read.as_mut()) {
            Poll::Pending => waiting.push(read),
            Poll::Ready(result) => break result.unwrap_err(),
        }
    };
    assert_eq!(waiting.len(), 2048);
    assert!(matches!(reason(&refused), StoreError::Busy));
    drop(go);
    holds.await.unwrap().unwrap();
    for read in waiting {
        assert_eq!(read.await.unwrap(), 0);
    }
}

#[test]
fn a_read_inside_a_read_does_not_wait_for_itself() {
    let (_dir, store) = open();
    let this = store.clone();
    let inner =
        store.read_blocking(Cost::Bounded, move |_| this.read_blocking(Cost::Bounded, count));
    assert_eq!(inner.unwrap(), 0);
}

#[test]
fn a_panic_in_a_read_is_an_error_and_the_connection_lives() {
    let (_dir, store) = open();
    for cost in [Cost::Bounded, Cost::Unbounded] {
        let failed = store.read_blocking(cost, |tx| -> crate::error::Result<()> {
            count(tx)?;
            panic!("on purpose")
        });
        assert_eq!(failed.unwrap_err().kind(), Kind::Internal);
        assert_eq!(store.read_blocking(cost, count).unwrap(), 0);
    }
}

#[test]
fn a_change_of_the_schema_reaches_every_cached_statement() {
    let (_dir, store) = open();
    script(&store, "CREATE TABLE t (a TEXT, b TEXT); INSERT INTO t VALUES ('1', '2')").unwrap();
    let width = |cost| {
        let statement = Statement::new("SELECT * FROM t", vec![]);
        let read = store.read_blocking(cost, move |tx| {
            tx.query_one(&statement, |row| Ok((row.len(), row.get(row.len() - 1).to_value())))
        });
        read.unwrap().unwrap()
    };
    let change = |sql: &'static str| {
        let this = store.clone();
        let limit = Duration::from_secs(60);
        let done = store.write_exclusive_blocking(limit, move |tx| {
            tx.execute_script(sql)?;
            tx.on_commit(move || this.schema_changed());
            Ok(())
        });
        done.unwrap();
    };
    for cost in [Cost::Bounded, Cost::Unbounded] {
        assert_eq!(width(cost), (2, Value::from("2")));
    }
    change("ALTER TABLE t ADD COLUMN c TEXT DEFAULT '3'");
    for cost in [Cost::Bounded, Cost::Unbounded] {
        assert_eq!(width(cost), (3, Value::from("3")));
    }
    change("ALTER TABLE t RENAME COLUMN b TO d; ALTER TABLE t DROP COLUMN c");
    for cost in [Cost::Bounded, Cost::Unbounded] {
        assert_eq!(width(cost), (2, Value::from("2")));
        assert_eq!(ask(&store, cost, "SELECT d FROM t").unwrap(), Value::from("2"));
        let gone = ask(&store, cost, "SELECT b FROM t").unwrap_err();
        assert!(matches!(reason(&gone), StoreError::Sql { .. }));
    }
}

#[test]
fn connections_are_set_up_as_decided() {
    for (durability, synchronous) in [(Durability::Flushed, 1), (Durability::Full, 2)] {
        let (_dir, store) = open_with(|options| options.durability = durability);
        let expected = [
            ("PRAGMA journal_mode", Value::from("wal")),
            ("PRAGMA synchronous", Value::Int(synchronous)),
            ("PRAGMA wal_autocheckpoint", Value::Int(0)),
            ("PRAGMA foreign_keys", Value::Int(1)),
            ("PRAGMA trusted_schema", Value::Int(0)),
            ("PRAGMA temp_store", Value::Int(2)),
            ("PRAGMA mmap_size", Value::Int(1 << 30)),
        ];
        for (pragma, value_of) in expected {
            for cost in [Cost::Bounded, Cost::Unbounded] {
                assert_eq!(ask(&store, cost, pragma).unwrap(), value_of, "{pragma}");
            }
            let written = store.write_blocking(move |tx| value(tx, pragma)).unwrap();
            assert_eq!(written, value_of, "{pragma} of the writer");
        }
        assert!(ask(&store, Cost::Bounded, "SELECT \"no_such_column\"").is_err());
        assert!(ask(&store, Cost::Bounded, "DELETE FROM notes").is_err());
    }
}

#[test]
fn mathematics_does_not_depend_on_the_build() {
    let (_dir, store) = open();
    for (sql, expected) in [
        ("SELECT round(degrees(acos(0.5)), 6)", Value::Real(60.0)),
        ("SELECT round(log(2, 8), 6)", Value::Real(3.0)),
        ("SELECT log('100')", Value::Real(2.0)),
        ("SELECT acos(2)", Value::Null),
        ("SELECT ln(0)", Value::Null),
        ("SELECT sqrt('x')", Value::Null),
        ("SELECT floor(7)", Value::Int(7)),
        ("SELECT floor(-2.5)", Value::Real(-3.0)),
        ("SELECT pow(2, 10) + pi() * 0", Value::Real(1024.0)),
    ] {
        assert_eq!(ask(&store, Cost::Bounded, sql).unwrap(), expected, "{sql}");
    }
}

#[test]
fn the_items_of_a_list_are_found_whatever_the_column_is_called() {
    let (_dir, store) = open();
    script(&store, "CREATE TABLE lists (value TEXT, id TEXT)").unwrap();
    for (stored, expected) in [
        (r#"["b","a"]"#, "b,a"),
        ("plain", "plain"),
        ("", ""),
        ("[]", ""),
        (r#"{"k":1}"#, r#"{"k":1}"#),
    ] {
        let found = store.write_blocking(move |tx| {
            tx.execute_script("DELETE FROM lists")?;
            let text = "INSERT INTO lists (value, id) VALUES (?1, 'x')";
            tx.execute(&Statement::new(text, vec![Value::from(stored)]))?;
            let items = tx.dialect().list_items(&tx.dialect().quote("value"));
            value(tx, &format!("SELECT (SELECT group_concat(value) FROM ({items})) FROM lists"))
        });
        assert_eq!(found.unwrap().text(), expected);
    }
}

#[test]
fn closing_frees_the_connections_of_all_threads() {
    let (dir, store) = open();
    let (go, wait) = channel::<()>();
    let (has_read, read) = channel();
    let this = store.clone();
    let other = thread::spawn(move || {
        assert_eq!(count_of(&this), 0);
        has_read.send(()).unwrap();
        wait.recv().unwrap();
        let late = this.read_blocking(Cost::Bounded, count).unwrap_err();
        assert!(matches!(reason(&late), StoreError::Closed));
        let late = write(&this, "late").unwrap_err();
        assert!(matches!(reason(&late), StoreError::Closed));
    });
    read.recv().unwrap();
    write(&store, "a").unwrap();
    store.close();
    // SQLite removes the log with the last connection.
    assert!(!dir.path().join("data.db-wal").exists());
    go.send(()).unwrap();
    other.join().unwrap();
}
