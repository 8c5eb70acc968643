//! Files on their way from the folder to the bucket, or back: copied, looked at, then removed where
//! they came from. Meanwhile they are read, and removed, in both places.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write as _};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};

use crate::crypto::random_id;
use crate::files::local::LocalStorage;
use crate::files::places::Places;
use crate::files::s3::{BucketStorage, labels, object};
use crate::files::{Content, FileKey, Opened, Storage as _, Walk};

/// Bytes that are copied at a time.
const PIECE: usize = 256 << 10;

/// One of the two places of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// The bucket of the settings.
    Bucket,
    /// The data folder.
    Folder,
}

/// How far a move has come, since the server runs.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MoveProgress {
    /// Where files go to; nothing before the first move.
    pub to: Option<Place>,
    /// Whether it goes on just now.
    pub is_running: bool,
    /// Files that have arrived.
    pub moved: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that have to be tried again.
    pub failed: u64,
    /// What was wrong with the last of them.
    pub error: String,
}

impl Places {
    /// Begins a move; files are found in both places from now on.
    pub fn begin_move(&self, to: Place) {
        self.read_both();
        *self.progress.lock() =
            MoveProgress { to: Some(to), is_running: true, ..MoveProgress::default() };
    }

    /// Lets files be found in both places from now on.
    pub fn read_both(&self) {
        self.leaves_bucket.store(true, Ordering::Relaxed);
    }

    /// Ends a move; `is_done` when nothing is left where it came from.
    pub fn end_move(&self, is_done: bool) {
        self.progress.lock().is_running = false;
        if is_done {
            self.leaves_bucket.store(false, Ordering::Relaxed);
        }
    }

    /// A file of the bucket that can be read on when it moves to the folder meanwhile.
    pub fn followed(&self, key: &FileKey, opened: Option<Opened>) -> io::Result<Option<Opened>> {
        let Some(opened) = opened else {
            // It may just have arrived.
            return self.local.open(key);
        };
        let (content, local, key) = (opened.content, Arc::clone(&self.local), key.clone());
        let content = Box::new(Followed { content, local, key, position: 0 });
        Ok(Some(Opened { content, ..opened }))
    }

    /// Counts what became of a file.
    pub fn count(&self, carried: &io::Result<Option<u64>>) {
        let mut progress = self.progress.lock();
        match carried {
            Ok(Some(bytes)) => {
                progress.moved += 1;
                progress.bytes += bytes;
            }
            Ok(None) => {}
            Err(error) => {
                progress.failed += 1;
                progress.error = error.to_string();
            }
        }
    }

    /// True when files go to this place now.
    pub fn goes_to(&self, to: Place) -> io::Result<bool> {
        Ok(self.bucket()?.is_some() == (to == Place::Bucket))
    }

    /// The files of a collection where they are to go away from.
    pub fn left_behind(&self, to: Place, collection: &str) -> io::Result<Walk<'_>> {
        Ok(match (to, self.named_bucket()?) {
            (Place::Bucket, _) => self.local.walk(Some(collection)),
            (Place::Folder, Some(bucket)) => bucket.owned_walk(Some(collection)),
            (Place::Folder, None) => Box::new(std::iter::empty()),
        })
    }

    /// Moves a file and tells its bytes; `None` when it is not there any more.
    pub fn carry(&self, key: &FileKey, to: Place) -> io::Result<Option<u64>> {
        let other = || io::Error::new(ErrorKind::Unsupported, "the settings name no bucket");
        let bucket = self.named_bucket()?.ok_or_else(other)?;
        match to {
            Place::Bucket => self.carry_in(&bucket, key),
            Place::Folder => self.carry_out(&bucket, key),
        }
    }

    fn carry_in(&self, bucket: &BucketStorage, key: &FileKey) -> io::Result<Option<u64>> {
        let Some(mut opened) = self.local.open(key)? else { return Ok(None) };
        let (name, length) = (object(key), opened.length);
        self.notes.begin(key)?;
        bucket.0.put_sized(&name, &mut opened.content, length, &opened.attributes)?;
        // What it sent was signed: the service has these bytes or refused them.
        let stored = bucket.0.head(&name)?.map(|found| found.size);
        if stored != Some(length) {
            return Err(io::Error::other("the bucket has another length of it"));
        }
        if self.local.open(key)?.is_none() {
            // Its row went meanwhile.
            bucket.remove(key)?;
            return Ok(None);
        }
        self.local.remove(key)?;
        self.notes.forget(key);
        Ok(Some(length))
    }

    fn carry_out(&self, bucket: &BucketStorage, key: &FileKey) -> io::Result<Option<u64>> {
        let Some(opened) = bucket.open(key)? else { return Ok(None) };
        let length = opened.length;
        let path = self.temporary.join(random_id());
        let mut attributes = opened.attributes.clone();
        let copied = File::create_new(&path).and_then(|mut file| {
            copy(opened, &mut file)?;
            file.sync_data()?;
            // The bucket's label is no name of the client's.
            attributes.metadata.remove(labels::MD5);
            self.local.put(key, &path, &attributes)
        });
        copied.inspect_err(|_| {
            let _ = fs::remove_file(&path);
        })?;
        bucket.remove(key)?;
        Ok(Some(length))
    }
}

/// The content of an object, and of the file that it may become.
struct Followed {
    content: Box<dyn Content>,
    local: Arc<LocalStorage>,
    key: FileKey,
    position: u64,
}

impl Read for Followed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match self.content.read(buffer) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.content = self.local.open(&self.key)?.ok_or(error)?.content;
                self.content.seek(SeekFrom::Start(self.position))?;
                self.content.read(buffer)?
            }
            read => read?,
        };
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Followed {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = self.content.seek(to)?;
        Ok(self.position)
    }
}

/// Copies a whole file, or nothing that anybody keeps.
fn copy(mut from: Opened, to: &mut File) -> io::Result<()> {
    let (mut digest, mut copied) = (Md5::new(), 0);
    let mut piece = vec![0; PIECE];
    loop {
        let count = from.content.read(&mut piece)?;
        if count == 0 {
            break;
        }
        to.write_all(&piece[..count])?;
        digest.update(&piece[..count]);
        copied += count as u64;
    }
    let sure = from.attributes.metadata.get(labels::MD5);
    let is_same = sure.is_none_or(|md5| *md5 == STANDARD.encode(digest.finalize()));
    if copied == from.length && is_same {
        Ok(())
    } else {
        Err(io::Error::new(ErrorKind::InvalidData, "what came is not what was stored"))
    }
}
