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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    async fn picture() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/path/picture.png?size=200", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n")
                    && stream.read_buf(&mut head).await.unwrap_or_default() > 0
                {}
                let moved = head.starts_with(b"GET /path/");
                let answer = if moved {
                    "HTTP/1.1 302 Found\r\nlocation: /moved\r\ncontent-length: 0\r\n\r\n".to_owned()
                } else {
                    let body = "\u{1f5bc} a picture";
                    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
                };
                let answer = answer.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        url
    }

    #[tokio::test]
    async fn a_picture_becomes_an_upload_with_the_name_of_its_path() {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::open(dir.path(), false).unwrap();
        let url = picture().await;
        let upload = fetch(&Outgoing::new(true), &files, "avatar", &url).await.unwrap();
        assert_eq!((&*upload.key, &*upload.sent, upload.size), ("avatar", "picture.png", 14));
        assert!(upload.name.starts_with("picture_") && upload.name.ends_with(".png"), "{upload:?}");
        assert!(fetch(&Outgoing::new(false), &files, "avatar", &url).await.is_err());
        files.close();
    }
}
