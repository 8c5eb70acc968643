//! A log whose database is broken, too large, or not to be had, and that goes on.

use serde_json::json;

use super::{damage, entry, fixture, rows};
use crate::clock::Stopwatch;
use crate::error::Kind;
use crate::logs::{ActivityLog, LogQuery};
use crate::sql::Statement;
use crate::store::Tx;

/// A test that waits longer has failed.
const LIMIT: std::time::Duration = std::time::Duration::from_secs(20);

fn names(dir: &std::path::Path) -> Vec<String> {
    let files = std::fs::read_dir(dir).unwrap();
    files.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r2_a_log_that_breaks_while_it_is_open_is_set_aside() {
    let fixture = fixture();
    let file = fixture.dir.path().join("auxiliary.db");
    fixture.log.record(entry("/before"));
    fixture.log.flush().await;
    // The entry moves from the write-ahead log into the file.
    let watch = Stopwatch::start();
    let wal = fixture.dir.path().join("auxiliary.db-wal");
    while wal.metadata().unwrap().len() > 0 {
        assert!(watch.elapsed() < LIMIT, "the write-ahead log is not emptied");
        tokio::task::yield_now().await;
    }
    damage(&file);
    assert!(fixture.log.list(LogQuery::default()).await.is_err(), "the damage is not seen");
    let mut fresh = entry("/after");
    fresh.started = fixture.clock.now();
    fixture.log.record(fresh);
    fixture.log.flush().await;
    let kept = rows(&fixture.log).await;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].1, "GET /after");
    let names = names(fixture.dir.path());
    assert!(names.iter().any(|name| name.starts_with("auxiliary.db.damaged-")), "{names:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r2_few_damaged_logs_are_kept() {
    let fixture = fixture();
    fixture.log.close();
    for _ in 0..5 {
        for suffix in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(fixture.dir.path().join(format!("auxiliary.db{suffix}")));
        }
        damage(&fixture.dir.path().join("auxiliary.db"));
        fixture.clock.advance(std::time::Duration::from_secs(1));
        let (settings, clock) = (fixture.settings.clone(), fixture.clock.clone());
        ActivityLog::open(fixture.dir.path(), settings, clock).unwrap().close();
    }
    let names = names(fixture.dir.path());
    let aside = names.iter().filter(|name| name.starts_with("auxiliary.db.damaged-"));
    assert_eq!(aside.count(), 3, "{names:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r2_a_log_that_cannot_be_opened_is_off() {
    let fixture = fixture();
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("auxiliary.db")).unwrap();
    let log = ActivityLog::open(dir.path(), fixture.settings.clone(), fixture.clock.clone());
    let log = log.expect("a start without a log");
    log.record(entry("/nowhere"));
    log.flush().await;
    log.trim().await;
    let refused = log.list(LogQuery::default()).await.expect_err("no log");
    assert_eq!(refused.kind(), Kind::Busy);
    assert!(log.clear().await.is_err());
    log.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_keeps_to_its_size_and_gives_room_back() {
    let fixture = fixture();
    let size = async || {
        let read = |tx: &Tx<'_>| {
            let sizes = Statement::new(tx.dialect().sizes(), Vec::new());
            tx.query_one(&sizes, |row| Ok((row.get(0).to_value(), row.get(1).to_value())))
        };
        let found = fixture.log.store().unwrap().write(read).await.unwrap().unwrap();
        match found {
            (crate::sql::Value::Int(used), crate::sql::Value::Int(file)) => (used, file),
            other => panic!("{other:?}"),
        }
    };
    for i in 0..1500 {
        let mut one = entry(&format!("/{i}"));
        one.user_agent = "u".repeat(2000);
        one.started = fixture.clock.now();
        fixture.log.record(one);
    }
    fixture.log.flush().await;
    assert!(size().await.0 > 3 << 20);
    let change = json!({"logs": {"maxSize": 1}});
    let shown = fixture.settings.patch(&fixture.main, change).await.unwrap().public_json();
    assert!(shown.contains(r#""maxSize":1"#), "{shown}");
    fixture.log.trim().await;
    let (used, file) = size().await;
    assert!(used <= 1 << 20 && file <= 2 << 20, "{used} of {file}");
    let left = rows(&fixture.log).await;
    assert!(left.len() > 200, "{} are left", left.len());
    assert_eq!(left.iter().filter(|row| row.1 == "GET /1499").count(), 1, "the newest stay");
    fixture.log.clear().await.unwrap();
    assert!(size().await.1 < 1 << 17, "{:?}", size().await);
}
