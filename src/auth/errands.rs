//! Errands: what somebody who named an address asked to be mailed. The request only queues the
//! errand, whoever the address belongs to: neither its answer nor its time tells whether it does.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::auth::auth_record::{COLUMNS, StoredAuth};
use crate::auth::claims::{Claims, TokenType};
use crate::auth::methods::password::ignores_case;
use crate::auth::parts::Auth;
use crate::auth::token;
use crate::error::{Error, Result};
use crate::jobs::{Job, JobError, JobKind, Kept, NewJob};
use crate::schema::Collection;
use crate::sql::find;
use crate::store::{Cost, Tx};

/// The kind of the jobs that run errands.
const KIND: &str = "auth.errand";
/// Errands at a time.
const AT_A_TIME: usize = 8;

/// What is to be mailed to the record of `collection` (its id) that has this address, if any has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Errand {
    /// A link that proves the address.
    Verification { collection: String, email: String },
    /// A link that sets a new password.
    PasswordReset { collection: String, email: String },
}

impl Auth {
    /// The jobs that run errands. Nothing is kept of those that are done: anybody can queue them.
    pub fn errand_kind(&self) -> JobKind {
        let auth = self.clone();
        let kind = JobKind::new(KIND, AT_A_TIME, move |job| {
            let auth = auth.clone();
            async move { auth.run(job).await }
        });
        kind.keeping(Kept::Nothing)
    }

    /// Queues an errand.
    pub(super) async fn send_on(&self, errand: &Errand) -> Result<()> {
        let payload = serde_json::to_string(errand).map_err(Error::internal)?;
        let (jobs, job) = (self.jobs.clone(), NewJob::new(KIND, payload));
        self.store.write(move |tx| jobs.enqueue(tx, job)).await
    }

    async fn run(&self, job: Job) -> std::result::Result<(), JobError> {
        let Ok(errand) = serde_json::from_str(&job.payload) else {
            return Err(JobError::Hopeless("The errand cannot be read.".to_owned()));
        };
        let done = match errand {
            Errand::Verification { collection, email } => {
                self.mail_token(&collection, &email, TokenType::Verification).await
            }
            Errand::PasswordReset { collection, email } => {
                self.mail_token(&collection, &email, TokenType::PasswordReset).await
            }
        };
        done.map_err(|error| JobError::Failed(error.message().to_owned()))
    }

    /// Mails a token of this type to the record with this address, unless it was just sent one.
    async fn mail_token(&self, collection: &str, email: &str, kind: TokenType) -> Result<()> {
        let Some(collection) = self.schema.load().find_by_id(collection).cloned() else {
            return Ok(());
        };
        let Some(record) = self.find_by_email(&collection, email).await? else { return Ok(()) };
        if kind == TokenType::Verification && record.verified {
            return Ok(());
        }
        let key = (collection.id.clone(), record.id.clone(), kind);
        if !self.letters.pass(&key, self.clock.now()) {
            return Ok(());
        }
        let auth = self.clone();
        let queue = move |tx: &Tx<'_>| auth.queue_token(tx, &collection, &record, kind);
        let queued = self.store.write(queue).await;
        if queued.is_err() {
            self.letters.undo(&key);
        }
        queued
    }

    fn queue_token(
        &self,
        tx: &Tx<'_>,
        collection: &Arc<Collection>,
        record: &StoredAuth,
        kind: TokenType,
    ) -> Result<()> {
        let Some(options) = collection.auth() else { return Ok(()) };
        let Some(template) = kind.template(options) else { return Ok(()) };
        let expires = self.expiry(kind.options(options));
        let mut claims = Claims::new(kind, &collection.id, &record.id, expires);
        claims.email = Some(record.email.clone());
        let token = token::sign(&claims, collection, record.token_key.reveal())?;
        let own = [("TOKEN", token.as_str())];
        match self.letter(tx, collection, &record.id, template, &own)? {
            Some(letter) => self.mail.queue(tx, &letter.to(&record.email).until(expires)),
            None => Ok(()),
        }
    }

    /// The record of an address, compared as the collection's index of addresses does.
    pub(super) async fn find_by_email(
        &self,
        collection: &Collection,
        email: &str,
    ) -> Result<Option<StoredAuth>> {
        if email.is_empty() || collection.auth().is_none() {
            return Ok(None);
        }
        let (table, any_case) = (&collection.name, ignores_case(collection, "email"));
        let dialect = self.store.dialect();
        let find = find::select_by_value(dialect, table, &COLUMNS, "email", email, any_case);
        let read = move |tx: &Tx<'_>| tx.query_one(&find, StoredAuth::from_row);
        self.store.read(Cost::Bounded, read).await
    }
}
