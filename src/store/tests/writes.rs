//! Groups, savepoints, callbacks, failures.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use futures_util::future::join_all;
use parking_lot::Mutex;
use tokio::task::JoinHandle;

use super::{ENDLESS, count_of, insert, open, open_with, poll_once, reason, script, value, write};
use crate::error::{Error, Kind, Result};
use crate::sql::{Statement, Value};
use crate::store::{Cost, Store, StoreError, Tx};

/// Holds the writer until the sender is dropped, so that what comes next is one group.
async fn hold(store: &Store) -> (Sender<()>, JoinHandle<Result<()>>) {
    let (go, wait): (_, Receiver<()>) = channel();
    let (started, has_started) = tokio::sync::oneshot::channel();
    let store = store.clone();
    let job = tokio::spawn(async move {
        let work = move |_: &Tx<'_>| {
            assert!(started.send(()).is_ok());
            assert!(wait.recv().is_err(), "let go by the drop");
            Ok(())
        };
        store.write_exclusive(Duration::from_secs(60), work).await
    });
    has_started.await.unwrap();
    (go, job)
}

#[test]
fn of_duplicates_one_is_accepted_and_the_others_harm_nobody() {
    let (_dir, store) = open();
    let before = store.commits();
    let (accepted, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let start = Barrier::new(48);
    thread::scope(|scope| {
        for worker in 0..48 {
            let (store, accepted, refused, start) = (&store, &accepted, &refused, &start);
            scope.spawn(move || {
                start.wait();
                for n in 0..20 {
                    // Half of the slugs are the same for all workers.
                    let slug =
                        if n % 2 == 0 { format!("{worker}-{n}") } else { format!("all-{n}") };
                    match write(store, &slug) {
                        Ok(()) => accepted.fetch_add(1, Ordering::Relaxed),
                        Err(error) => {
                            assert!(matches!(reason(&error), StoreError::Unique { .. }));
                            refused.fetch_add(1, Ordering::Relaxed)
                        }
                    };
                }
            });
        }
    });
    assert_eq!(accepted.load(Ordering::Relaxed), 48 * 10 + 10);
    assert_eq!(refused.load(Ordering::Relaxed), 48 * 10 - 10);
    assert_eq!(count_of(&store), 48 * 10 + 10);
    assert!(store.commits() - before <= 48 * 20);
}

#[tokio::test]
async fn what_waits_together_is_committed_together_in_order() {
    let (_dir, store) = open_with(|options| options.group_work = Duration::from_secs(60));
    let before = store.commits();
    let (go, held) = hold(&store).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut jobs = Vec::new();
    for n in 0..10_u64 {
        let (store, order) = (store.clone(), Arc::clone(&order));
        // Each future is polled once here, in turn: that is when it is queued.
        let mut job = Box::pin(async move {
            let this = store.clone();
            let work = move |tx: &Tx<'_>| {
                insert(tx, &format!("{n}"))?;
                tx.on_commit(move || order.lock().push((n, this.commits())));
                if n == 4 { Err(Error::not_found()) } else { Ok(()) }
            };
            store.write(work).await
        });
        assert!(poll_once(job.as_mut()).is_pending());
        jobs.push(job);
    }
    drop(go);
    held.await.unwrap().unwrap();
    let results = join_all(jobs).await;
    assert_eq!(results.iter().filter(|result| result.is_err()).count(), 1);
    assert_eq!(results[4].as_ref().unwrap_err().kind(), Kind::NotFound);
    assert_eq!(store.commits() - before, 2, "one for what held the writer, one for the ten");
    let order = order.lock();
    let expected: Vec<u64> = (0..10).filter(|n| *n != 4).collect();
    assert_eq!(order.iter().map(|(n, _)| *n).collect::<Vec<_>>(), expected);
    assert!(order.iter().all(|(_, seen)| *seen == before + 2), "called before the count");
}

#[test]
fn a_savepoint_takes_its_callbacks_and_rows_with_it() {
    let (_dir, store) = open();
    let called = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&called);
    store
        .write_blocking(move |tx| {
            let say = |word: &'static str| {
                let note = Arc::clone(&note);
                tx.on_commit(move || note.lock().push(word));
            };
            insert(tx, "outer")?;
            say("outer");
            let inner: Result<()> = tx.savepoint(|tx| {
                insert(tx, "inner")?;
                say("inner");
                Err(Error::not_found())
            });
            assert!(inner.is_err());
            tx.savepoint(|tx| insert(tx, "kept"))
        })
        .unwrap();
    assert_eq!(*called.lock(), ["outer"]);
    assert_eq!(count_of(&store), 2);
}

#[test]
fn a_panic_costs_one_job_only() {
    let (_dir, store) = open();
    let failed: Result<()> = store.write_blocking(|tx| {
        insert(tx, "a")?;
        panic!("on purpose")
    });
    assert_eq!(failed.unwrap_err().kind(), Kind::Internal);
    let calls: Result<()> = store.write_blocking(|tx| {
        tx.on_commit(|| panic!("after the commit"));
        insert(tx, "b")
    });
    assert!(calls.is_ok());
    write(&store, "c").unwrap();
    assert_eq!(count_of(&store), 2);
}

