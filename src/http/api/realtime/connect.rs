//! `GET /api/realtime`: server-sent events
//! (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use bytes::Bytes;
use futures_util::stream;
use tokio::time::{Instant, Sleep, sleep};

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::realtime::Connection;

/// A stream without a message ends after so long (contract §3.7): the client connects again.
const IDLE: Duration = Duration::from_secs(5 * 60);
/// No stream lives longer.
const LIFETIME: Duration = Duration::from_secs(30 * 60);
/// A comment after so long without a message, so that nothing in between takes the stream for dead.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// Opens a stream; its first message tells the client its id.
pub async fn open(request: Request) -> Result<Reply> {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header(("X-Accel-Buffering", "no"));
    if request.is_head() {
        return Ok(Reply::Stream(Box::new(response.finish())));
    }
    let connection = request.app.realtime.connect(request.real_ip()).await?;
    let feed = stream::unfold(Box::pin(Events::new(connection)), async |mut events| {
        let next = events.next().await?;
        Some((Ok::<_, std::io::Error>(next), events))
    });
    Ok(Reply::Stream(Box::new(response.streaming(feed))))
}

/// What one stream sends, and when it ends.
struct Events {
    connection: Connection,
    heartbeat: std::pin::Pin<Box<Sleep>>,
    idle_since: Instant,
    end: Instant,
}

impl Events {
    fn new(connection: Connection) -> Self {
        let now = Instant::now();
        let heartbeat = Box::pin(sleep(HEARTBEAT));
        Self { connection, heartbeat, idle_since: now, end: now + LIFETIME }
    }

    async fn next(&mut self) -> Option<Bytes> {
        let end = self.end.min(self.idle_since + IDLE);
        tokio::select! {
            biased;
            messages = self.connection.next() => {
                self.idle_since = Instant::now();
                self.heartbeat.as_mut().reset((self.idle_since + HEARTBEAT).min(self.end));
                messages
            }
            () = &mut self.heartbeat => {
                let now = Instant::now();
                if now >= end {
                    return None;
                }
                self.heartbeat.as_mut().reset((now + HEARTBEAT).min(end));
                Some(Bytes::from_static(b":\n\n"))
            }
        }
    }
}
