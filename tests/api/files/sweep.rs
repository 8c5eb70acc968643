//! Files that no record names are found and removed, and nothing else is.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use greenroom::files::Sweep;
use serde_json::json;

use crate::files::folder::stored;
use crate::files::form::Form;
use crate::support::TestApp;

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "what a crash and others leave in the folder")]
async fn a_sweep_removes_what_a_crash_left_and_nothing_else() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let fields = json!([{"name": "doc", "type": "file", "maxSelect": 2, "hidden": true}]);
    let made = root.post("/api/collections", json!({"name": "papers", "fields": fields})).await;
    let collection = made.body["id"].as_str().expect("an id").to_owned();
    let form = Form::new().file("doc", "kept.png", "kept").file("doc", "b.txt", "also");
    let made = form.post(&root, "/api/collections/papers/records").await;
    assert_eq!(made.status, 200, "{}", made.body);
    let kept = made.body["doc"][0].as_str().expect("a name");
    let record = made.body["id"].as_str().expect("an id");
    let storage = app.app.config.dir.join("storage");
    let write = |path: String| {
        let path = storage.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, "x").expect("a file");
    };
    // What a live file has beside it, and what others may keep in the folder.
    write(format!("{collection}/{record}/thumbs_{kept}/100x100_{kept}"));
    write(format!("{collection}/{record}/without-sidecar.txt"));
    write(format!("{collection}/{record}/own-folder/notes.txt"));
    write("notes.txt".to_owned());
    write("uploads/readme.txt".to_owned());
    let stays = stored(&app);
    // What a crash, or a removal that a crash cut short, leaves.
    write(format!("{collection}/{record}/orphan.txt"));
    write(format!("{collection}/{record}/orphan.txt.attrs"));
    write(format!("{collection}/{record}/half.txt.attrs"));
    write(format!("{collection}/{record}/thumbs_gone.png/100x100_gone.png"));
    write(format!("{collection}/neverwasarecord/a.txt"));
    write(format!("{collection}/neverwasarecord/a.txt.attrs"));
    write("pbc_neverwas/neverwasarecord/a.txt".to_owned());
    write("pbc_neverwas/neverwasarecord/a.txt.attrs".to_owned());
    // What is younger than a while may be somebody's work.
    let all = stored(&app);
    sweep_all(&app);
    assert_eq!(stored(&app), all);
    let old = SystemTime::now() - Duration::from_secs(3600);
    let thumbs = storage.join(format!("{collection}/{record}/thumbs_gone.png"));
    for path in all.iter().map(Path::new).chain([thumbs.as_path()]) {
        fs::File::open(path).and_then(|file| file.set_modified(old)).expect("a file");
    }
    sweep_all(&app);
    assert_eq!(stored(&app), stays);
    assert!(!storage.join(&collection).join("neverwasarecord").exists());
    assert!(!storage.join("pbc_neverwas").exists());
}

fn sweep_all(app: &TestApp) {
    app.app.files.sweeps().ask(Sweep::All);
    app.app.sweeper.as_ref().expect("a server sweeps").settle();
}

#[tokio::test]
async fn no_sweep_takes_the_file_of_a_write_in_flight() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let fields = json!([{"name": "doc", "type": "file"}, {"name": "n", "type": "number"}]);
    let made = root.post("/api/collections", json!({"name": "papers", "fields": fields})).await;
    let collection = made.body["id"].as_str().expect("an id").to_owned();
    let sweeper = app.app.sweeper.as_ref().expect("a server sweeps");
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let root = root.clone();
            tokio::spawn(async move {
                for n in 0..25 {
                    let form = Form::new().text("n", &n.to_string()).file("doc", "a.txt", "x");
                    let made = form.post(&root, "/api/collections/papers/records").await;
                    assert_eq!(made.status, 200, "{}", made.body);
                }
            })
        })
        .collect();
    let mut sweeps = 0;
    while !writers.iter().all(tokio::task::JoinHandle::is_finished) {
        app.app.files.sweep(&collection);
        let settled = std::thread::scope(|scope| scope.spawn(|| sweeper.settle()).join());
        settled.expect("no panic");
        sweeps += 1;
        tokio::task::yield_now().await;
    }
    for writer in writers {
        writer.await.expect("every write is taken");
    }
    assert!(sweeps > 0);
    assert_eq!(stored(&app).len(), 200);
}
