//! The handler of webhook jobs: one attempt to deliver one message.

use crate::clock::Stopwatch;
use crate::jobs::{Job, JobError, JobKind};
use crate::outgoing::OutgoingError;
use crate::webhooks::deliveries::{self, Attempt};
use crate::webhooks::service::Webhooks;
use crate::webhooks::sink::KIND;

/// Deliveries at a time.
const AT_A_TIME: usize = 128;
/// Deliveries of one webhook at a time. A server that hangs leaves room for others; and one that
/// hangs on every fiftieth of 250 messages a second holds 50 for the 10 seconds each of them takes.
const PER_WEBHOOK: usize = 64;
/// Bytes of an answer that are kept.
const KEPT_ANSWER: usize = 1024;

impl Webhooks {
    /// The jobs that deliver.
    pub fn job_kind(&self) -> JobKind {
        let webhooks = self.clone();
        JobKind::new(KIND, AT_A_TIME, move |job| {
            let webhooks = webhooks.clone();
            async move { webhooks.deliver(job).await }
        })
        .with_per_lane(PER_WEBHOOK)
    }

    async fn deliver(&self, job: Job) -> Result<(), JobError> {
        let Job { id, payload, attempt, .. } = job;
        let mut lines = payload.splitn(3, '\n');
        let (Some(hook), Some(message), Some(body)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(JobError::Hopeless("The message cannot be read.".to_owned()));
        };
        let hooks = self.0.hooks.load_full();
        let Some(hook) = hooks.iter().find(|known| known.id == hook) else {
            return Err(JobError::Hopeless("The webhook is gone or switched off.".to_owned()));
        };
        let now = self.0.clock.now();
        let watch = Stopwatch::start();
        let post = hook.post(message, body.to_owned(), now);
        let answer = self.0.outgoing.post(post, KEPT_ANSWER).await;
        let (webhook, message) = (hook.id.clone(), message.to_owned());
        let took_ms = i64::try_from(watch.elapsed().as_millis()).unwrap_or(i64::MAX);
        let (status, text, outcome) = match answer {
            Ok(answer) if (200..300).contains(&answer.status) => {
                (answer.status, answer.body, Ok(()))
            }
            Ok(answer) => {
                let failed = format!("The answer was {}.", answer.status);
                (answer.status, answer.body, Err(JobError::Failed(failed)))
            }
            Err(OutgoingError::Refused(why)) => (0, String::new(), Err(JobError::Hopeless(why))),
            Err(OutgoingError::Failed(why)) => (0, String::new(), Err(JobError::Failed(why))),
        };
        let error = outcome.as_ref().err().map(ToString::to_string).unwrap_or_default();
        let status = i64::from(status);
        let attempt =
            Attempt { webhook, message, job: id, attempt, status, took_ms, error, answer: text };
        // The message is delivered or not, whatever becomes of the line about it.
        let write = move |tx: &crate::store::Tx<'_>| deliveries::insert(tx, attempt, now);
        if let Err(error) = self.0.store.write(write).await {
            tracing::warn!(%error, "a delivery could not be written down");
        }
        outcome
    }
}
