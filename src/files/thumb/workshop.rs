//! The threads that make thumbs, and what waits for them.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::crypto::random_id;
use crate::faults;
use crate::files::budget::Budget;
use crate::files::thumb::limits::{
    MAX_ASKING, MAX_HOPELESS, MAX_THREADS, MAX_WAITING, MEMORY, PATIENCE,
};
use crate::files::thumb::picture::{Picture, Refusal, make};
use crate::files::thumb::{NoThumb, Wanted};
use crate::files::{Attributes, FileKey, Opened, Storage};

/// Makes thumbs. Its threads end when it is dropped.
pub struct Workshop(Arc<Shared>);

struct Shared {
    storage: Arc<dyn Storage>,
    temporary: PathBuf,
    budget: Budget,
    state: Mutex<State>,
    has_work: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Wanted>,
    /// Who waits for a thumb that is waiting or being made.
    asking: HashMap<FileKey, Vec<oneshot::Sender<Outcome>>>,
    /// Thumbs that cannot be made: names are never used again, so that stays true.
    hopeless: HashSet<FileKey>,
    is_closed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Stored,
    Hopeless,
    Failed,
}

impl Workshop {
    pub fn start(storage: Arc<dyn Storage>, temporary: PathBuf) -> io::Result<Self> {
        let state = Mutex::default();
        let has_work = Condvar::new();
        let budget = Budget::new(MEMORY);
        let shared = Arc::new(Shared { storage, temporary, budget, state, has_work });
        let threads = thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
        let workshop = Self(shared);
        for number in 1..=threads {
            let shared = Arc::clone(&workshop.0);
            let name = format!("thumb-{number}");
            thread::Builder::new().name(name).spawn(move || shared.work())?;
        }
        Ok(workshop)
    }

    /// The thumb, made if it is not there.
    pub async fn thumb(&self, wanted: Wanted) -> Result<Opened, NoThumb> {
        if let Some(thumb) = self.stored(wanted.key()).await {
            return Ok(thumb);
        }
        let key = wanted.key();
        let answer = self.0.ask(wanted)?;
        match timeout(PATIENCE, answer).await {
            Ok(Ok(Outcome::Stored)) => self.stored(key).await.ok_or(NoThumb::NotNow),
            Ok(Ok(Outcome::Hopeless)) => Err(NoThumb::Impossible),
            Ok(Ok(Outcome::Failed) | Err(_)) | Err(_) => Err(NoThumb::NotNow),
        }
    }

    async fn stored(&self, key: FileKey) -> Option<Opened> {
        let storage = Arc::clone(&self.0.storage);
        let opened = tokio::task::spawn_blocking(move || storage.open(&key)).await;
        opened.ok()?.unwrap_or_else(|error| {
            tracing::warn!(%error, "a thumb cannot be read");
            None
        })
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.is_closed = true;
        state.waiting.clear();
        state.asking.clear();
        drop(state);
        self.0.has_work.notify_all();
    }
}

impl Shared {
    /// Queues what is not queued; the answer comes once it is done.
    fn ask(&self, wanted: Wanted) -> Result<oneshot::Receiver<Outcome>, NoThumb> {
        let key = wanted.key();
        let mut state = self.state.lock();
        if state.hopeless.contains(&key) {
            return Err(NoThumb::Impossible);
        }
        let (sender, answer) = oneshot::channel();
        let is_full = state.waiting.len() >= MAX_WAITING;
        match state.asking.get_mut(&key) {
            Some(others) if others.len() < MAX_ASKING => others.push(sender),
            None if !is_full => {
                state.asking.insert(key, vec![sender]);
                state.waiting.push_back(wanted);
                self.has_work.notify_one();
            }
            _ => return Err(NoThumb::NotNow),
        }
        Ok(answer)
    }

    fn work(&self) {
        while let Some(wanted) = self.next() {
            let key = wanted.key();
            // The thread outlives a decoder that panics.
            let made = catch_unwind(AssertUnwindSafe(|| match faults::pass("files::thumb") {
                Ok(()) => self.make(&wanted, &key),
                Err(_) => Outcome::Hopeless,
            }));
            let outcome = made.unwrap_or_else(|_| {
                tracing::error!(file = wanted.original.name(), "making a thumb panicked");
                Outcome::Hopeless
            });
            let mut state = self.state.lock();
            if outcome == Outcome::Hopeless {
                // Forgetting costs a second try, remembering all would cost memory.
                if state.hopeless.len() >= MAX_HOPELESS {
                    state.hopeless.clear();
                }
                state.hopeless.insert(key.clone());
            }
            let asking = state.asking.remove(&key);
            drop(state);
            for sender in asking.into_iter().flatten() {
                let _ = sender.send(outcome);
            }
        }
    }

    /// The next thumb that somebody still waits for; `None` once the workshop is gone.
    fn next(&self) -> Option<Wanted> {
        let mut state = self.state.lock();
        loop {
            if state.is_closed {
                return None;
            }
            let Some(wanted) = state.waiting.pop_front() else {
                self.has_work.wait(&mut state);
                continue;
            };
            let key = wanted.key();
            let asking = state.asking.get(&key);
            if asking.is_some_and(|asking| asking.iter().any(|sender| !sender.is_closed())) {
                return Some(wanted);
            }
            state.asking.remove(&key);
        }
    }

    fn make(&self, wanted: &Wanted, key: &FileKey) -> Outcome {
        match self.try_to_make(wanted, key) {
            Ok(()) => Outcome::Stored,
            Err(Refusal::Io(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
                tracing::warn!(%error, file = wanted.original.name(), "a thumb was not made");
                Outcome::Failed
            }
            Err(reason) => {
                let (file, size) = (wanted.original.name(), wanted.size.as_str());
                tracing::info!(%reason, file, size, "no thumb can be made of a file");
                Outcome::Hopeless
            }
        }
    }

    fn try_to_make(&self, wanted: &Wanted, key: &FileKey) -> Result<(), Refusal> {
        // It may have come between the look and the question.
        if self.storage.open(key)?.is_some() {
            return Ok(());
        }
        let gone = || io::Error::new(io::ErrorKind::NotFound, "the original is gone");
        let original = self.storage.open(&wanted.original)?.ok_or_else(gone)?;
        let Opened { content, length, .. } = original;
        let picture = make(content, length, &wanted.size, wanted.as_webp, &self.budget)?;
        self.store(key, &picture)?;
        // Removed meanwhile, the original would leave its thumb behind.
        if self.storage.open(&wanted.original)?.is_none() {
            self.storage.remove(&wanted.original)?;
            return Err(gone().into());
        }
        Ok(())
    }

    fn store(&self, key: &FileKey, picture: &Picture) -> io::Result<()> {
        let path = self.temporary.join(random_id());
        let md5 = STANDARD.encode(Md5::digest(&picture.bytes));
        let written = write(&path, &picture.bytes).and_then(|()| {
            self.storage.put(key, &path, &Attributes::derived(picture.content_type, md5))
        });
        if written.is_err() {
            let _ = fs::remove_file(&path);
        }
        written
    }
}

/// Flushed before it gets its name: an empty thumb would stay for good.
fn write(path: &PathBuf, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}
