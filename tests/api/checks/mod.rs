//! What an operator is told to look at, by the running server and by the command.

use greenroom::checks::{Doctor, Surroundings};
use serde_json::{Value, json};

use crate::support::{Caller, TestApp};

fn ids(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("a list");
    findings.iter().map(|finding| finding["id"].as_str().expect("an id").to_owned()).collect()
}

fn doctor(app: &TestApp) -> Doctor {
    let dir = app.app.config.dir.clone();
    let surroundings = Surroundings::default();
    Doctor { dir, key: None, now: app.clock.now(), surroundings, is_thorough: true }
}

fn looked(doctor: &Doctor) -> Value {
    serde_json::from_slice(&doctor.look().to_json()).expect("JSON")
}

/// Collections with something to be found in each.
async fn careless(app: &TestApp) -> Caller {
    let root = app.superuser().await;
    let notes = json!({"name": "notes", "listRule": "", "createRule": "", "fields": [
        {"name": "text", "type": "text"}]});
    let made = root.post("/api/collections", notes).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let links = json!({"name": "links", "fields": [
        {"name": "note", "type": "relation", "collectionId": made.body["id"]},
        {"name": "served", "type": "relation", "collectionId": made.body["id"]},
        {"name": "many", "type": "relation", "collectionId": made.body["id"], "maxSelect": 5}],
      "indexes": ["CREATE INDEX links_served ON links (served)"]});
    assert_eq!(root.post("/api/collections", links).await.status, 200);
    root
}

#[tokio::test]
async fn the_server_and_the_command_find_the_same() {
    let app = TestApp::spawn().await;
    let root = careless(&app).await;
    let live = root.get("/api/gr/checks").await.body;
    let outside = looked(&doctor(&app));
    for report in [&live, &outside] {
        let found = ids(report);
        for expected in [
            "public_write",
            "public_read",
            "public_sign_up",
            "relation_unindexed",
            "smtp_off",
            "backups_off",
            "rate_limits_off",
            "superuser_without_second_step",
        ] {
            let times = found.iter().filter(|id| *id == expected).count();
            assert_eq!(times, 1, "{expected}: {found:?}");
        }
        let public = report["findings"].as_array().expect("a list").iter();
        let public = public.into_iter().find(|f| f["id"] == "public_write").expect("it");
        assert_eq!(
            (&public["collection"], &public["field"]),
            (&json!("notes"), &json!("createRule"))
        );
        for part in ["what", "why", "todo"] {
            assert!(public[part].as_str().is_some_and(|text| text.len() > 10), "{public}");
        }
    }
    assert_eq!(outside["status"], "warning");
    assert!(outside["passed"].as_array().expect("a list").contains(&json!("database")));
}

#[tokio::test]
async fn what_was_mended_is_found_no_more() {
    let app = TestApp::spawn().await;
    let root = careless(&app).await;
    let closed = json!({"createRule": null, "listRule": null});
    assert_eq!(root.patch("/api/collections/notes", closed).await.status, 200);
    let index = ["CREATE INDEX links_served ON links (served)", "CREATE INDEX n ON links (note)"];
    let indexed = json!({ "indexes": index });
    assert_eq!(root.patch("/api/collections/links", indexed).await.status, 200);
    let settings = json!({
        "backups": {"cron": "0 0 * * *"}, "rateLimits": {"enabled": true},
        "meta": {"appURL": "https://app.test"}, "batch": {"enabled": true},
    });
    assert_eq!(root.patch("/api/settings", settings).await.status, 200);
    let live = root.get("/api/gr/checks").await.body;
    let found = ids(&live);
    let left = ["smtp_off", "superuser_without_second_step", "public_sign_up"];
    let others: Vec<_> = found
        .iter()
        .filter(|id| !left.contains(&id.as_str()) && !id.starts_with("folder_"))
        .filter(|id| !id.starts_with("disk_") && !id.starts_with("container_"))
        .collect();
    assert!(others.is_empty(), "{others:?}");
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a folder is spoilt for the test")]
async fn a_folder_that_lacks_or_has_too_much_is_found() {
    let app = TestApp::spawn().await;
    app.superuser().await;
    let dir = app.app.config.dir.clone();
    std::fs::create_dir_all(dir.join("storage/pbc_gone/rec")).expect("a folder");
    std::fs::create_dir_all(dir.join("storage/_pb_users_auth_/nobody000000000")).expect("a folder");
    let found = ids(&looked(&doctor(&app)));
    for expected in ["files_without_collection", "files_without_record"] {
        assert!(found.iter().any(|id| id == expected), "{found:?}");
    }
    let none = Doctor { dir: dir.join("nothing"), ..doctor(&app) };
    let report = looked(&none);
    assert_eq!((ids(&report), &report["status"]), (vec!["folder_missing".into()], &json!("error")));
    assert!(!dir.join("nothing").exists(), "a look made a folder");

    let spoilt = tempfile::tempdir().expect("a folder");
    std::fs::write(spoilt.path().join("data.db"), "no database at all").expect("a file");
    let report = looked(&Doctor { dir: spoilt.path().to_owned(), ..doctor(&app) });
    assert!(ids(&report).contains(&"database_unusable".to_owned()), "{report}");
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a file system is made up for the test")]
async fn r23_the_command_tells_of_a_missing_volume() {
    let app = TestApp::spawn().await;
    app.superuser().await;
    let top = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(top.path().join("proc/self")).expect("a folder");
    let mounts = "1 0 0:52 / / rw - overlay overlay rw,upperdir=/u\n";
    std::fs::write(top.path().join("proc/self/mountinfo"), mounts).expect("a file");
    let inside = Doctor { surroundings: Surroundings::below(top.path()), ..doctor(&app) };
    let report = looked(&inside);
    assert_eq!(report["status"], "error");
    assert_eq!(ids(&report)[0], "container_without_volume");
    assert!(!ids(&looked(&doctor(&app))).contains(&"container_without_volume".to_owned()));
}

#[tokio::test]
async fn a_server_tells_what_it_is() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let info = root.get("/api/gr/info").await;
    assert_eq!(info.status, 200, "{}", info.body);
    assert_eq!(info.body["version"], env!("CARGO_PKG_VERSION"));
    let features = info.body["features"].as_array().expect("a list");
    for feature in ["checks", "info", "jobs", "rules", "search", "webhooks"] {
        assert!(features.contains(&json!(feature)), "{features:?}");
    }
    assert!(info.body["dataFolder"]["volume"].is_string());
    let user = app.user("ada").await;
    assert_eq!(user.get("/api/gr/info").await.status, 403);
    let found = root.get(&format!("/api/gr/search?id={}", user.id)).await;
    assert_eq!(found.body["items"][0]["collection"], "users", "{}", found.body);
    let none = root.get("/api/gr/search?id=nobody000000000").await;
    assert_eq!(none.body, json!({"items": []}));
}
