//! Two methods in a row: the first leaves a row of `_mfas`, the second uses it up.

use std::sync::Arc;
use std::time::Duration;

use crate::auth::parts::Auth;
use crate::clock::DateTime;
use crate::crypto;
use crate::error::{Error, Result};
use crate::query::{self, RequestContext};
use crate::schema::system::MFAS;
use crate::schema::{Collection, Schema, date_text};
use crate::sql::{Value, write};
use crate::store::Tx;

/// Shortest life of a first half that an option may ask for, and what it is where none does.
const MIN_SECS: i64 = 10;
const DEFAULT_SECS: i64 = 600;

/// What a sign-in brings to the second step.
pub(super) struct Step {
    pub collection_id: String,
    pub record_id: String,
    pub method: &'static str,
    /// The method that must complete it, if it is not just any other.
    pub must_end_with: Option<&'static str>,
    /// The first half, or empty.
    pub mfa_id: String,
    pub lifetime: Duration,
    pub now: DateTime,
}

/// How a step ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Both methods are through.
    Proven,
    /// The first half was kept under this id.
    Half(String),
    /// The second half came too late, or to nothing.
    Expired,
    /// The second half does not fit the first.
    Refused(&'static str),
}

/// The first half of a sign-in, as it is kept.
pub(super) struct Half {
    pub collection_id: String,
    pub record_id: String,
    pub method: String,
    created: String,
}

impl Half {
    /// Reads it, if it is there.
    pub fn find(tx: &Tx<'_>, mfa_id: &str) -> Result<Option<Self>> {
        let columns = ["collectionRef", "recordRef", "method", "created"];
        let read = write::select_by_id(tx.dialect(), MFAS, &columns, mfa_id);
        tx.query_one(&read, |row| {
            let text = |column| row.get(column).text().to_owned();
            let (collection_id, record_id) = (text(0), text(1));
            Ok(Self { collection_id, record_id, method: text(2), created: text(3) })
        })
    }

    /// True when it may still be completed.
    pub fn lives(&self, lifetime: Duration, now: DateTime) -> bool {
        date_text::parse(&self.created).is_some_and(|made| now < made.after(lifetime))
    }
}

impl Auth {
    /// How long the first half of a sign-in lives; `None` when one method is enough.
    pub(super) async fn half_lifetime(
        &self,
        schema: &Schema,
        collection: &Arc<Collection>,
        id: &str,
        cx: &RequestContext,
    ) -> Result<Option<Duration>> {
        let Some(mfa) = collection.auth().map(|options| &options.mfa).filter(|mfa| mfa.enabled)
        else {
            return Ok(None);
        };
        if !mfa.rule.is_empty() {
            let access = query::access(schema, collection, Some(&mfa.rule), cx)?;
            if !self.passes(collection, access, id).await? {
                return Ok(None);
            }
        }
        Ok(Some(half_lifetime_of(collection)))
    }

    /// True when the record has an authenticator app that sign-in must ask for.
    pub(super) async fn has_app(&self, collection: &Collection, id: &str) -> Result<bool> {
        if self.require_totp(collection).is_err() {
            return Ok(false);
        }
        self.totp_state(collection, id).await.map(|state| state.enabled)
    }
}

/// How long the first half of a sign-in lives.
pub(super) fn half_lifetime_of(collection: &Collection) -> Duration {
    let secs = collection.auth().map_or(0, |options| options.mfa.duration);
    // Where MFA itself is off nobody checked what stands there.
    let secs = if secs < MIN_SECS { DEFAULT_SECS } else { secs };
    Duration::from_secs(secs.unsigned_abs())
}

impl Outcome {
    /// The id to come back with, if this was the first half.
    ///
    /// # Errors
    /// 400 for a second half that proves nothing.
    pub fn into_half(self) -> Result<Option<String>> {
        match self {
            Self::Proven => Ok(None),
            Self::Half(mfa_id) => Ok(Some(mfa_id)),
            Self::Expired => Err(Error::bad_request("Invalid or expired MFA session.")),
            Self::Refused(message) => Err(Error::bad_request(message)),
        }
    }
}

impl Step {
    /// Keeps the first half, or uses it up. A refusal is no error here: what was expired stays
    /// deleted.
    pub fn take(&self, tx: &Tx<'_>) -> Result<Outcome> {
        if self.mfa_id.is_empty() { self.begin(tx).map(Outcome::Half) } else { self.end(tx) }
    }

    fn begin(&self, tx: &Tx<'_>) -> Result<String> {
        let (id, now) = (crypto::random_id(), self.now.to_string());
        let row = [
            ("id", Value::from(id.as_str())),
            ("collectionRef", Value::from(self.collection_id.as_str())),
            ("recordRef", Value::from(self.record_id.as_str())),
            ("method", Value::from(self.method)),
            ("created", Value::from(now.as_str())),
            ("updated", Value::from(now.as_str())),
        ];
        tx.execute(&write::insert(tx.dialect(), MFAS, &row))?;
        Ok(id)
    }

    fn end(&self, tx: &Tx<'_>) -> Result<Outcome> {
        let Some(half) = Half::find(tx, &self.mfa_id)? else { return Ok(Outcome::Expired) };
        let delete = write::delete(tx.dialect(), MFAS, &self.mfa_id);
        if !half.lives(self.lifetime, self.now) {
            tx.execute(&delete)?;
            return Ok(Outcome::Expired);
        }
        if half.collection_id != self.collection_id || half.record_id != self.record_id {
            return Ok(Outcome::Refused("Invalid MFA session."));
        }
        let is_wanted = self.must_end_with.is_none_or(|wanted| wanted == self.method);
        if half.method == self.method || !is_wanted {
            return Ok(Outcome::Refused("A different authentication method is required."));
        }
        tx.execute(&delete)?;
        Ok(Outcome::Proven)
    }
}
