//! Closures as jobs of a queue: the work, its result, and the way back to who asked.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::SyncSender;

use tokio::sync::oneshot;

use crate::error::Result;
use crate::store::engine::WriteJob;
use crate::store::{StoreError, Tx};

/// Where a result goes.
pub(super) enum Reply<T> {
    /// To a task that awaits it.
    Task(oneshot::Sender<Result<T>>),
    /// To a thread that waits for it.
    Thread(SyncSender<Result<T>>),
}

impl<T> Reply<T> {
    /// Sends the result; who asked may be gone, which is no error here.
    pub fn send(self, result: Result<T>) {
        match self {
            Self::Task(sender) => drop(sender.send(result)),
            Self::Thread(sender) => drop(sender.send(result)),
        }
    }

    /// True when nobody waits any more.
    pub fn is_abandoned(&self) -> bool {
        match self {
            Self::Task(sender) => sender.is_closed(),
            Self::Thread(_) => false,
        }
    }
}

/// Runs `work`; a panic becomes an error, so that the thread lives on.
pub(super) fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic_text(panic.as_ref());
        tracing::error!(panic = text, "a job of the store panicked");
        Err(StoreError::Panicked(text.to_owned()).into())
    })
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    if let Some(text) = panic.downcast_ref::<&str>() {
        text
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text
    } else {
        "no text"
    }
}

/// A write closure on its way through the writer.
pub(super) struct Write<T, F> {
    work: Option<F>,
    result: Option<Result<T>>,
    reply: Reply<T>,
}

impl<T, F> Write<T, F> {
    pub fn new(work: F, reply: Reply<T>) -> Self {
        Self { work: Some(work), result: None, reply }
    }
}

impl<T, F> WriteJob for Write<T, F>
where
    T: Send + 'static,
    F: FnOnce(&Tx<'_>) -> Result<T> + Send,
{
    fn run(&mut self, tx: &Tx<'_>) -> bool {
        let Some(work) = self.work.take() else { return false };
        let result = caught(|| work(tx));
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) {
        let result = match (self.result, outcome) {
            (Some(Err(own)), _) => Err(own),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (_, Err(error)) => Err(error.into()),
            (None, Ok(())) => Err(StoreError::Lost.into()),
        };
        self.reply.send(result);
    }
}