#[tokio::test]
async fn when_the_transaction_ends_early_its_jobs_fail_and_later_ones_do_not() {
    let (_dir, store) = open_with(|options| options.group_work = Duration::from_secs(60));
    let (go, held) = hold(&store).await;
    let mut jobs = Vec::new();
    for n in 0..6 {
        let store = store.clone();
        let mut job = Box::pin(async move {
            let work = move |tx: &Tx<'_>| {
                insert(tx, &format!("{n}"))?;
                if n == 3 {
                    // What the engine does when the disk is full or a write is interrupted.
                    tx.execute_script("ROLLBACK")?;
                    // Without a transaction this would be kept by itself.
                    assert!(matches!(insert(tx, "x"), Err(e) if e.kind() == Kind::Busy));
                }
                Ok(())
            };
            store.write(work).await
        });
        assert!(poll_once(job.as_mut()).is_pending());
        jobs.push(job);
    }
    drop(go);
    held.await.unwrap().unwrap();
    let results = join_all(jobs).await;
    for lost in &results[..4] {
        assert!(matches!(reason(lost.as_ref().unwrap_err()), StoreError::Lost));
    }
    assert!(results[4].is_ok() && results[5].is_ok());
    assert_eq!(count_of(&store), 2, "an answer was wrong");
}

#[tokio::test]
async fn a_full_queue_is_refused_at_once() {
    let (_dir, store) = open();
    let (go, held) = hold(&store).await;
    let mut waiting = Vec::new();
    let refused = loop {
        let this = store.clone();
        let mut job = Box::pin(async move { this.write(|_| Ok(())).await });
        match poll_once(job.as_mut()) {
            Poll::Pending => waiting.push(job),
            Poll::Ready(result) => break result.unwrap_err(),
        }
    };
    assert_eq!(waiting.len(), 1024);
    assert!(matches!(reason(&refused), StoreError::Busy));
    assert_eq!(refused.kind(), Kind::Busy);
    drop(go);
    held.await.unwrap().unwrap();
    assert!(join_all(waiting).await.iter().all(Result::is_ok));
}

#[test]
fn a_write_past_its_limit_is_stopped_and_the_writer_goes_on() {
    let (_dir, store) = open_with(|options| options.write_timeout = Duration::from_millis(30));
    write(&store, "before").unwrap();
    let stopped = store.write_blocking(|tx| {
        let text = format!("INSERT INTO notes (slug) {ENDLESS}");
        Ok(tx.execute(&Statement::new(text, vec![]))?)
    });
    assert!(matches!(reason(&stopped.unwrap_err()), StoreError::Interrupted));
    write(&store, "after").unwrap();
    assert_eq!(count_of(&store), 2);
}

#[test]
fn an_exclusive_job_is_a_transaction() {
    let (_dir, store) = open();
    let limit = Duration::from_secs(60);
    let failed: Result<()> = store.write_exclusive_blocking(limit, |tx| {
        tx.execute_script("CREATE TABLE half (id TEXT); INSERT INTO notes (slug) VALUES ('a')")?;
        Err(Error::not_found())
    });
    assert_eq!(failed.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(count_of(&store), 0);
    store
        .write_exclusive_blocking(limit, |tx| Ok(tx.execute_script("CREATE TABLE half (id TEXT)")?))
        .unwrap();
    script(&store, "INSERT INTO half (id) VALUES ('a')").unwrap();
}

#[test]
fn a_full_disk_is_said_and_the_database_stays_sound() {
    let (_dir, store) = open_with(|options| options.max_pages = Some(60));
    let mut written = 0;
    let error = loop {
        match write(&store, &format!("{written}-{}", "x".repeat(2000))) {
            Ok(()) => written += 1,
            Err(error) => break error,
        }
        assert!(written < 1000, "the limit of the database was not reached");
    };
    assert!(matches!(reason(&error), StoreError::Full));
    assert_eq!(error.message(), "The disk of the server is full.");
    assert_eq!(count_of(&store), written, "what was acknowledged is there");
    script(&store, "DELETE FROM notes WHERE id % 2 = 0").unwrap();
    write(&store, &"y".repeat(2000)).unwrap();
    let sound = store.read_blocking(Cost::Unbounded, |tx| value(tx, "PRAGMA integrity_check"));
    assert_eq!(sound.unwrap(), Value::from("ok"));
}

#[test]
fn a_failure_names_the_columns_of_the_index() {
    let (_dir, store) = open();
    write(&store, "a").unwrap();
    let error = write(&store, "a").unwrap_err();
    match reason(&error) {
        StoreError::Unique { columns, message } => {
            assert_eq!(*columns, [("notes".to_owned(), "slug".to_owned())]);
            assert_eq!(message, "constraint failed: UNIQUE constraint failed: notes.slug (2067)");
        }
        other => panic!("{other:?}"),
    }
    let error = script(&store, "SELECT nope FROM notes").unwrap_err();
    assert!(matches!(reason(&error), StoreError::Sql { message }
        if message == "SQL logic error: no such column: nope (1)"));
}

#[test]
fn values_come_back_as_they_went_in() {
    let (_dir, store) = open();
    script(&store, "CREATE TABLE kinds (v)").unwrap();
    let values = [
        Value::Null,
        Value::Int(i64::MIN),
        Value::Real(0.1),
        Value::from("tür\u{0}\"'; DROP TABLE kinds"),
    ];
    for sent in values {
        let expected = sent.clone();
        let back = store.write_blocking(move |tx| {
            tx.execute_script("DELETE FROM kinds")?;
            tx.execute(&Statement::new("INSERT INTO kinds (v) VALUES (?1)", vec![sent]))?;
            value(tx, "SELECT v FROM kinds")
        });
        assert_eq!(back.unwrap(), expected);
    }
}
