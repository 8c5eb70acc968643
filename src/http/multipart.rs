//! `multipart/form-data`: texts are collected, files go to the disk piece by piece.

use std::io::ErrorKind;

use actix_multipart::{Field, Multipart, MultipartError};
use futures_util::StreamExt as _;

use crate::error::{Error, Result};
use crate::faults;
use crate::files::{Files, Receiving, Upload};
use crate::http::body::{FormFields, Incoming, parsed_size};
use crate::http::intake::Reception;
use crate::http::limits::{BodyLimits, MAX_PARTS, PIECE};
use crate::records::Input;

/// Reads a form. Its files are on the disk when this returns, and gone if it fails.
///
/// # Errors
/// 400 for a broken form or one of too many parts, 408 for a client that is too slow, 413 past the
/// limits, 503 when there is no memory for its texts.
pub(super) async fn read(
    incoming: Incoming<'_>,
    limits: BodyLimits,
    files: Option<&Files>,
) -> Result<Input> {
    let mut parts = Multipart::new(incoming.http.headers(), incoming.payload.take());
    let mut room = Room { whole: limits.whole, text: limits.text, reception: incoming.reception };
    let mut fields = FormFields::default();
    let mut uploads = Vec::new();
    let mut seen = 0;
    while let Some(part) = room.reception.wait(parts.next()).await? {
        let mut part = part.map_err(|e| broken(&e))?;
        seen += 1;
        if seen > MAX_PARTS {
            return Err(Error::invalid_request());
        }
        let disposition = part.content_disposition().cloned();
        let name = disposition.as_ref().and_then(|d| d.get_name()).unwrap_or_default();
        let sent = disposition.as_ref().and_then(|d| d.get_filename());
        match (sent.filter(|sent| !sent.is_empty()), files) {
            (None, _) => {
                let text = text(&mut part, &mut room).await?;
                fields.add(name, &text)?;
            }
            (Some(sent), Some(files)) => {
                uploads.push(file(&mut part, files.receive(name, sent), &mut room).await?);
            }
            (Some(_), None) => while room.next(&mut part).await?.is_some() {},
        }
    }
    Ok(Input { values: fields.finish()?, uploads })
}

fn broken(error: &MultipartError) -> Error {
    Error::invalid_request().with_source(error.to_string())
}

/// What may still come.
struct Room<'r> {
    whole: usize,
    text: usize,
    reception: &'r mut Reception,
}

impl Room<'_> {
    async fn next(&mut self, part: &mut Field) -> Result<Option<bytes::Bytes>> {
        let Some(chunk) = self.reception.wait(part.next()).await? else { return Ok(None) };
        let chunk = chunk.map_err(|e| broken(&e))?;
        self.whole = self.whole.checked_sub(chunk.len()).ok_or_else(Error::too_large)?;
        self.reception.came(chunk.len());
        Ok(Some(chunk))
    }
}

async fn text(part: &mut Field, room: &mut Room<'_>) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = room.next(part).await? {
        room.text = room.text.checked_sub(chunk.len()).ok_or_else(Error::too_large)?;
        room.reception.hold(chunk.len())?;
        bytes.extend_from_slice(&chunk);
    }
    room.reception.hold(parsed_size(&bytes))?;
    String::from_utf8(bytes).map_err(|e| Error::invalid_request().with_source(e))
}

async fn file(part: &mut Field, mut receiving: Receiving, room: &mut Room<'_>) -> Result<Upload> {
    // One buffer for the whole file: it goes to the disk's thread and comes back.
    let mut piece = Vec::with_capacity(PIECE);
    while let Some(chunk) = room.next(part).await? {
        if piece.len() + chunk.len() > PIECE {
            let write = move || {
                receiving.write(&piece)?;
                piece.clear();
                Ok((receiving, piece))
            };
            (receiving, piece) = on_disk(write).await?;
        }
        piece.extend_from_slice(&chunk);
    }
    on_disk(move || receiving.write(&piece).and_then(|()| receiving.finish())).await
}

/// Runs what waits for the disk where it holds nobody up.
async fn on_disk<T, F>(work: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce() -> std::io::Result<T> + Send + 'static,
{
    let work = || faults::pass("files::upload").and_then(|()| work());
    let done = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?;
    done.map_err(|error| match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Error::busy("The disk of the server is full.").with_source(error)
        }
        _ => Error::internal(error),
    })
}
