//! What lies in the data folder of a test.

use std::path::Path;

use crate::support::TestApp;

/// The files of records and their sidecars, by path.
pub fn stored(app: &TestApp) -> Vec<String> {
    below(&app.app.config.dir.join("storage"))
}

/// As [`stored`], with temporary files, once everything queued is done; nothing may be removed
/// afterwards.
pub fn left(app: &TestApp) -> Vec<String> {
    // What a write held is let go once the writer turns to the next.
    std::thread::scope(|scope| {
        scope.spawn(|| app.app.store.write_blocking(|_| Ok(())).expect("a write"));
    });
    app.app.files.close();
    let mut all = stored(app);
    all.extend(below(&app.app.config.dir.join(".pb_temp_to_delete")));
    all
}

pub fn below(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(below(&path));
        } else {
            found.push(path.to_string_lossy().into_owned());
        }
    }
    found.sort();
    found
}
