//! Requests in flight, counted from their head to the last byte of their answer: a stop waits for
//! them, and not for connections on which nothing happens.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

/// A shorter answer leaves at once.
const SHORT: u64 = 64 << 10;
/// How often is looked, and how often in a row nothing must be found.
const LOOK: Duration = Duration::from_millis(100);
const LOOKS: u32 = 5;

/// How many requests are in flight; clones share it.
#[derive(Clone, Default)]
pub struct InFlight(Arc<AtomicUsize>);

/// One of them.
pub struct Flight(Arc<AtomicUsize>);

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl InFlight {
    /// Counts one more, for as long as the answer lives.
    pub fn begin(&self) -> Flight {
        self.0.fetch_add(1, Ordering::Relaxed);
        Flight(Arc::clone(&self.0))
    }

    /// Waits until there are none. Protocols may still have the end of an answer in their hands, so
    /// it looks for a while.
    pub async fn none(&self) {
        let mut calm = 0;
        while calm < LOOKS {
            tokio::time::sleep(LOOK).await;
            calm = if self.0.load(Ordering::Relaxed) == 0 { calm + 1 } else { 0 };
        }
    }
}

impl Flight {
    /// The same answer, in flight until it has been sent.
    pub fn carry(self, response: HttpResponse) -> HttpResponse {
        match response.body().size() {
            BodySize::None | BodySize::Sized(..=SHORT) => response,
            _ => response.map_body(|_, body| BoxBody::new(Carried { body, _flight: self })),
        }
    }
}

struct Carried {
    body: BoxBody,
    _flight: Flight,
}

impl MessageBody for Carried {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_in_flight_until_its_body_is_gone() {
        let flights = InFlight::default();
        let count = || flights.0.load(Ordering::Relaxed);
        let short = flights.begin().carry(HttpResponse::Ok().body("x"));
        assert_eq!(count(), 0);
        let long = "x".repeat(100_000);
        let long = flights.begin().carry(HttpResponse::Ok().body(long));
        let none = flights.none();
        assert!(tokio::time::timeout(Duration::from_secs(60), none).await.is_err());
        drop((short, long));
        flights.none().await;
    }
}
