//! The body of an upload of a backup: no limit of size, one buffer of memory.
//!
//! Whatever is wrong with it, the body is read to its end: a client that is still sending would not
//! see the answer.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::Payload;
use bytes::Bytes;
use futures_util::StreamExt as _;

use crate::backups::{Backups, ReceivingBackup};
use crate::error::{Error, Result};
use crate::http::intake::Reception;
use crate::http::limits::{MAX_PARTS, PIECE};
use crate::http::request::Request;

/// The form field of the file.
const FIELD: &str = "file";
const FORM: &str = "multipart/form-data";

impl Request {
    /// Reads the form and keeps the backup in it.
    ///
    /// # Errors
    /// 400 where there is none, for what is none, and for a name that is taken; 408 for a client
    /// that is too slow; 503 when the disk is full.
    pub async fn receive_backup(&mut self) -> Result<()> {
        if !self.header("content-type").is_some_and(|kind| kind.starts_with(FORM)) {
            return Err(ReceivingBackup::missing());
        }
        let mut parts = Multipart::new(self.http.headers(), Payload::take(&mut self.payload));
        let backups = self.app.backups.clone();
        let mut received = None;
        let mut seen = 0;
        while let Some(part) = self.reception.wait(parts.next()).await? {
            let mut part = part.map_err(|e| broken(&e))?;
            seen += 1;
            if seen > MAX_PARTS {
                return Err(Error::invalid_request());
            }
            match (name_of(&part), &received) {
                (Some(sent), None) => {
                    received = Some(file(&mut part, &backups, &sent, &mut self.reception).await?);
                }
                _ => while next(&mut part, &mut self.reception).await?.is_some() {},
            }
        }
        let received = received.ok_or_else(ReceivingBackup::missing)??;
        on_disk(move || received.keep()).await
    }
}

/// What the client calls the file, if this part is it.
fn name_of(part: &Field) -> Option<String> {
    let disposition = part.content_disposition()?;
    let is_ours = disposition.get_name() == Some(FIELD);
    let sent = disposition.get_filename().filter(|sent| is_ours && !sent.is_empty())?;
    Some(sent.to_owned())
}

fn broken(error: &MultipartError) -> Error {
    Error::invalid_request().with_source(error.to_string())
}

async fn next(part: &mut Field, reception: &mut Reception) -> Result<Option<Bytes>> {
    let Some(chunk) = reception.wait(part.next()).await? else { return Ok(None) };
    let chunk = chunk.map_err(|e| broken(&e))?;
    reception.came(chunk.len());
    Ok(Some(chunk))
}

/// The file on the disk. The outer error ends the request at once, the inner one after the body.
async fn file(
    part: &mut Field,
    backups: &Backups,
    sent: &str,
    reception: &mut Reception,
) -> Result<Result<ReceivingBackup>> {
    let (backups, sent) = (backups.clone(), sent.to_owned());
    let mut receiving = on_disk(move || backups.receive(&sent)).await;
    // One buffer for the whole file: it goes to the disk's thread and comes back.
    let mut piece = Vec::with_capacity(PIECE);
    while let Some(chunk) = next(part, reception).await? {
        if receiving.is_err() {
            continue;
        }
        if piece.len() + chunk.len() > PIECE {
            let full = std::mem::take(&mut piece);
            (receiving, piece) = written(receiving, full).await?;
        }
        piece.extend_from_slice(&chunk);
    }
    Ok(written(receiving, piece).await?.0)
}

/// Writes a piece; hands its buffer back, empty.
async fn written(
    receiving: Result<ReceivingBackup>,
    mut piece: Vec<u8>,
) -> Result<(Result<ReceivingBackup>, Vec<u8>)> {
    let write = move || {
        let receiving = receiving.and_then(|mut to| to.write(&piece).map(|()| to));
        piece.clear();
        Ok((receiving, piece))
    };
    on_disk(write).await
}

/// Runs what waits for the disk where it holds nobody up.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}
