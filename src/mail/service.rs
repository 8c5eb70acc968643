//! [`Mail`]: queues mails and sends them.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Clock, DateTime};
use crate::crypto::Secret;
use crate::error::{Error, Result};
use crate::jobs::{Job, JobError, JobKind, Jobs, Kept, NewJob};
use crate::mail::compose::compose;
use crate::mail::mailbox::Mailbox;
use crate::mail::smtp::Route;
use crate::mail::{Message, ShownMail, ShownMails, sendmail};
use crate::settings::{Reseal, SettingsCache};
use crate::store::{Store, Tx};

/// The kind of the jobs that send.
pub const KIND: &str = "mail";
/// Mails on their way at a time.
const AT_A_TIME: usize = 8;
/// About four hours.
const ATTEMPTS: u32 = 15;
/// What sending one mail may take, from the first byte to the last.
const LONGEST: Duration = Duration::from_secs(30);

/// Why a mail did not leave, in words for superusers, without anything of the mail's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Another attempt may do better.
    #[error("{0}")]
    Failed(String),
    /// No other attempt will.
    #[error("{0}")]
    Refused(String),
}

/// What [`Mail`] is made of.
pub struct MailParts {
    /// Where the queue is.
    pub store: Store,
    /// The server, and who mails are from.
    pub settings: SettingsCache,
    /// Where the time comes from.
    pub clock: Clock,
    /// Carries mails.
    pub jobs: Jobs,
    /// Whether mails are shown instead of sent while no SMTP server is set up.
    pub dev: bool,
}

/// The mail of one data folder; clones share it.
#[derive(Clone)]
pub struct Mail(Arc<Inner>);

struct Inner {
    store: Store,
    settings: SettingsCache,
    clock: Clock,
    jobs: Jobs,
    route: Route,
    mailbox: Option<Mailbox>,
}

impl Mail {
    /// Nothing is sent before [`crate::jobs::Background`] runs [`Mail::job_kind`].
    pub fn new(parts: MailParts) -> Self {
        let MailParts { store, settings, clock, jobs, dev } = parts;
        let (route, mailbox) = (Route::default(), dev.then(Mailbox::default));
        Self(Arc::new(Inner { store, settings, clock, jobs, route, mailbox }))
    }

    /// Queues a mail within a transaction: it is sent when that commits.
    ///
    /// # Errors
    /// [`crate::error::Kind::Busy`] when too much is queued already; 413 for a mail past its
    /// limit.
    pub fn queue(&self, tx: &Tx<'_>, message: &Message) -> Result<()> {
        let clear = Secret::new(serde_json::to_string(message).map_err(Error::internal)?);
        let payload = self.0.settings.sealed(&clear)?;
        self.0.jobs.enqueue(tx, NewJob::new(KIND, payload).with_attempts(ATTEMPTS))
    }

    /// As [`Mail::queue`], in a transaction of its own.
    ///
    /// # Errors
    /// As [`Mail::queue`].
    pub async fn queue_alone(&self, message: Message) -> Result<()> {
        let mail = self.clone();
        self.0.store.write(move |tx| mail.queue(tx, &message)).await
    }

    /// Sends a mail now, once.
    ///
    /// # Errors
    /// See [`MailError`].
    pub async fn send(&self, message: &Message) -> std::result::Result<(), MailError> {
        self.deliver(message).await
    }

    /// The jobs that send.
    pub fn job_kind(&self) -> JobKind {
        let mail = self.clone();
        let kind = JobKind::new(KIND, AT_A_TIME, move |job| {
            let mail = mail.clone();
            async move { mail.run(job).await }
        });
        kind.keeping(Kept::Trace)
    }

    /// Seals what waits to be sent with another key.
    ///
    /// # Errors
    /// What waits was sealed with a third key; the store fails.
    pub fn reseal(&self, tx: &Tx<'_>, keys: &Reseal) -> Result<()> {
        self.0.jobs.rewrite(tx, KIND, |payload| match payload.starts_with('{') {
            true => Ok(None),
            false => keys.renewed(payload).map(Some),
        })
    }

    /// The mails that were shown instead of sent; `None` without `--dev`.
    pub fn shown(&self) -> Option<ShownMails> {
        let items = self.0.mailbox.as_ref()?.list();
        Some(ShownMails { enabled: !self.0.settings.load().smtp.enabled, items })
    }

    /// One of them, with what it says.
    pub fn shown_mail(&self, id: &str) -> Option<ShownMail> {
        self.0.mailbox.as_ref()?.find(id)
    }

    /// Forgets them.
    pub fn forget_shown(&self) {
        if let Some(mailbox) = &self.0.mailbox {
            mailbox.clear();
        }
    }

    async fn run(&self, job: Job) -> std::result::Result<(), JobError> {
        let read = self.read(&job.payload);
        let message =
            read.map_err(|why| JobError::Hopeless(format!("The mail cannot be read: {why}.")))?;
        if message.ends.is_some_and(|end| DateTime::from_unix_ms(end) <= self.0.clock.now()) {
            let late = "It is too late: what the mail carries is not valid any more.";
            return Err(JobError::Hopeless(late.to_owned()));
        }
        self.deliver(&message).await.map_err(|error| match error {
            MailError::Failed(why) => JobError::Failed(why),
            MailError::Refused(why) => JobError::Hopeless(why),
        })
    }

    /// What [`Mail::queue`] wrote, or an older version, which wrote plain JSON.
    fn read(&self, payload: &str) -> std::result::Result<Message, String> {
        if payload.starts_with('{') {
            return serde_json::from_str(payload).map_err(|_| "it is damaged".to_owned());
        }
        let clear = self.0.settings.unsealed(payload).map_err(|e| e.message().to_owned())?;
        serde_json::from_str(clear.reveal()).map_err(|_| "it is damaged".to_owned())
    }

    async fn deliver(&self, message: &Message) -> std::result::Result<(), MailError> {
        let (settings, now) = (self.0.settings.load(), self.0.clock.now());
        let mail = compose(message, &settings.meta, now)?;
        if let Some(mailbox) = self.0.mailbox.as_ref().filter(|_| !settings.smtp.enabled) {
            let (to, subject, text) =
                (&message.to, message.subject.reveal(), message.text.reveal());
            tracing::info!("no SMTP server is set up; a mail to {to}: {subject}\n{text}");
            let from = format!("{} <{}>", settings.meta.sender_name, settings.meta.sender_address);
            mailbox.add(message, from, now);
            return Ok(());
        }
        let sending = async {
            match settings.smtp.enabled {
                true => self.0.route.send(&settings.smtp, mail).await,
                false => sendmail::send(mail).await,
            }
        };
        let sent = tokio::time::timeout(LONGEST, sending).await.unwrap_or_else(|_| {
            Err(MailError::Failed("The mail was not taken within 30 seconds.".to_owned()))
        });
        sent.map_err(|error| match error {
            MailError::Failed(why) => MailError::Failed(message.kept_out_of(&why)),
            MailError::Refused(why) => MailError::Refused(message.kept_out_of(&why)),
        })
    }
}
