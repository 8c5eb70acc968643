//! What all ways of signing in end with: the auth rule, then a token.

use std::sync::Arc;
use std::time::Duration;

use crate::auth::auth_record::StoredAuth;
use crate::auth::caller::bearer;
use crate::auth::claims::{Claims, TokenType};
use crate::auth::parts::Auth;
use crate::auth::token;
use crate::clock::DateTime;
use crate::codes::Code;
use crate::crypto::Secret;
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::query::{self, Access, Caller, Predicate, ReadPlan, RequestContext, Sort, Source};
use crate::schema::{Collection, RuleSlot, Schema, TokenOptions};
use crate::store::{Cost, Tx};

/// How a sign-in ended.
pub enum SignIn {
    /// With a token.
    Done(SignedIn),
    /// Half-way: another method must follow, naming this id.
    SecondMethodNeeded {
        /// The half-done sign-in.
        mfa_id: String,
    },
}

/// Who signed in. The record's JSON is the business of the records.
pub struct SignedIn {
    /// Where the record lives.
    pub collection: Arc<Collection>,
    /// The record.
    pub id: String,
    /// The record as rules see it from now on.
    pub caller: Caller,
    /// The token that was made for it, or the one it came with.
    pub token: String,
    /// What renews it, where it belongs to a session.
    pub refresh_token: Option<Secret>,
}

/// Where a request to sign in came from.
#[derive(Debug, Clone, Default)]
pub struct Device {
    /// The address, as the settings say it is to be found.
    pub ip: String,
    /// What the client calls itself; empty when it does not say.
    pub user_agent: String,
}

/// A request to sign in, but for what proves the identity.
#[derive(Clone)]
pub struct Attempt {
    /// What rules see of the request.
    pub cx: RequestContext,
    /// The first half of a sign-in with two methods, or empty.
    pub mfa_id: String,
    /// Who is at the other end.
    pub device: Device,
}

impl Auth {
    /// What every method ends with once it knows the record: the auth rule, the second method if
    /// one must follow, then a token.
    ///
    /// # Errors
    /// 403 when the auth rule refuses the record, or a superuser may not come from this address;
    /// 400 for a bad `mfa_id`.
    pub(super) async fn finish(
        &self,
        schema: &Schema,
        collection: &Arc<Collection>,
        record: &StoredAuth,
        method: &'static str,
        attempt: &Attempt,
    ) -> Result<SignIn> {
        let cx = attempt.cx.within(method);
        self.require_place(collection, &attempt.device)?;
        self.require_auth_rule(schema, collection, &record.id, cx.clone()).await?;
        match self.conclude(schema, collection, record, method, attempt, &cx).await? {
            Some(mfa_id) => Ok(SignIn::SecondMethodNeeded { mfa_id }),
            None => self.admitted(collection, record, attempt).await.map(SignIn::Done),
        }
    }

    /// A new token for a token that is still valid; one that may not be refreshed is given back.
    ///
    /// # Errors
    /// 401 without a valid token, 403 when it is of another collection or the auth rule refuses.
    pub async fn refresh(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        header: Option<&str>,
        cx: RequestContext,
    ) -> Result<SignedIn> {
        let token = header.map(bearer).unwrap_or_default();
        let now = self.clock.now();
        let verified = self.verify(&schema, token, TokenType::Auth, now).await?;
        let (caller, claims) = verified.ok_or_else(Error::sign_in_required)?;
        require_of_collection(&caller, &collection)?;
        self.require_auth_rule(&schema, &collection, &claims.id, cx).await?;
        if claims.refreshable != Some(true) {
            let token = token.to_owned();
            let refresh_token = None;
            return Ok(SignedIn { collection, id: claims.id, caller, token, refresh_token });
        }
        let record = self.find(&collection, &claims.id).await?;
        let record = record.ok_or_else(Error::sign_in_required)?;
        match claims.session_id {
            Some(session_id) => self.renew_access(&collection, &record, session_id).await,
            None => self.signed_in(&collection, &record, true),
        }
    }

