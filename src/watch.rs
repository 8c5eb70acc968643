//! [`Watch`]: tells when files change on disk, once they lie still.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use parking_lot::Mutex;

/// How long nothing may happen until what happened is told.
const STILL: Duration = Duration::from_millis(150);
/// So many times a file that is written to without an end can put it off.
const MOST_WAITS: u32 = 14;
/// Folders that are watched at most.
const MAX_FOLDERS: usize = 64;

/// Watches until it is dropped.
pub struct Watch(Arc<Inner>);

struct Inner {
    watcher: Mutex<RecommendedWatcher>,
    followed: Arc<Mutex<Followed>>,
}

/// What is looked at: files by name within their folders, or whole trees.
#[derive(Default)]
struct Followed {
    names: HashSet<OsString>,
    folders: HashSet<PathBuf>,
    has_tree: bool,
}

impl Watch {
    /// Calls `react` after any of the files was written, replaced, made or removed. It answers
    /// which files to look at from then on.
    ///
    /// # Errors
    /// The system offers no means to watch.
    pub fn files(
        files: &[PathBuf],
        react: impl FnMut() -> Vec<PathBuf> + Send + 'static,
    ) -> Result<Self, notify::Error> {
        let (watch, told) = Self::new()?;
        watch.0.follow(files);
        watch.react_to(told, react)?;
        Ok(watch)
    }

    /// Calls `react` after anything changed in the folder or below.
    ///
    /// # Errors
    /// The folder cannot be watched: it is not there, or has too many others in it.
    pub fn tree(
        folder: &Path,
        mut react: impl FnMut() + Send + 'static,
    ) -> Result<Self, notify::Error> {
        let (watch, told) = Self::new()?;
        watch.0.followed.lock().has_tree = true;
        watch.0.watcher.lock().watch(folder, RecursiveMode::Recursive)?;
        watch.react_to(told, move || {
            react();
            Vec::new()
        })?;
        Ok(watch)
    }

    fn new() -> Result<(Self, Receiver<()>), notify::Error> {
        // One place: what happened while one waits there is told with it.
        let (tell, told) = sync_channel(1);
        let followed = Arc::<Mutex<Followed>>::default();
        let seen = Arc::clone(&followed);
        let watcher = notify::recommended_watcher(move |event| hear(&event, &seen, &tell))?;
        Ok((Self(Arc::new(Inner { watcher: Mutex::new(watcher), followed })), told))
    }

    fn react_to(
        &self,
        told: Receiver<()>,
        mut react: impl FnMut() -> Vec<PathBuf> + Send + 'static,
    ) -> Result<(), notify::Error> {
        let inner: Weak<Inner> = Arc::downgrade(&self.0);
        let work = move || {
            // It ends when the watcher is dropped, and the sender with it.
            while told.recv().is_ok() {
                if !wait_until_still(&told) {
                    return;
                }
                let files = react();
                match inner.upgrade() {
                    Some(inner) => inner.follow(&files),
                    None => return,
                }
            }
        };
        let thread = thread::Builder::new().name("watch".to_owned()).spawn(work);
        thread.map(drop).map_err(notify::Error::io)
    }
}

impl Inner {
    /// Looks at the folders of the files: an editor that replaces a file leaves the old one behind,
    /// and a mounted secret is a link to a link, of which the first is replaced.
    fn follow(&self, files: &[PathBuf]) {
        for file in files {
            let mut places = vec![file.clone()];
            places.extend(file.canonicalize().ok().filter(|real| real != file));
            for place in places {
                self.follow_one(&place);
            }
        }
    }

    fn follow_one(&self, file: &Path) {
        let Some(name) = file.file_name() else { return };
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).to_owned();
        let is_new = {
            let mut followed = self.followed.lock();
            followed.names.insert(name.to_owned());
            !followed.folders.contains(&folder) && followed.folders.len() < MAX_FOLDERS
        };
        if !is_new {
            return;
        }
        match self.watcher.lock().watch(&folder, RecursiveMode::NonRecursive) {
            Ok(()) => drop(self.followed.lock().folders.insert(folder)),
            Err(error) => {
                tracing::debug!(%error, folder = %folder.display(), "a folder is not watched");
            }
        }
    }
}

fn hear(event: &Result<Event, notify::Error>, followed: &Mutex<Followed>, tell: &SyncSender<()>) {
    let is_of_interest = match event {
        Ok(event) => is_change(event) && followed.lock().concerns(event),
        // Something was missed.
        Err(_) => true,
    };
    if is_of_interest {
        // A full place is as good: somebody is about to look.
        let _ = tell.try_send(());
    }
}

/// Looking at a file is an event, too.
fn is_change(event: &Event) -> bool {
    match event.kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

impl Followed {
    fn concerns(&self, event: &Event) -> bool {
        let is_named = |path: &PathBuf| {
            let Some(name) = path.file_name() else { return true };
            // `..data` is what is replaced where secrets are mounted into a container.
            self.names.contains(name) || name.as_encoded_bytes().starts_with(b"..")
        };
        self.has_tree || event.need_rescan() || event.paths.iter().any(is_named)
    }
}

/// False when nobody watches any more.
#[expect(clippy::disallowed_methods, reason = "a pause is what is waited for")]
fn wait_until_still(told: &Receiver<()>) -> bool {
    for _ in 0..MOST_WAITS {
        thread::sleep(STILL);
        match told.try_recv() {
            Ok(()) => {}
            Err(TryRecvError::Empty) => return true,
            Err(TryRecvError::Disconnected) => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::Write as _;
    use std::sync::mpsc::channel;

    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    fn write(path: &Path, text: &str) {
        File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn a_file_is_followed_however_it_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("watched");
        let (tell, told) = channel();
        let shown = file.clone();
        let react = move || {
            tell.send(fs::read_to_string(&shown).unwrap_or_default()).unwrap();
            vec![shown.clone()]
        };
        let watch = Watch::files(std::slice::from_ref(&file), react).unwrap();
        let see = |text: &str| while told.recv_timeout(SOON).expect(text) != text {};
        write(&file, "made");
        see("made");
        write(&file, "written");
        see("written");
        // As editors do it.
        write(&dir.path().join("new"), "replaced");
        fs::rename(dir.path().join("new"), &file).unwrap();
        see("replaced");
        fs::remove_file(&file).unwrap();
        see("");
        drop(watch);
        assert!(told.recv_timeout(SOON).is_err(), "the thread ends with the watch");
    }

    #[test]
    fn others_in_the_folder_do_not_matter() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("watched");
        let (tell, told) = channel();
        let react = move || {
            tell.send(()).unwrap();
            Vec::new()
        };
        let _watch = Watch::files(std::slice::from_ref(&file), react).unwrap();
        write(&dir.path().join("other"), "x");
        assert!(told.recv_timeout(4 * STILL).is_err(), "another file was told");
        write(&file, "x");
        told.recv_timeout(SOON).expect("the file itself is told");
    }

    #[test]
    fn a_tree_is_watched_to_its_leaves() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("a/b")).unwrap();
        let (tell, told) = channel();
        let _watch = Watch::tree(dir.path(), move || tell.send(()).unwrap()).unwrap();
        write(&dir.path().join("a/b/c"), "x");
        told.recv_timeout(SOON).expect("a change far below");
    }
}
