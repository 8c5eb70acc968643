//! A trial of a bucket: an object goes in, is read, listed and removed.

use std::io::{self, Read as _};
use std::sync::Arc;

use serde::Deserialize;

use crate::codes::Code;
use crate::crypto::{ID_ALPHABET, random_text};
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::files::Attributes;
use crate::files::s3::Bucket;
use crate::settings::{S3, Settings};

const CONTENT: &[u8] = b"test";
const FAILED: &str = "Failed to test the S3 filesystem.";

/// What a superuser sends (contract §3.9).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TestForm {
    /// `storage` or `backups`.
    pub filesystem: String,
}

impl TestForm {
    /// The names of the form.
    pub const NAMES: &'static [&'static str] = &["filesystem"];

    /// The settings of the bucket that is meant.
    ///
    /// # Errors
    /// 400: no bucket is meant, or it is switched off.
    pub fn bucket<'s>(&self, settings: &'s Settings) -> Result<&'s S3> {
        let refused =
            |code| Error::invalid(FAILED, FieldErrors::one("filesystem", Issue::new(code)));
        let bucket = match self.filesystem.as_str() {
            "" => return Err(refused(Code::Required)),
            "storage" => &settings.s3,
            "backups" => &settings.backups.s3,
            _ => return Err(refused(Code::InInvalid)),
        };
        if bucket.enabled { Ok(bucket) } else { Err(raw("S3 storage filesystem is not enabled")) }
    }
}

/// 400 with the reason.
fn raw(reason: &str) -> Error {
    Error::bad_request(format!("{FAILED} Raw error: \n{}.", reason.trim_end_matches('.')))
}

/// Tries everything that is needed of a bucket. Waits for the network.
pub fn try_out(bucket: io::Result<Bucket>) -> Result<()> {
    let bucket = &Arc::new(bucket.map_err(|error| raw(&error.to_string()))?);
    let folder = format!("greenroom_settings_test_{}", random_text(5, ID_ALPHABET));
    let key = format!("{folder}/test.txt");
    let told =
        |what: &'static str| move |error: io::Error| raw(&format!("failed to {what}: {error}"));
    let labels = Attributes::derived("text/plain; charset=utf-8", String::new());
    bucket.put(&key, &mut &CONTENT[..], &labels).map_err(told("upload a test file"))?;
    let read = read(bucket, &key).map_err(told("read a test file"));
    let removed = remove(bucket, &folder, &key).map_err(told("delete a test file"));
    read.and(removed)
}

fn read(bucket: &Arc<Bucket>, key: &str) -> io::Result<()> {
    let other = |words: &str| io::Error::other(words.to_owned());
    let opened = bucket.open(key)?.ok_or_else(|| other("it is not there"))?;
    let mut content = Vec::new();
    opened.content.take(CONTENT.len() as u64 + 1).read_to_end(&mut content)?;
    if content == CONTENT { Ok(()) } else { Err(other("it has another content")) }
}

fn remove(bucket: &Arc<Bucket>, folder: &str, key: &str) -> io::Result<()> {
    let listed = bucket.list(folder)?.collect::<io::Result<Vec<_>>>();
    bucket.remove(&[key.to_owned()])?;
    if listed?.iter().any(|found| found.key == key) {
        Ok(())
    } else {
        Err(io::Error::other("the list of the bucket does not have it"))
    }
}
