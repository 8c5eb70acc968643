//! A backup that a client sends: it goes to the disk piece by piece, whatever its size.

use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;

use crate::backups::pack::{Temporary, failed};
use crate::backups::parts::{Backups, Inner, Reserved};
use crate::backups::service::{CONTENT_TYPE, INVALID, SHA256};
use crate::backups::tally::Tally;
use crate::codes::Code;
use crate::crypto::random_id;
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::files::{Attributes, base_of, is_archive_name};

/// What a zip begins with: an entry, the end of an empty one, a part of one.
const MARKS: [[u8; 4]; 3] = [*b"PK\x03\x04", *b"PK\x05\x06", *b"PK\x07\x08"];

/// A backup that is arriving. Dropped before its end, it leaves nothing behind. Its calls wait for
/// the disk.
pub struct ReceivingBackup {
    inner: Arc<Inner>,
    sent: String,
    name: String,
    temporary: Temporary,
    tally: Tally,
    head: Vec<u8>,
}

impl Backups {
    /// A backup that begins to arrive, called `sent` by the client.
    ///
    /// # Errors
    /// The disk takes no file.
    pub fn receive(&self, sent: &str) -> Result<ReceivingBackup> {
        let temporary = Temporary(self.0.parts.files.temporary().join(random_id()));
        let tally = Tally::new(File::create_new(&temporary.0).map_err(failed)?);
        Ok(ReceivingBackup {
            inner: Arc::clone(&self.0),
            sent: sent.to_owned(),
            name: base_of(sent).to_owned(),
            temporary,
            tally,
            head: Vec::new(),
        })
    }
}

impl ReceivingBackup {
    /// The field at fault when nothing was sent.
    pub fn missing() -> Error {
        refused(Issue::new(Code::Required))
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// 400 once it is clear that this is no backup; what the disk says.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let missing = MARKS[0].len().saturating_sub(self.head.len());
        self.head.extend_from_slice(&bytes[..missing.min(bytes.len())]);
        if missing > 0 && self.head.len() == MARKS[0].len() {
            self.require_backup()?;
        }
        self.tally.write_all(bytes).map_err(failed)
    }

    /// Keeps it under the name it was sent with.
    ///
    /// # Errors
    /// 400 for what is no backup, and for a name that is taken or cannot be given.
    pub fn keep(self) -> Result<()> {
        self.require_backup()?;
        let free = match is_archive_name(&self.name) {
            true => Reserved::take(&self.inner, &self.name).map_err(failed)?,
            false => None,
        };
        let Some(reserved) = free else { return Err(refused(Issue::new(Code::BackupNameExists))) };
        let sums = self.tally.finish().map_err(failed)?;
        let mut attributes = Attributes::new(CONTENT_TYPE, &self.name, sums.md5);
        attributes.metadata.insert(SHA256.to_owned(), sums.sha256);
        let archive = &self.inner.archive;
        archive.put(&reserved.name, &self.temporary.0, &attributes).map_err(failed)?;
        tracing::info!(name = reserved.name, bytes = sums.size, "a backup was received");
        Ok(())
    }

    fn require_backup(&self) -> Result<()> {
        if MARKS.iter().any(|mark| self.head == mark) {
            return Ok(());
        }
        let sent = &self.sent;
        let message = format!("\"{sent}\" mime type must be one of: {CONTENT_TYPE}.");
        Err(refused(Issue::with_message(Code::InvalidMimeType, message)))
    }
}

fn refused(issue: Issue) -> Error {
    Error::invalid(INVALID, FieldErrors::one("file", issue))
}
