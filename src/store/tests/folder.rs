//! Which data folders are opened, which are refused, and what a crash leaves.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;

use super::{ask, count_of, open, script, write};
use crate::sql::Value;
use crate::store::migrate::{MAIN, Migrations};
use crate::store::{Cost, Store, StoreError, StoreOptions, sqlite};

/// The number of the newest migration of `data.db`.
const NEWEST: i64 = 7;

fn refusal(dir: &Path) -> String {
    match Store::open(&StoreOptions::new(dir)) {
        Err(StoreError::Folder(text)) => text,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("the folder was opened"),
    }
}

fn contents(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
        .filter(|(name, _)| name != ".greenroom.lock")
        .map(|(name, path)| (name, fs::read(path).unwrap()))
        .collect()
}

/// A folder whose database was changed by `sql` and closed.
fn folder_after(sql: &'static str) -> tempfile::TempDir {
    let (dir, store) = open();
    script(&store, sql).unwrap();
    store.close();
    dir
}

#[test]
fn a_fresh_folder_has_the_tables_of_the_reference() {
    let (_dir, store) = open();
    for (sql, expected) in [
        ("SELECT count(*) FROM _migrations WHERE applied > 1700000000000000", 8),
        ("SELECT count(*) FROM _params", 0),
        ("SELECT count(*) FROM _collections", 0),
        ("SELECT count(*) FROM _gr_migrations", NEWEST),
    ] {
        assert_eq!(ask(&store, Cost::Bounded, sql).unwrap(), Value::Int(expected), "{sql}");
    }
}

/// What a version knew whose newest migration was `newest`.
fn migrations_of(newest: usize) -> &'static Migrations {
    Box::leak(Box::new(Migrations { list: &MAIN.list[..newest], ..MAIN }))
}

/// A folder as that version left it.
fn folder_of(newest: usize) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    sqlite::open(&StoreOptions::new(dir.path()), migrations_of(newest)).unwrap().close();
    dir
}

/// Everything in the schema, as text.
fn schema(store: &Store) -> Value {
    let all = "SELECT group_concat(type || ' ' || name || ' ' || coalesce(sql, ''), char(10))
        FROM (SELECT * FROM sqlite_schema ORDER BY type, name)";
    ask(store, Cost::Unbounded, all).unwrap()
}

#[test]
fn r17_every_older_folder_ends_with_the_schema_of_a_fresh_one() {
    let dir = tempfile::tempdir().unwrap();
    let fresh = Store::open(&StoreOptions::new(dir.path())).unwrap();
    for newest in 1..MAIN.list.len() {
        let dir = folder_of(newest);
        let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
        assert_eq!(schema(&store), schema(&fresh), "from migration {newest}");
    }
}

#[test]
fn r15_an_upgrade_keeps_a_copy_from_before() {
    let dir = folder_of(2);
    let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
    assert!(ask(&store, Cost::Bounded, "SELECT count(*) FROM _gr_jobs").is_ok());
    drop(store);
    drop(Store::open(&StoreOptions::new(dir.path())).unwrap());
    let names: Vec<String> = contents(dir.path()).into_keys().collect();
    assert_eq!(names, ["data.db", "data.db.before-0003"]);
    let kept = dir.path().join("data.db.before-0003");
    fs::rename(kept, dir.path().join("data.db")).unwrap();
    let before = sqlite::open(&StoreOptions::new(dir.path()), migrations_of(2));
    before.map(|engine| engine.close()).expect("the version from before opens its copy");
}

#[test]
fn r15_an_upgrade_that_fails_changes_nothing() {
    // The next migration succeeds, the one behind it finds something in its way.
    let dir = folder_after("DELETE FROM _gr_migrations WHERE number > 2; DROP TABLE _gr_jobs");
    let before = contents(dir.path());
    let text = refusal(dir.path());
    assert!(text.contains("could not be brought up to date"), "{text}");
    assert!(text.contains("Nothing of it was changed"), "{text}");
    assert_eq!(contents(dir.path())["data.db"], before["data.db"]);
}

#[test]
fn one_process_has_the_folder() {
    let (dir, store) = open();
    assert!(refusal(dir.path()).contains("in use by another greenroom process"));
    drop(store);
    Store::open(&StoreOptions::new(dir.path())).unwrap();
}

#[test]
fn what_was_written_is_there_after_opening_again() {
    let (dir, store) = open();
    write(&store, "a").unwrap();
    drop(store);
    let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
    assert_eq!(count_of(&store), 1);
}

#[test]
fn a_folder_of_a_newer_program_is_refused() {
    let dir = folder_after("INSERT INTO _gr_migrations VALUES (999, 'next', 'sum')");
    assert!(refusal(dir.path()).contains("newer greenroom"));
}

