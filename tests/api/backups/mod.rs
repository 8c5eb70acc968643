//! Backups over the wire: made, listed, sent, fetched, deleted.

use std::io::{Cursor, Read as _};

use serde_json::{Value, json};

use crate::support::{Answer, Caller, TestApp};

async fn keys(root: &Caller) -> Vec<String> {
    let listed = root.get("/api/backups").await;
    assert_eq!(listed.status, 200, "{}", listed.body);
    let Value::Array(items) = listed.body else { panic!("a list") };
    items.iter().map(|item| item["key"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The bytes of a backup, straight from the folder.
fn stored(app: &TestApp, name: &str) -> Vec<u8> {
    std::fs::read(app.app.config.dir.join("backups").join(name)).expect("a stored backup")
}

async fn send(root: &Caller, name: &str, bytes: &[u8]) -> Answer {
    let disposition = format!("form-data; name=\"file\"; filename=\"{name}\"");
    let head = format!("--edge\r\nContent-Disposition: {disposition}\r\n\r\n");
    let body = [head.as_bytes(), bytes, b"\r\n--edge--\r\n"].concat();
    root.post_text("/api/backups/upload", "multipart/form-data; boundary=edge", body).await
}

fn entries(bytes: Vec<u8>) -> Vec<String> {
    let zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    zip.file_names().map(|name| name.expect("a name").into_owned()).collect()
}

#[tokio::test]
async fn a_backup_holds_the_databases_and_the_files_of_records() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let dir = &app.app.config.dir;
    std::fs::create_dir_all(dir.join("storage/c/r")).unwrap();
    for (path, text) in [("storage/c/r/a.txt", "hello"), ("types.d.ts", "x"), ("lost+found/x", "")]
    {
        std::fs::create_dir_all(dir.join(path).parent().unwrap()).unwrap();
        std::io::Write::write_all(
            &mut std::fs::File::create(dir.join(path)).unwrap(),
            text.as_bytes(),
        )
        .unwrap();
    }
    assert_eq!(root.post("/api/backups", json!({"name": "a.zip"})).await.status, 204);
    let again = root.post("/api/backups", json!({"name": "a.zip"})).await;
    assert_eq!(again.body["data"]["name"]["code"], "validation_backup_name_exists");
    let bytes = stored(&app, "a.zip");
    let mut names = entries(bytes.clone());
    names.sort();
    let expected =
        [".greenroom-backup.json", "auxiliary.db", "data.db", "storage/c/r/a.txt", "types.d.ts"];
    assert_eq!(names, expected);
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    zip.by_name(".greenroom-backup.json").unwrap().read_to_string(&mut text).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    let counted = manifest["collections"].as_array().unwrap();
    let superusers = counted.iter().find(|c| c["name"] == "_superusers").unwrap();
    assert_eq!((&superusers["records"], &manifest["files"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn a_backup_comes_back_as_it_was_sent() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    root.post("/api/backups", json!({"name": "a.zip"})).await;
    let bytes = stored(&app, "a.zip");
    let sent = send(&root, "my backup.zip", &bytes).await;
    assert_eq!(sent.status, 204, "{}", sent.body);
    assert_eq!(keys(&root).await, ["a.zip", "my backup.zip"]);
    assert_eq!(stored(&app, "my backup.zip"), bytes);
    let refused = send(&root, "b.zip", b"hello").await;
    assert_eq!(refused.body["data"]["file"]["code"], "validation_invalid_mime_type");
    assert_eq!(root.delete("/api/backups/a.zip").await.status, 204);
    assert_eq!(root.delete("/api/backups/a.zip").await.status, 400);
    assert_eq!(keys(&root).await, ["my backup.zip"]);
}

#[tokio::test]
async fn only_a_file_token_of_a_superuser_opens_a_backup() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let user = app.user("ada").await;
    root.post("/api/backups", json!({"name": "a.zip"})).await;
    for caller in [&root, &user] {
        assert_eq!(caller.get("/api/backups/a.zip").await.status, 403);
    }
    for (caller, status) in [(&root, 200), (&user, 403)] {
        let token = caller.post("/api/files/token", json!({})).await.body["token"].clone();
        let path = format!("/api/backups/a.zip?token={}", token.as_str().unwrap());
        assert_eq!(app.guest().fetch(&path, &[]).await.status, status);
    }
}

#[tokio::test]
async fn old_backups_of_the_cron_go_and_others_stay() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    assert_eq!(root.post("/api/crons/__pbAutoBackup__", json!({})).await.status, 404);
    let every = json!({"backups": {"cron": "@yearly", "cronMaxKeep": 2}});
    assert_eq!(root.patch("/api/settings", every).await.status, 200);
    let crons = root.get("/api/crons").await.body;
    let ours = json!({"id": "__pbAutoBackup__", "expression": "0 0 1 1 *"});
    assert!(crons.as_array().unwrap().contains(&ours), "{crons}");
    root.post("/api/backups", json!({"name": "mine.zip"})).await;
    let mut seen = std::collections::BTreeSet::new();
    while seen.len() < 3 {
        assert_eq!(root.post("/api/crons/__pbAutoBackup__", json!({})).await.status, 204);
        let before = seen.len();
        while seen.len() == before {
            seen.extend(keys(&root).await.into_iter().filter(|key| key.starts_with("@auto_")));
            tokio::task::yield_now().await;
        }
    }
    // The cron removes right after it has made one.
    while keys(&root).await.len() > 3 {
        tokio::task::yield_now().await;
    }
    let left = keys(&root).await;
    assert_eq!(left[..2], Vec::from_iter(seen)[1..]);
    assert_eq!(left[2], "mine.zip");
    let never = json!({"backups": {"cron": ""}});
    assert_eq!(root.patch("/api/settings", never).await.status, 200);
    assert_eq!(root.post("/api/crons/__pbAutoBackup__", json!({})).await.status, 404);
}
