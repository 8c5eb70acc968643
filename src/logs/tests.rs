//! The activity log on a real auxiliary.db.

mod broken;
mod facets;

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::clock::{Clock, DateTime};
use crate::codes::Code;
use crate::error::{Error, FieldErrors, Issue};
use crate::logs::{ActivityLog, Failure, LogQuery, RequestEntry, mask_secrets};
use crate::query::Page;
use crate::settings::SettingsCache;
use crate::sql::Statement;
use crate::store::{Cost, Spent, Store, StoreOptions};

#[test]
fn secrets_in_urls_are_masked() {
    for (url, masked) in [
        ("/api/health", "/api/health"),
        ("/api/health?a=b", "/api/health?a=b"),
        ("/f?token=abc", "/f?token=***"),
        ("/f?a=1&token=abc&b=2", "/f?a=1&token=***&b=2"),
        ("/f?TOKEN=abc;code=x#y", "/f?TOKEN=***;code=***#y"),
        ("/f?%74oken=abc", "/f?%74oken=***"),
        ("/f?token=&x", "/f?token=&x"),
        ("/f?tokens=abc&zip_code=1", "/f?tokens=abc&zip_code=1"),
        ("/f?password=a=b?c", "/f?password=***"),
        ("https://x.com/?token=ü&ü=1", "https://x.com/?token=***&ü=1"),
        ("?", "?"),
        ("/f?&&=&token", "/f?&&=&token"),
    ] {
        assert_eq!(mask_secrets(url), masked, "{url}");
    }
}

fn entry(url: &str) -> RequestEntry {
    RequestEntry {
        started: DateTime::from_unix_ms(1_700_000_000_123),
        took: Duration::from_micros(1500),
        method: "GET".into(),
        url: url.into(),
        status: 200,
        referer: String::new(),
        user_agent: "test".into(),
        remote_ip: "127.0.0.1".into(),
        user_ip: "10.0.0.1".into(),
        auth: "users".into(),
        auth_id: "u1".into(),
        failure: None,
        warnings: Vec::new(),
        sql: Spent::default(),
    }
}

struct Fixture {
    dir: tempfile::TempDir,
    main: Store,
    settings: SettingsCache,
    clock: Clock,
    log: ActivityLog,
}

fn fixture() -> Fixture {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::system();
    let main = Store::open(&StoreOptions::new(dir.path())).unwrap();
    let settings = SettingsCache::open(&main, None, clock.clone()).unwrap();
    let log = ActivityLog::open(dir.path(), settings.clone(), clock.clone()).unwrap();
    Fixture { dir, main, settings, clock, log }
}