#[test]
fn a_foreign_database_is_refused_and_left_as_it_is() {
    for (sql, why) in [
        (
            "DROP TABLE _gr_migrations; DROP TABLE _gr_changes; DROP TABLE _gr_jobs;
             DROP TABLE _gr_deliveries; DROP TABLE _gr_sessions;
             DROP TABLE _gr_totp; DROP TABLE _gr_decoys;
             DROP TABLE _params",
            "older than 0.23",
        ),
        (
            "DROP TABLE _gr_migrations; DROP TABLE _gr_changes; DROP TABLE _gr_jobs;
             DROP TABLE _gr_deliveries; DROP TABLE _gr_sessions;
             DROP TABLE _gr_totp; DROP TABLE _gr_decoys;
             CREATE TABLE _admins (id); CREATE TABLE _mfas (id)",
            "older than 0.23",
        ),
        (
            "DROP TABLE _gr_migrations; DROP TABLE _gr_changes; DROP TABLE _gr_jobs;
             DROP TABLE _gr_deliveries; DROP TABLE _gr_sessions;
             DROP TABLE _gr_totp; DROP TABLE _gr_decoys;
             DROP TABLE _collections",
            "another program",
        ),
    ] {
        let dir = folder_after(sql);
        assert!(!dir.path().join("data.db-wal").exists());
        let before = contents(dir.path());
        let text = refusal(dir.path());
        assert!(text.contains(why), "{text}");
        assert!(!text.contains('\n') && text.contains("--dir"));
        assert!(contents(dir.path()) == before, "the folder was changed");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a file that is no database")]
fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("data.db"), "once upon a time, there was no database".repeat(40))
        .unwrap();
    let before = contents(dir.path());
    assert!(refusal(dir.path()).contains("not a database"));
    assert!(contents(dir.path()) == before, "the folder was changed");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a file where the folder should be")]
fn a_file_in_place_of_the_folder_gets_one_line_of_advice() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("gr_data");
    fs::write(&file, "").unwrap();
    let text = refusal(&file);
    assert!(text.contains("a file is in the way") && !text.contains('\n'), "{text}");
}

#[test]
fn a_folder_of_the_reference_is_taken_over_with_its_rows() {
    let dir = folder_after(
        "DROP TABLE _gr_migrations; DROP TABLE _gr_changes; DROP TABLE _gr_jobs;
             DROP TABLE _gr_deliveries; DROP TABLE _gr_sessions;
             DROP TABLE _gr_totp; DROP TABLE _gr_decoys;
         CREATE TABLE _mfas (id TEXT);
         DELETE FROM _migrations WHERE file LIKE '1778828400%';
         INSERT INTO _params (id, value) VALUES ('settings', '{}')",
    );
    let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
    for (sql, expected) in [
        ("SELECT count(*) FROM _gr_migrations", NEWEST),
        ("SELECT count(*) FROM _params", 1),
        // What the reference has still to do there is left to it.
        ("SELECT count(*) FROM _migrations", 7),
    ] {
        assert_eq!(ask(&store, Cost::Bounded, sql).unwrap(), Value::Int(expected), "{sql}");
    }
}

#[test]
fn the_auxiliary_database_stands_beside_the_first() {
    let (dir, store) = open();
    let logs = Store::open_auxiliary(dir.path()).unwrap();
    script(&logs, "INSERT INTO _logs (message) VALUES ('hello')").unwrap();
    drop(logs);
    let logs = Store::open_auxiliary(dir.path()).unwrap();
    let found = ask(&logs, Cost::Bounded, "SELECT message FROM _logs WHERE length(id) = 15");
    assert_eq!(found.unwrap(), Value::from("hello"));
    assert_eq!(count_of(&store), 0);
}

#[test]
fn what_was_acknowledged_survives_the_death_of_the_process() {
    let (dir, store) = open();
    let (stop, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(0)));
    let writers: Vec<_> = (0..4)
        .map(|worker| {
            let (store, stop, written) = (store.clone(), Arc::clone(&stop), Arc::clone(&written));
            thread::spawn(move || {
                for n in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    write(&store, &format!("{worker}-{n}")).unwrap();
                    written.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    while written.load(Ordering::SeqCst) < 200 {
        thread::yield_now();
    }
    // The files as the system has them at this moment: what a killed process leaves.
    let acknowledged = written.load(Ordering::SeqCst);
    let left = tempfile::tempdir().unwrap();
    for name in ["data.db", "data.db-wal"] {
        fs::copy(dir.path().join(name), left.path().join(name)).unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    let after = Store::open(&StoreOptions::new(left.path())).unwrap();
    assert!(count_of(&after) >= acknowledged);
    let sound = ask(&after, Cost::Unbounded, "PRAGMA integrity_check").unwrap();
    assert_eq!(sound, Value::from("ok"));
}

#[test]
fn a_short_command_joins_a_folder_that_is_served() {
    let (dir, store) = open();
    script(&store, "CREATE TABLE t (id TEXT PRIMARY KEY)").unwrap();
    let joined = Store::open(&StoreOptions { joins: true, ..StoreOptions::new(dir.path()) });
    let joined = joined.unwrap();
    script(&joined, "INSERT INTO t VALUES ('from beside')").unwrap();
    joined.close();
    assert_eq!(ask(&store, Cost::Bounded, "SELECT count(*) FROM t").unwrap(), Value::Int(1));
    script(&store, "INSERT INTO t VALUES ('from the server')").unwrap();
    assert_eq!(ask(&store, Cost::Bounded, "SELECT count(*) FROM t").unwrap(), Value::Int(2));
    assert!(refusal(dir.path()).contains("in use by another greenroom process"));
}
