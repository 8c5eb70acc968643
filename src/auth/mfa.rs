//! Two methods in a row: the first leaves a row of `_mfas`, the second uses it up.

use std::sync::Arc;
use std::time::Duration;

use crate::auth::parts::Auth;
use crate::clock::DateTime;
use crate::crypto;
use crate::error::{Error, Result};
use crate::query::{self, RequestContext};
use crate::schema::system::MFAS;
use crate::schema::{Collection, MfaOptions, Schema, date_text};
use crate::sql::{Value, write};
use crate::store::Tx;

/// What a sign-in brings to the second step.
struct Step {
    collection_id: String,
    record_id: String,
    method: &'static str,
    lifetime: Duration,
    now: DateTime,
}

/// How the second step ended.
enum Outcome {
    Proven,
    Expired,
    Refused(&'static str),
}

impl Auth {
    /// Decides, after one method succeeded, whether it was the first half only: then the id to
    /// come back with. `None` when one method is enough, or this was the second.
    ///
    /// # Errors
    /// 400 for an unknown or expired `mfa_id`, one of another record, or the same method again.
    pub(super) async fn first_half(
        &self,
        schema: &Schema,
        collection: &Arc<Collection>,
        id: &str,
        method: &'static str,
        mfa_id: &str,
        cx: RequestContext,
    ) -> Result<Option<String>> {
        let Some(mfa) = collection.auth().map(|options| &options.mfa).filter(|mfa| mfa.enabled)
        else {
            return Ok(None);
        };
        if !mfa.rule.is_empty() {
            let access = query::access(schema, collection, Some(&mfa.rule), &cx)?;
            if !self.passes(collection, access, id).await? {
                return Ok(None);
            }
        }
        let step = self.step(collection, id, method, mfa);
        if mfa_id.is_empty() {
            return self.store.write(move |tx| step.begin(tx)).await.map(Some);
        }
        let mfa_id = mfa_id.to_owned();
        match self.store.write(move |tx| step.end(tx, &mfa_id)).await? {
            Outcome::Proven => Ok(None),
            Outcome::Expired => Err(Error::bad_request("Invalid or expired MFA session.")),
            Outcome::Refused(message) => Err(Error::bad_request(message)),
        }
    }

    fn step(
        &self,
        collection: &Collection,
        id: &str,
        method: &'static str,
        mfa: &MfaOptions,
    ) -> Step {
        Step {
            collection_id: collection.id.clone(),
            record_id: id.to_owned(),
            method,
            lifetime: Duration::from_secs(mfa.duration.try_into().unwrap_or(0)),
            now: self.clock.now(),
        }
    }
}

impl Step {
    /// Keeps the first half.
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

    /// Uses the first half up. A refusal is no error here: what was expired stays deleted.
    fn end(&self, tx: &Tx<'_>, mfa_id: &str) -> Result<Outcome> {
        let columns = ["collectionRef", "recordRef", "method", "created"];
        let read = write::select_by_id(tx.dialect(), MFAS, &columns, mfa_id);
        let row = tx.query_one(&read, |row| {
            Ok([0, 1, 2, 3].map(|column| row.get(column).text().to_owned()))
        })?;
        let Some([collection_id, record_id, method, created]) = row else {
            return Ok(Outcome::Expired);
        };
        let delete = write::delete(tx.dialect(), MFAS, mfa_id);
        let end = date_text::parse(&created).map(|created| created.after(self.lifetime));
        if end.is_none_or(|end| end <= self.now) {
            tx.execute(&delete)?;
            return Ok(Outcome::Expired);
        }
        if collection_id != self.collection_id || record_id != self.record_id {
            return Ok(Outcome::Refused("Invalid MFA session."));
        }
        if method == self.method {
            return Ok(Outcome::Refused("A different authentication method is required."));
        }
        tx.execute(&delete)?;
        Ok(Outcome::Proven)
    }
}
