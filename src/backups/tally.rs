//! Counts and sums what is written, and lets it reach the disk little by little.

use std::fs::File;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};

use crate::crypto::Sha256;

/// Bytes after which a file is forced to the disk: what piles up in the system's memory would have
/// to go all at once, and commits would wait for it.
const FLUSH_EVERY: u64 = 16 << 20;

/// A file on its way to the disk.
pub(super) struct Tally {
    file: File,
    md5: Md5,
    sha256: Sha256,
    size: u64,
    flushed: u64,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sums {
    pub size: u64,
    /// In base64, as the sidecar has it.
    pub md5: String,
    /// In hexadecimal digits.
    pub sha256: String,
}

impl Tally {
    pub fn new(file: File) -> Self {
        Self { file, md5: Md5::new(), sha256: Sha256::new(), size: 0, flushed: 0 }
    }

    /// The sums of all that was written, which is on the disk then.
    pub fn finish(mut self) -> io::Result<Sums> {
        self.file.sync_data()?;
        let md5 = STANDARD.encode(std::mem::take(&mut self.md5).finalize());
        Ok(Sums { size: self.size, md5, sha256: hex(&self.sha256.finish()) })
    }
}

impl Write for Tally {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.md5.update(&bytes[..written]);
        self.sha256.update(&bytes[..written]);
        self.size += written as u64;
        if self.size - self.flushed >= FLUSH_EVERY {
            self.flushed = self.size;
            self.file.sync_data()?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// In hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_file() {
        let mut tally = Tally::new(tempfile::tempfile().unwrap());
        tally.write_all(b"Hello ").unwrap();
        tally.write_all(b"World").unwrap();
        let sums = tally.finish().unwrap();
        assert_eq!(sums.size, 11);
        assert_eq!(sums.md5, "sQqNsWTgdUEFt6mb5y4/5Q==");
        let sha256 = "a591a6d40bf420404a011733cfb7b190d62c65bf0bcda32b57b277d9ad9f146e";
        assert_eq!(sums.sha256, sha256);
    }
}