/// Level, message, data and creation of every row.
async fn rows(log: &ActivityLog) -> Vec<(i64, String, Value, String)> {
    let sql = "SELECT level, message, data, created FROM _logs ORDER BY created, message";
    let statement = Statement::new(sql, Vec::new());
    let read = move |tx: &crate::store::Tx<'_>| {
        let mut rows = Vec::new();
        tx.query(&statement, |row| {
            let level = match row.get(0) {
                crate::sql::ValueRef::Int(level) => level,
                other => panic!("{other:?} is no level"),
            };
            let data = serde_json::from_str(row.get(2).text()).expect("data is JSON");
            rows.push((level, row.get(1).text().to_owned(), data, row.get(3).text().to_owned()));
            Ok(())
        })?;
        Ok(rows)
    };
    log.store().unwrap().read(Cost::Unbounded, read).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_become_rows_of_the_contract() {
    let fixture = fixture();
    fixture.log.record(entry("/a?x=%C3%BC&token=abc"));
    let mut failed = entry("/b");
    failed.status = 400;
    let data = FieldErrors::one("title", Issue::new(Code::Required));
    failed.failure = Some(Failure::of(&Error::invalid("Failed to create record.", data)));
    failed.started = failed.started.after(Duration::from_secs(1));
    fixture.log.record(failed);
    fixture.log.flush().await;
    let rows = rows(&fixture.log).await;
    assert_eq!(rows.len(), 2);
    let (level, message, data, created) = &rows[0];
    assert_eq!((*level, message.as_str()), (0, "GET /a?x=ü&token=***"));
    assert_eq!(created, "2023-11-14 22:13:20.123Z");
    let expected = json!({"auth": "users", "execTime": 1.5, "method": "GET", "referer": "",
        "remoteIP": "127.0.0.1", "status": 200, "type": "request",
        "url": "/a?x=%C3%BC&token=***", "userAgent": "test", "userIP": "10.0.0.1"});
    assert_eq!(*data, expected);
    let (level, _, data, _) = &rows[1];
    assert_eq!(*level, 8);
    assert_eq!(data["error"], "Failed to create record.");
    assert_eq!(data["details"], json!({"title": "cannot be blank"}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_decide_what_is_kept() {
    let fixture = fixture();
    let change = json!({"logs": {"logIP": false, "logAuthId": true, "maxDataSize": 150}});
    fixture.settings.patch(&fixture.main, change).await.unwrap();
    let mut long = entry(&format!("/{}", "a".repeat(5000)));
    long.user_agent = "u".repeat(5000);
    fixture.log.record(long);
    fixture.log.record(entry("/short"));
    fixture.log.flush().await;
    let kept = rows(&fixture.log).await;
    let (_, message, data, _) = &kept[0];
    assert_eq!(message.chars().count(), "GET ".len() + 3000 + "...".len());
    assert_eq!((&data["__pb_truncated__"], &data["url"]), (&json!(true), &Value::Null));
    let (_, _, data, _) = &kept[1];
    assert_eq!(data["authId"], "u1");
    assert!(data.get("userIP").is_none() && data.get("__pb_truncated__").is_none());

    fixture.settings.patch(&fixture.main, json!({"logs": {"minLevel": 8}})).await.unwrap();
    fixture.log.record(entry("/not-kept"));
    let mut failed = entry("/kept");
    failed.status = 500;
    fixture.log.record(failed);
    fixture.log.flush().await;
    assert_eq!(rows(&fixture.log).await.len(), 3);

    // No days at all: everything goes, and nothing new comes.
    fixture.settings.patch(&fixture.main, json!({"logs": {"maxDays": 0}})).await.unwrap();
    fixture.log.flush().await;
    fixture.log.flush().await;
    fixture.log.record(entry("/off"));
    fixture.log.flush().await;
    assert_eq!(rows(&fixture.log).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_entries_are_deleted_at_start() {
    let fixture = fixture();
    let mut fresh = entry("/fresh");
    fresh.started = fixture.clock.now();
    fixture.log.record(entry("/old"));
    fixture.log.record(fresh);
    fixture.log.flush().await;
    assert_eq!(rows(&fixture.log).await.len(), 2);
    fixture.log.close();
    let again =
        ActivityLog::open(fixture.dir.path(), fixture.settings.clone(), fixture.clock.clone());
    let again = again.unwrap();
    again.flush().await;
    let left = rows(&again).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].1, "GET /fresh");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_entries_are_deleted_when_asked() {
    let fixture = fixture();
    let mut fresh = entry("/fresh");
    fresh.started = fixture.clock.now();
    fixture.log.record(fresh);
    fixture.log.trim().await;
    fixture.log.flush().await;
    assert_eq!(rows(&fixture.log).await.len(), 1);
    fixture.clock.advance(Duration::from_secs(6 * 86_400));
    fixture.log.trim().await;
    fixture.log.flush().await;
    assert_eq!(rows(&fixture.log).await.len(), 0);
}

fn damage(path: &Path) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(path).unwrap();
    file.write_all(&b"this is no database. ".repeat(500)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_log_is_set_aside_and_a_new_one_begins() {
    let fixture = fixture();
    fixture.log.close();
    for name in ["auxiliary.db-wal", "auxiliary.db-shm"] {
        let _ = std::fs::remove_file(fixture.dir.path().join(name));
    }
    damage(&fixture.dir.path().join("auxiliary.db"));
    let log =
        ActivityLog::open(fixture.dir.path(), fixture.settings.clone(), fixture.clock.clone());
    let log = log.unwrap();
    let mut fresh = entry("/again");
    fresh.started = fixture.clock.now();
    log.record(fresh);
    log.flush().await;
    assert_eq!(rows(&log).await.len(), 1);
    let names: Vec<String> = std::fs::read_dir(fixture.dir.path())
        .unwrap()
        .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert!(names.iter().any(|name| name.starts_with("auxiliary.db.damaged-")), "{names:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_log_drops_entries_without_waiting() {
    let fixture = fixture();
    fixture.log.record(entry("/last"));
    fixture.log.close();
    for _ in 0..20_000 {
        fixture.log.record(entry("/dropped"));
    }
    fixture.log.flush().await;
    fixture.log.close();
    let aux = Store::open_auxiliary(fixture.dir.path()).unwrap();
    let count = Statement::new("SELECT count(*) FROM _logs", Vec::new());
    let read =
        move |tx: &crate::store::Tx<'_>| tx.query_one(&count, |row| Ok(row.get(0).to_value()));
    let found = aux.read(Cost::Unbounded, read).await.unwrap();
    assert_eq!(found, Some(crate::sql::Value::Int(1)));
}

fn parsed(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_are_found_by_filter_sort_and_page() {
    let fixture = fixture();
    for (i, status) in [200, 404, 500].into_iter().enumerate() {
        let mut one = entry(&format!("/{i}"));
        one.status = status;
        one.started = one.started.after(Duration::from_secs(3600 * i as u64));
        fixture.log.record(one);
    }
    fixture.log.flush().await;
    let ask = |filter: &str, sort: &str, per_page: &str| LogQuery {
        page: Page::parse(None, Some(per_page), None).unwrap(),
        filter: filter.into(),
        sort: sort.into(),
    };
    let all = parsed(&fixture.log.list(ask("", "-created", "2")).await.unwrap());
    assert_eq!((&all["totalItems"], &all["totalPages"]), (&json!(3), &json!(2)));
    let messages = |list: &Value| {
        let items = list["items"].as_array().unwrap();
        items.iter().map(|i| i["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(messages(&all), ["GET /2", "GET /1"]);
    for (filter, sort, expected) in [
        ("data.status >= 404", "@rowid", &["GET /1", "GET /2"][..]),
        ("level > 0 && data.auth != ''", "-@rowid", &["GET /2", "GET /1"]),
        ("message ~ '/0'", "level", &["GET /0"]),
        ("created > '2023-11-14 23:00:00.000Z'", "created", &["GET /1", "GET /2"]),
    ] {
        let list = fixture.log.list(ask(filter, sort, "30")).await.unwrap();
        assert_eq!(messages(&parsed(&list)), expected, "{filter}");
    }
    let first = &all["items"][0];
    let one = fixture.log.view(first["id"].as_str().unwrap()).await.unwrap();
    assert_eq!(parsed(&one), *first);
    assert!(String::from_utf8(one).unwrap().starts_with("{\"id\":"));
    let stats = parsed(&fixture.log.stats("level > 0").await.unwrap());
    let hour = |hour: &str| json!({"date": format!("2023-11-{hour}:00:00.000Z"), "total": 1});
    assert_eq!(stats, json!([hour("14 23"), hour("15 00")]));
    for bad in ["bogus = 1", "level >", "@collection.users.id = 1", "rowid = 1"] {
        assert!(fixture.log.list(ask(bad, "", "1")).await.is_err(), "{bad}");
        let refused = fixture.log.stats(bad).await.expect_err(bad);
        assert_eq!(refused.message(), "Invalid filter format.");
    }
    assert!(fixture.log.list(ask("", "rowid", "1")).await.is_err());
    assert!(fixture.log.view("nope").await.is_err());
    fixture.log.record(entry("/waits"));
    fixture.log.clear().await.unwrap();
    assert_eq!(rows(&fixture.log).await, []);
}