    /// A token in the name of a record, which cannot be refreshed. For superusers only.
    ///
    /// # Errors
    /// 404 when there is no such record, 400 for a negative duration.
    pub async fn impersonate(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        id: &str,
        duration_secs: i64,
        cx: RequestContext,
    ) -> Result<SignedIn> {
        let record = self.find(&collection, id).await?.ok_or_else(Error::not_found)?;
        let Ok(duration_secs) = u64::try_from(duration_secs) else {
            let message = "Must be no less than 0.";
            let issue = Issue::with_message(Code::MinGreaterEqualThanRequired, message);
            let errors = FieldErrors::one("duration", issue.param("threshold", 0));
            let message = "An error occurred while validating the submitted data.";
            return Err(Error::invalid(message, errors));
        };
        self.require_auth_rule(&schema, &collection, &record.id, cx).await?;
        if duration_secs == 0 {
            return self.signed_in(&collection, &record, false);
        }
        let expires = self.clock.now().after(Duration::from_secs(duration_secs));
        issue(&collection, &record, expires, false, None)
    }

    /// As [`Auth::signed_in`]; the token tells when that was, where it is asked later.
    pub(super) fn proved(
        &self,
        collection: &Arc<Collection>,
        record: &StoredAuth,
    ) -> Result<SignedIn> {
        let proved = self.require_totp(collection).is_ok().then(|| self.clock.now());
        issue(collection, record, self.auth_expiry(collection), true, proved)
    }

    /// A token for a record that was proved to be who it is, living as long as its collection says.
    pub(super) fn signed_in(
        &self,
        collection: &Arc<Collection>,
        record: &StoredAuth,
        is_refreshable: bool,
    ) -> Result<SignedIn> {
        issue(collection, record, self.auth_expiry(collection), is_refreshable, None)
    }

    fn auth_expiry(&self, collection: &Collection) -> DateTime {
        let options = collection.auth().map(|options| &options.auth_token);
        options.map_or_else(|| self.clock.now(), |options| self.expiry(options))
    }

    /// When a token that is made now ends.
    pub(super) fn expiry(&self, options: &TokenOptions) -> DateTime {
        let duration = Duration::from_secs(options.duration.try_into().unwrap_or(0));
        self.clock.now().after(duration)
    }

    /// Refuses a record that the collection's auth rule does not let in.
    pub(super) async fn require_auth_rule(
        &self,
        schema: &Schema,
        collection: &Arc<Collection>,
        id: &str,
        cx: RequestContext,
    ) -> Result<()> {
        let access = query::access(schema, collection, collection.rule(RuleSlot::Auth), &cx)?;
        if self.passes(collection, access, id).await? {
            return Ok(());
        }
        Err(Error::forbidden(
            "The request doesn't satisfy the collection requirements to authenticate.",
        ))
    }

    /// Whether a rule lets the stored record pass.
    pub(super) async fn passes(
        &self,
        collection: &Arc<Collection>,
        access: Access,
        id: &str,
    ) -> Result<bool> {
        let rule = match access {
            Access::Deny => return Ok(false),
            Access::Allow => return Ok(true),
            Access::Where(rule) => rule,
        };
        let plan = ReadPlan {
            collection: Arc::clone(collection),
            source: Source::Table,
            columns: vec!["id".to_owned()],
            predicates: vec![Predicate::by_id(id), rule],
            sort: Sort::default(),
            limit: Some(1),
            offset: 0,
        };
        let statement = query::select(&plan, self.store.dialect());
        let read = move |tx: &Tx<'_>| Ok(tx.query_one(&statement, |_| Ok(()))?.is_some());
        self.store.read(Cost::Bounded, read).await
    }
}

/// Refuses a caller whose record is of another collection.
pub(super) fn require_of_collection(caller: &Caller, collection: &Collection) -> Result<()> {
    let record = caller.record().ok_or_else(Error::sign_in_required)?;
    if record.collection_id == collection.id {
        return Ok(());
    }
    let name = &record.collection_name;
    Err(Error::forbidden(format!("The request requires auth record from {name} collection.")))
}

fn issue(
    collection: &Arc<Collection>,
    record: &StoredAuth,
    expires: DateTime,
    is_refreshable: bool,
    proved: Option<DateTime>,
) -> Result<SignedIn> {
    let claims = Claims::sign_in(&collection.id, &record.id, expires, is_refreshable);
    let claims = Claims { auth_time: proved.map(DateTime::unix_secs), ..claims };
    let token = token::sign(&claims, collection, record.token_key.reveal())?;
    Ok(SignedIn {
        collection: Arc::clone(collection),
        id: record.id.clone(),
        caller: record.caller(collection),
        token,
        refresh_token: None,
    })
}

#[cfg(test)]
mod tests;
