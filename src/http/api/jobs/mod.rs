//! Routes of the job queue, for superusers.

pub mod discard;
pub mod list;
pub mod retry;

use crate::error::{Error, Result};
use crate::http::request::Request;

/// The id in the path; text that is no number names no job.
fn id(request: &Request) -> Result<i64> {
    request.param("id").parse().map_err(|_| Error::not_found())
}
