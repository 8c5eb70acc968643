//! The picture of somebody who signs up. Its address comes from outside, so it is fetched through
//! the guard, and without it the sign-up goes on.

use std::time::Duration;

use url::Url;

use crate::error::{Error, Result};
use crate::files::{Files, Upload};
use crate::outgoing::{Fetch, Outgoing};

/// How long all of it may take.
const LIMIT: Duration = Duration::from_secs(10);
/// The longest picture.
const MAX_SIZE: usize = 32 << 20;
/// Services move their pictures to other servers.
const HOPS: usize = 3;

/// Fetches a picture as an upload for `field`.
///
/// # Errors
/// It cannot be fetched, or the disk does not take it.
pub async fn fetch(outgoing: &Outgoing, files: &Files, field: &str, url: &str) -> Result<Upload> {
    let request = Fetch {
        url: url.to_owned(),
        headers: Vec::new(),
        body: None,
        limit: LIMIT,
        max_size: MAX_SIZE,
    };
    let answer = outgoing.follow(request, HOPS).await.map_err(Error::internal)?;
    if answer.status != 200 {
        return Err(Error::internal(format!("the picture's server answered {}", answer.status)));
    }
    let mut receiving = files.receive(field, &name(url));
    let work = move || {
        receiving.write(&answer.bytes)?;
        receiving.finish()
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?.map_err(Error::internal)
}

/// The last part of the path.
fn name(url: &str) -> String {
    let url = Url::parse(url).ok();
    let last = url.as_ref().and_then(|url| url.path_segments()?.next_back());
    last.filter(|last| !last.is_empty()).unwrap_or("avatar").to_owned()
}
