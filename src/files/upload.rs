//! An upload on its way: bytes arrive, the file is put in place, a committed row keeps it.

use std::fmt;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use parking_lot::Mutex;

use crate::crypto::random_id;
use crate::files::kind::HEAD;
use crate::files::{Attributes, FileKey, Files, Kind, name};

/// Characters of a client's file name that are remembered.
const MAX_SENT_NAME: usize = 255;

/// A file that is arriving. Dropped before its end, it leaves nothing behind.
pub struct Receiving {
    files: Files,
    key: String,
    sent: String,
    file: Option<(File, PathBuf)>,
    head: Vec<u8>,
    digest: Md5,
    size: u64,
}

impl Receiving {
    pub(super) fn new(files: Files, key: &str, sent: &str) -> Self {
        let sent = name::base_of(sent).chars().take(MAX_SENT_NAME).collect();
        let (head, digest) = (Vec::new(), Md5::new());
        Self { files, key: key.to_owned(), sent, file: None, head, digest, size: 0 }
    }

    /// Takes the next bytes. Waits for the disk.
    ///
    /// # Errors
    /// The disk does not take them.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some((file, _)) => file,
            None => {
                let path = self.files.temporary().join(random_id());
                &mut self.file.insert((File::create_new(&path)?, path)).0
            }
        };
        file.write_all(bytes)?;
        self.digest.update(bytes);
        self.size += bytes.len() as u64;
        let missing = HEAD - self.head.len().min(HEAD);
        self.head.extend_from_slice(&bytes[..missing.min(bytes.len())]);
        Ok(())
    }

    /// The whole file. Waits for the disk: what is acknowledged later must not be lost.
    ///
    /// # Errors
    /// The disk does not take it.
    pub fn finish(mut self) -> io::Result<Upload> {
        self.write(&[])?;
        let Some((file, path)) = self.file.take() else {
            return Err(io::Error::other("the temporary file is missing"));
        };
        let state = Mutex::new(State::Arrived(path));
        file.sync_data()?;
        let kind = Kind::of(&self.head);
        let digest = std::mem::take(&mut self.digest).finalize();
        Ok(Upload {
            files: self.files.clone(),
            key: std::mem::take(&mut self.key),
            name: name::stored(&self.sent, kind.ending()),
            sent: std::mem::take(&mut self.sent),
            size: self.size,
            kind,
            md5: STANDARD.encode(digest),
            state,
        })
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        if let Some((_, path)) = self.file.take() {
            self.files.discard(path);
        }
    }
}

/// A file that has arrived. Unless [`Upload::keep`] is called, it is gone with its last owner.
pub struct Upload {
    files: Files,
    /// The key of the form it came with, modifier and all.
    pub key: String,
    /// What it is stored as.
    pub name: String,
    /// What the client called it.
    pub sent: String,
    /// Its bytes.
    pub size: u64,
    /// What it is.
    pub kind: Kind,
    md5: String,
    state: Mutex<State>,
}

enum State {
    Arrived(PathBuf),
    Placed(FileKey),
    Kept,
}

impl Upload {
    /// Puts the file where a record's files are. Waits for the disk. A record whose id is no name
    /// of a folder gets none, and [`Upload::is_placed`] says so.
    ///
    /// # Errors
    /// The storage does not take it.
    pub fn place(&self, collection: &str, record: &str) -> io::Result<()> {
        let mut state = self.state.lock();
        let State::Arrived(path) = &*state else { return Ok(()) };
        let Some(key) = FileKey::new(collection, record, &self.name) else { return Ok(()) };
        let attributes = Attributes::new(self.kind.content_type(), &self.sent, self.md5.clone());
        self.files.in_flight().begin(&key);
        self.files.storage().put(&key, path, &attributes).inspect_err(|_| {
            self.files.in_flight().end(&key);
        })?;
        *state = State::Placed(key);
        Ok(())
    }

    /// True once the file is where those of this record are.
    pub fn is_placed(&self, collection: &str, record: &str) -> bool {
        match &*self.state.lock() {
            State::Placed(key) => key.collection() == collection && key.record() == record,
            State::Arrived(_) | State::Kept => false,
        }
    }

    /// A committed row names the file: it stays.
    pub fn keep(&self) {
        let mut state = self.state.lock();
        if let State::Placed(key) = &*state {
            self.files.in_flight().end(key);
            if let Some(note) = self.files.storage().note_of(key) {
                self.files.discard(note);
            }
            *state = State::Kept;
        }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        match std::mem::replace(self.state.get_mut(), State::Kept) {
            State::Arrived(path) => self.files.discard(path),
            State::Placed(key) => {
                self.files.in_flight().end(&key);
                self.files.remove(vec![key]);
            }
            State::Kept => {}
        }
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("key", &self.key).field("name", &self.name).finish()
    }
}
