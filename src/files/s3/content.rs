//! The content of an object: read in pieces that grow, from any position.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::sync::Arc;

use bytes::{Buf as _, Bytes};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use object_store::path::Path;

use crate::files::s3::Bucket;
use crate::files::s3::limits::{FIRST_PIECE, LAST_PIECE, STALL};
use crate::files::s3::trouble;

/// The bytes of an answer, as they come.
pub(super) type Incoming = BoxStream<'static, object_store::Result<Bytes>>;

/// An object that is being read. One request serves what is read one after the other.
pub(super) struct Ranged {
    bucket: Arc<Bucket>,
    key: Path,
    /// Another object of this name is not mixed with this one.
    tag: Option<String>,
    length: u64,
    position: u64,
    /// Bytes of the next request.
    piece: u64,
    running: Option<Running>,
}

/// A request whose answer is being read.
struct Running {
    incoming: Incoming,
    chunk: Bytes,
    /// Where the chunk begins.
    at: u64,
    /// Where the answer ends.
    end: u64,
}

impl Ranged {
    /// An object of `length` bytes; `first` are those from the beginning to `end`.
    pub fn new(
        bucket: Arc<Bucket>,
        key: Path,
        tag: Option<String>,
        length: u64,
        first: Option<(Incoming, u64)>,
    ) -> Self {
        let running =
            first.map(|(incoming, end)| Running { incoming, chunk: Bytes::new(), at: 0, end });
        Self { bucket, key, tag, length, position: 0, piece: FIRST_PIECE, running }
    }

    /// The answer that goes on at the position.
    fn running(&mut self) -> io::Result<&mut Running> {
        let position = self.position;
        let goes_on = |running: &Running| running.at == position && running.at < running.end;
        let next = match self.running.take() {
            Some(running) if goes_on(&running) => running,
            ended => {
                // Who reads on wants more; who jumps may want little.
                let reads_on = ended.is_some_and(|ended| ended.at == position);
                self.piece = if reads_on { (self.piece * 4).min(LAST_PIECE) } else { FIRST_PIECE };
                let end = self.length.min(position.saturating_add(self.piece));
                let incoming = self.bucket.range(&self.key, self.tag.clone(), position..end)?;
                Running { incoming, chunk: Bytes::new(), at: position, end }
            }
        };
        Ok(self.running.insert(next))
    }
}

impl Read for Ranged {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || self.position >= self.length {
            return Ok(0);
        }
        let bucket = Arc::clone(&self.bucket);
        let running = self.running()?;
        while running.chunk.is_empty() {
            let next = bucket.wait(STALL, async { running.incoming.next().await.transpose() })?;
            running.chunk = match next {
                Ok(Some(chunk)) => chunk,
                Err(error) => return Err(trouble::of(&error)),
                Ok(None) => {
                    let words = "the answer of the service breaks off";
                    return Err(trouble::outage(ErrorKind::UnexpectedEof, words));
                }
            };
        }
        let count = running.chunk.len().min(buffer.len());
        running.chunk.copy_to_slice(&mut buffer[..count]);
        running.at += count as u64;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Ranged {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        let before = || io::Error::new(ErrorKind::InvalidInput, "a position before the beginning");
        self.position = position.ok_or_else(before)?;
        Ok(self.position)
    }
}
