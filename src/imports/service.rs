//! [`Imports`]: begins imports, knows those that run and the last that ended.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::crypto;
use crate::error::{Error, Result};
use crate::files::Files;
use crate::imports::ImportOrder;
use crate::imports::progress::{Begun, Progress, Report};
use crate::imports::rejects::RejectWriter;
use crate::imports::run::Run;
use crate::query::RequestContext;
use crate::records::{Records, Target};
use crate::schema::{Collection, Schema};

/// Imports that may run at a time.
const MOST: usize = 4;
/// Imports that are remembered.
const KEPT: usize = 50;
/// Pieces of a body that wait to be read.
const PIECES: usize = 8;
/// Between two looks at whether an import was cancelled while it waits for bytes.
const LOOK: Duration = Duration::from_millis(100);
/// How long a cancel waits for what is being written.
const PATIENCE: Duration = Duration::from_secs(65);

/// The imports of one data folder. Cheap to clone.
#[derive(Clone)]
pub struct Imports(Arc<Inner>);

struct Inner {
    records: Records,
    files: Files,
    clock: Clock,
    /// The newest first.
    known: Mutex<VecDeque<Arc<Progress>>>,
}

/// The end of an import that takes the bytes of its file.
pub struct Body {
    sender: flume::Sender<Option<Bytes>>,
    ended: JoinHandle<()>,
}

/// What an import is about.
pub struct Subject {
    /// The schema that rows are checked against.
    pub schema: Arc<Schema>,
    /// Whose records they become.
    pub collection: Arc<Collection>,
    /// What is asked.
    pub order: ImportOrder,
    /// Who asks.
    pub cx: RequestContext,
    /// The bytes of the file, if anybody knows.
    pub total_bytes: u64,
    /// A name for it that is chosen by who asks.
    pub id: Option<String>,
}

impl Imports {
    /// Imports into `records`; refused rows are kept beside the uploads that arrive.
    pub fn new(records: Records, files: Files, clock: Clock) -> Self {
        Self(Arc::new(Inner { records, files, clock, known: Mutex::default() }))
    }

    /// Begins an import of what is then sent to the body.
    ///
    /// # Errors
    /// 400 for an order that does not fit the collection, 503 where too many run.
    pub fn begin(&self, subject: Subject) -> Result<(Body, Arc<Progress>)> {
        let (run, progress) = self.prepare(subject, Handle::current())?;
        let (sender, receiver) = flume::bounded(PIECES);
        let watched = Arc::clone(&progress);
        let input = Pieces { receiver, piece: Bytes::new(), is_over: false, progress: watched };
        let ended = tokio::task::spawn_blocking(move || run.run(input));
        Ok((Body { sender, ended }, progress))
    }

    /// Imports `input`; `step` is handed the progress before. Blocks.
    ///
    /// # Errors
    /// As [`Imports::begin`]; how it ended stands in the report.
    pub fn run(
        &self,
        subject: Subject,
        runtime: Handle,
        input: impl Read,
        step: impl FnOnce(&Arc<Progress>),
    ) -> Result<Report> {
        let (run, progress) = self.prepare(subject, runtime)?;
        step(&progress);
        run.run(Counted { input, progress: Arc::clone(&progress) });
        Ok(progress.report())
    }

    fn prepare(&self, subject: Subject, runtime: Handle) -> Result<(Run, Arc<Progress>)> {
        let Subject { schema, collection, order, cx, total_bytes, id } = subject;
        order.check(&collection)?;
        let id = id.filter(|id| !id.is_empty()).unwrap_or_else(crypto::random_id);
        let progress = Arc::new(Progress::new(Begun {
            id,
            collection: collection.name.clone(),
            format: order.format.as_str(),
            dry_run: order.dry_run,
            total_bytes,
            started: self.0.clock.now(),
        }));
        self.remember(Arc::clone(&progress))?;
        let file = format!("import-{}", crypto::random_id());
        let rejects = RejectWriter::new(self.0.files.scratch().join(file));
        let target = Target { schema, collection, cx, key: order.upsert.clone() };
        let records = self.0.records.clone();
        Ok((Run::new(records, target, order, Arc::clone(&progress), rejects, runtime), progress))
    }

    fn remember(&self, progress: Arc<Progress>) -> Result<()> {
        let mut known = self.0.known.lock();
        if known.iter().filter(|known| known.is_running()).count() >= MOST {
            return Err(Error::busy("Too many imports run already."));
        }
        if known.iter().any(|known| known.id() == progress.id()) {
            return Err(Error::bad_request("There is an import of this id already."));
        }
        known.push_front(progress);
        while known.len() > KEPT {
            known.pop_back();
        }
        Ok(())
    }

    /// All that are known, the newest first.
    pub fn list(&self) -> Vec<Report> {
        self.0.known.lock().iter().map(|progress| progress.report()).collect()
    }

    /// The import of this id.
    ///
    /// # Errors
    /// 404 where none is known.
    pub fn get(&self, id: &str) -> Result<Arc<Progress>> {
        let known = self.0.known.lock();
        known.iter().find(|known| known.id() == id).cloned().ok_or_else(Error::not_found)
    }

    /// Ends the import of this id: when this answers, nothing more is written. What was committed
    /// stays.
    ///
    /// # Errors
    /// 404 where none is known, 400 for one that ended, 503 where its last transaction hangs.
    pub async fn cancel(&self, id: &str) -> Result<Report> {
        let progress = self.get(id)?;
        if !progress.is_running() {
            return Err(Error::bad_request("The import has ended already."));
        }
        progress.cancel();
        let mut waited = Duration::ZERO;
        while progress.is_running() {
            if waited >= PATIENCE {
                return Err(Error::busy("The import is still ending."));
            }
            tokio::time::sleep(LOOK).await;
            waited += LOOK;
        }
        Ok(progress.report())
    }
}

impl Body {
    /// Hands on a piece of the file; false where no more is taken.
    pub async fn send(&self, piece: Bytes) -> bool {
        self.sender.send_async(Some(piece)).await.is_ok()
    }

    /// The file is whole: waits for the import to end. Dropped without this, the import fails.
    ///
    /// # Errors
    /// It panicked.
    pub async fn end(self) -> Result<()> {
        // An import that ended early takes no end.
        let _ = self.sender.send_async(None).await;
        self.ended.await.map_err(Error::internal)
    }
}

/// The pieces of a body, as they come.
struct Pieces {
    receiver: flume::Receiver<Option<Bytes>>,
    piece: Bytes,
    is_over: bool,
    progress: Arc<Progress>,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() && !self.is_over {
            match self.receiver.recv_timeout(LOOK) {
                Ok(Some(piece)) => {
                    self.progress.bytes.fetch_add(piece.len() as u64, Ordering::Relaxed);
                    self.piece = piece;
                }
                Ok(None) => self.is_over = true,
                Err(flume::RecvTimeoutError::Timeout) if self.progress.is_cancelled() => {
                    return Err(io::Error::other("it was cancelled"));
                }
                Err(flume::RecvTimeoutError::Timeout) => {}
                Err(flume::RecvTimeoutError::Disconnected) => {
                    return Err(io::Error::other("the file broke off"));
                }
            }
        }
        let count = self.piece.len().min(buffer.len());
        self.piece.copy_to_slice(&mut buffer[..count]);
        Ok(count)
    }
}

/// A file whose bytes are counted.
struct Counted<R> {
    input: R,
    progress: Arc<Progress>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.progress.is_cancelled() {
            return Err(io::Error::other("it was cancelled"));
        }
        let count = self.input.read(buffer)?;
        self.progress.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
