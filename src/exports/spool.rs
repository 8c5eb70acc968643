//! A file that one side still writes while the other reads it: the snapshot is held for as long as
//! the disk takes, not the client.

use std::fs::{self, File};
use std::io::{self, Read as _, Write};
use std::path::PathBuf;

use bytes::Bytes;
use tokio::sync::watch;

/// Bytes that are read at a time.
const PIECE: u64 = 256 << 10;

/// How far the writing side is.
#[derive(Debug, Clone, Copy, Default)]
struct Reached {
    bytes: u64,
    /// It ended, well or not.
    ended: Option<bool>,
}

/// The writing side.
pub(super) struct SpoolWriter {
    file: File,
    reached: watch::Sender<Reached>,
}

/// The reading side; the file goes with it.
pub struct Spool {
    file: Option<File>,
    path: PathBuf,
    read: u64,
    reached: watch::Receiver<Reached>,
}

/// Makes the file, and both ends of it.
pub(super) fn spool(path: PathBuf) -> io::Result<(SpoolWriter, Spool)> {
    let file = File::options().write(true).create_new(true).open(&path)?;
    let reader = File::open(&path)?;
    // Where a file may be removed while it is open, a crash leaves nothing.
    #[cfg(unix)]
    fs::remove_file(&path)?;
    let (sender, receiver) = watch::channel(Reached::default());
    let spool = Spool { file: Some(reader), path, read: 0, reached: receiver };
    Ok((SpoolWriter { file, reached: sender }, spool))
}

impl SpoolWriter {
    /// Tells that nothing follows.
    pub fn end(self, is_whole: bool) {
        self.reached.send_modify(|reached| reached.ended = Some(is_whole));
    }
}

impl Write for &mut SpoolWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.reached.is_closed() {
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "nobody reads the export"));
        }
        let count = self.file.write(bytes)?;
        self.reached.send_modify(|reached| reached.bytes += count as u64);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Spool {
    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// The writing side failed: what was read is not whole.
    pub async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            let Reached { bytes, ended } = *self.reached.borrow_and_update();
            if bytes > self.read {
                return Some(self.piece((bytes - self.read).min(PIECE)).await);
            }
            match ended {
                Some(true) => return None,
                Some(false) => return Some(Err(io::Error::other("the export broke off"))),
                None if self.reached.changed().await.is_err() => {
                    return Some(Err(io::Error::other("the export broke off")));
                }
                None => {}
            }
        }
    }

    async fn piece(&mut self, length: u64) -> io::Result<Bytes> {
        let Some(file) = self.file.take() else {
            return Err(io::Error::other("the export broke off"));
        };
        let read = move || {
            let mut piece = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
            let mut part = (&file).take(length);
            part.read_to_end(&mut piece)?;
            io::Result::Ok((file, piece))
        };
        let (file, piece) = tokio::task::spawn_blocking(read).await.map_err(io::Error::other)??;
        self.file = Some(file);
        self.read += piece.len() as u64;
        Ok(Bytes::from(piece))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        self.file = None;
        if !cfg!(unix) {
            // Not there any more, as a rule.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_reader_follows_the_writer_and_learns_how_it_ended() {
        let dir = tempfile::tempdir().unwrap();
        for is_whole in [true, false] {
            let (mut writer, mut reader) = spool(dir.path().join("export")).unwrap();
            let first = tokio::spawn(async move {
                let piece = reader.next().await.unwrap().unwrap();
                (reader, piece)
            });
            (&mut writer).write_all(b"one").unwrap();
            let (mut reader, piece) = first.await.unwrap();
            assert_eq!(piece, "one");
            (&mut writer).write_all(b"two").unwrap();
            writer.end(is_whole);
            assert_eq!(reader.next().await.unwrap().unwrap(), "two");
            assert_eq!(reader.next().await.is_none(), is_whole);
            drop(reader);
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        }
    }

    #[test]
    fn a_reader_that_is_gone_ends_the_writer() {
        let dir = tempfile::tempdir().unwrap();
        let (mut writer, reader) = spool(dir.path().join("export")).unwrap();
        drop(reader);
        assert!((&mut writer).write_all(b"one").is_err());
    }
}
