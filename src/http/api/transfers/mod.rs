//! Imports and exports of records, for superusers.

pub mod export;
pub mod import;
pub mod imports;

use crate::error::{Error, Result};

/// Characters of an id that a client chooses.
const MAX_ID: usize = 64;

/// The id that a client chose for its import, so that it can follow it while it sends.
fn chosen_id(text: &str) -> Result<Option<String>> {
    let is_plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if text.len() > MAX_ID || !is_plain {
        return Err(Error::bad_request("The id of an import is up to 64 letters and digits."));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}
