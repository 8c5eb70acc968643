//! An app is set up, confirmed, given new recovery codes, and removed.

use std::sync::Arc;
use std::time::Duration;

use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};

use crate::auth::auth_record::StoredAuth;
use crate::auth::caller::bearer;
use crate::auth::claims::TokenType;
use crate::auth::parts::Auth;
use crate::auth::sign_in::Device;
use crate::auth::totp::{DIGITS, PERIOD, Proof, Stored, app, recovery};
use crate::codes::Code;
use crate::crypto::Secret;
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::query::Caller;
use crate::schema::{Collection, Schema, date_text};
use crate::settings::Reseal;
use crate::store::{Cost, Tx};

/// How long a sign-in counts as fresh, and an app that was drawn may be confirmed.
const FRESH: Duration = Duration::from_secs(600);
/// Characters of the names an app shows.
const MAX_NAME: usize = 64;
/// Pixels of the drawn code, at least.
const QR_SIZE: u32 = 240;

const VALIDATING: &str = "An error occurred while validating the submitted data.";
const TOO_MANY: &str = "Too many attempts, please try again later.";

/// What an app reads; shown once.
#[derive(Serialize)]
pub struct Drawn {
    secret: Secret,
    url: Secret,
    qr: Secret,
    digits: u8,
    period: u64,
}

/// What is known of the app of a record.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TotpState {
    /// True when sign-in asks for a code.
    pub enabled: bool,
    /// Since when, or empty.
    pub confirmed: String,
    /// How many recovery codes are left.
    pub recovery_codes_left: usize,
}

/// A code of the app, or one that was kept for the day it is lost.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProofForm {
    /// What the app shows.
    pub code: Secret,
    /// A code that works once.
    pub recovery_code: Secret,
}

impl ProofForm {
    /// The names of the form.
    pub const NAMES: &'static [&'static str] = &["code", "recoveryCode"];
    /// Longest code that is looked at.
    const MAX: usize = 71;

    /// The proof it holds.
    ///
    /// # Errors
    /// 400 for none, or one that is too long.
    pub(in crate::auth) fn proof(&self) -> Result<Proof<'_>> {
        let mut errors = FieldErrors::default();
        if self.code.is_empty() && self.recovery_code.is_empty() {
            errors.add("code", Issue::new(Code::Required));
        }
        for (name, code) in [("code", &self.code), ("recoveryCode", &self.recovery_code)] {
            if code.reveal().chars().count() > Self::MAX {
                let message = format!("The length must be between 1 and {}.", Self::MAX);
                let issue = Issue::with_message(Code::LengthOutOfRange, message);
                errors.add(name, issue.param("max", Self::MAX).param("min", 1));
            }
        }
        errors.into_result(VALIDATING)?;
        Ok(if self.code.is_empty() {
            Proof::Recovery(self.recovery_code.reveal())
        } else {
            Proof::App(self.code.reveal())
        })
    }
}

impl Auth {
    /// Seals the secrets of all authenticator apps with another key.
    ///
    /// # Errors
    /// One was sealed with a third key; the store fails.
    pub fn reseal(&self, tx: &Tx<'_>, keys: &Reseal) -> Result<()> {
        Stored::reseal_all(tx, keys)
    }

    /// # Errors
    /// 403 when records of this collection have no authenticator apps.
    pub fn require_totp(&self, collection: &Collection) -> Result<()> {
        if collection.auth().is_some_and(|options| options.totp.enabled) {
            return Ok(());
        }
        Err(Error::forbidden("The collection is not configured to allow authenticator apps."))
    }

    /// Draws the app of whoever asks. It counts once it is confirmed; drawn again, the one before
    /// is forgotten.
    ///
    /// # Errors
    /// 400 without the password where the sign-in is not fresh, or when there is an app already;
    /// 429 after too many tries.
    pub async fn enrol_totp(
        &self,
        schema: &Schema,
        collection: &Arc<Collection>,
        header: Option<&str>,
        password: Secret,
        device: &Device,
    ) -> Result<Drawn> {
        self.require_totp(collection)?;
        let now = self.clock.now();
        let token = header.map(bearer).unwrap_or_default();
        let verified = self.verify(schema, token, TokenType::Auth, now).await?;
        let (caller, claims) = verified.ok_or_else(Error::sign_in_required)?;
        let record = self.own_record(collection, &caller).await?;
        let is_fresh = claims.signed_in().is_some_and(|at| now < at.after(FRESH));
        if !password.is_empty() || !is_fresh {
            self.require_password(&record, password, device).await?;
        }
        let secret = Secret::new(totp_rs::Secret::generate().to_base32());
        let drawn = self.draw(&record, &secret)?;
        let (settings, new) =
            (self.settings.clone(), Stored::new(&collection.id, &record.id, secret, now));
        let (collection_id, id) = (collection.id.clone(), record.id);
        let save = move |tx: &Tx<'_>| {
            let old = Stored::find(tx, &settings, &collection_id, &id)?;
            if old.is_some_and(|old| old.is_confirmed()) {
                return Err(Error::bad_request("The authenticator app is set up already."));
            }
            new.save(tx, &settings)
        };
        self.store.write(save).await.map(|()| drawn)
    }

    /// Confirms the app that was drawn with a code of it, and gives the recovery codes.
    ///
    /// # Errors
    /// 400 for a wrong code or where nothing waits for one, 429 after too many tries.
    pub async fn confirm_totp(
        &self,
        collection: &Arc<Collection>,
        caller: &Caller,
        form: ProofForm,
        device: &Device,
    ) -> Result<Vec<Secret>> {
        let now = self.clock.now();
        self.change_totp(collection, caller, form, device, move |stored, tx, settings| {
            let made = date_text::parse(&stored.created);
            if stored.is_confirmed() || made.is_none_or(|made| made.after(FRESH) <= now) {
                return Err(Error::bad_request("There is no authenticator app to confirm."));
            }
            stored.confirmed = now.to_string();
            let codes = stored.renew_recovery();
            stored.save(tx, settings)?;
            Ok(codes)
        })
        .await
    }

    /// Gives new recovery codes; the ones before are worth nothing.
    ///
    /// # Errors
    /// As [`Auth::confirm_totp`].
    pub async fn renew_recovery_codes(
        &self,
        collection: &Arc<Collection>,
        caller: &Caller,
        form: ProofForm,
        device: &Device,
    ) -> Result<Vec<Secret>> {
        self.change_totp(collection, caller, form, device, |stored, tx, settings| {
            stored.require_confirmed()?;
            let codes = stored.renew_recovery();
            stored.save(tx, settings)?;
            Ok(codes)
        })
        .await
    }

    /// Removes the app of whoever asks.
    ///
    /// # Errors
    /// As [`Auth::confirm_totp`].
    pub async fn disable_totp(
        &self,
        collection: &Arc<Collection>,
        caller: &Caller,
        form: ProofForm,
        device: &Device,
    ) -> Result<()> {
        self.change_totp(collection, caller, form, device, |stored, tx, _| {
            stored.require_confirmed()?;
            stored.delete(tx)
        })
        .await
    }

    /// What is known of the app of whoever asks.
    ///
    /// # Errors
    /// 403 for records of other collections, and where there are no apps.
    pub async fn own_totp_state(
        &self,
        collection: &Collection,
        caller: &Caller,
    ) -> Result<TotpState> {
        self.require_totp(collection)?;
        let record = self.own_record(collection, caller).await?;
        self.totp_state(collection, &record.id).await
    }

    /// What is known of the app of a record.
    ///
    /// # Errors
    /// The store fails.
    pub async fn totp_state(&self, collection: &Collection, id: &str) -> Result<TotpState> {
        let (collection_id, id) = (collection.id.clone(), id.to_owned());
        let settings = self.settings.clone();
        let find = move |tx: &Tx<'_>| Stored::find(tx, &settings, &collection_id, &id);
        let stored = self.store.read(Cost::Bounded, find).await?;
        let stored = stored.filter(Stored::is_confirmed);
        Ok(TotpState {
            enabled: stored.is_some() && self.require_totp(collection).is_ok(),
            recovery_codes_left: stored.as_ref().map_or(0, |stored| stored.recovery.len()),
            confirmed: stored.map(|stored| stored.confirmed).unwrap_or_default(),
        })
    }

    /// Removes the app of a record, whoever has it. For superusers only.
    ///
    /// # Errors
    /// 404 when there is none.
    pub async fn remove_totp(&self, collection: &Collection, id: &str) -> Result<()> {
        let (collection_id, id) = (collection.id.clone(), id.to_owned());
        let settings = self.settings.clone();
        let remove = move |tx: &Tx<'_>| {
            let stored = Stored::find(tx, &settings, &collection_id, &id)?;
            stored.ok_or_else(Error::not_found)?.delete(tx)
        };
        self.store.write(remove).await
    }

    /// Lets `change` work on the app of the caller, once a code of it was shown. A refused code
    /// uses nothing up.
    async fn change_totp<T: Send + 'static>(
        &self,
        collection: &Arc<Collection>,
        caller: &Caller,
        form: ProofForm,
        device: &Device,
        change: impl FnOnce(&mut Stored, &Tx<'_>, &crate::settings::SettingsCache) -> Result<T>
        + Send
        + 'static,
    ) -> Result<T> {
        self.require_totp(collection)?;
        form.proof()?;
        let record = self.own_record(collection, caller).await?;
        let now = self.clock.now();
        self.attempts.take(&attempts_of(&record.id), &device.ip, now, TOO_MANY)?;
        let (settings, collection_id) = (self.settings.clone(), collection.id.clone());
        let work = move |tx: &Tx<'_>| {
            let stored = Stored::find(tx, &settings, &collection_id, &record.id)?;
            let mut stored = stored.ok_or_else(no_app)?;
            if !stored.accept(form.proof()?, now)? {
                return Err(refused());
            }
            change(&mut stored, tx, &settings)
        };
        self.store.write(work).await
    }

    /// The record of a caller of this collection.
    async fn own_record(&self, collection: &Collection, caller: &Caller) -> Result<StoredAuth> {
        crate::auth::sign_in::require_of_collection(caller, collection)?;
        let id = caller.record().map(|record| record.id.clone()).unwrap_or_default();
        self.find(collection, &id).await?.ok_or_else(Error::sign_in_required)
    }

    async fn require_password(
        &self,
        record: &StoredAuth,
        password: Secret,
        device: &Device,
    ) -> Result<()> {
        let refuse = |code| Err(Error::invalid(VALIDATING, FieldErrors::one("password", code)));
        if password.is_empty() {
            return refuse(Issue::new(Code::Required));
        }
        let (now, tries) = (self.clock.now(), format!("password/{}", record.id));
        self.attempts.take(&tries, &device.ip, now, TOO_MANY)?;
        if self.passwords.verify(password, record.password_hash.reveal()).await? {
            return Ok(());
        }
        refuse(Issue::new(Code::InvalidPassword))
    }

    fn draw(&self, record: &StoredAuth, secret: &Secret) -> Result<Drawn> {
        // A colon stands between the two names in the address.
        let short = |name: &str| -> String {
            name.chars().filter(|c| *c != ':' && !c.is_control()).take(MAX_NAME).collect()
        };
        let account = if record.email.is_empty() { &record.id } else { &record.email };
        let issuer = short(&self.settings.load().meta.app_name);
        let app = app(secret.reveal(), &issuer, &short(account))?;
        let url = app.to_url().map_err(|error| Error::internal(error.to_string()))?;
        let code = QrCode::new(&url).map_err(|error| Error::internal(error.to_string()))?;
        let qr = code.render::<svg::Color<'_>>().min_dimensions(QR_SIZE, QR_SIZE).build();
        let (qr, url) = (Secret::new(qr), Secret::new(url));
        Ok(Drawn { secret: secret.clone(), url, qr, digits: DIGITS, period: PERIOD })
    }
}

impl Stored {
    fn require_confirmed(&self) -> Result<()> {
        if self.is_confirmed() { Ok(()) } else { Err(no_app()) }
    }

    fn renew_recovery(&mut self) -> Vec<Secret> {
        let codes = recovery::draw();
        let hash = |code: &Secret| recovery::hash(self.record_id(), code.reveal());
        self.recovery = codes.iter().map(hash).collect();
        codes
    }
}

/// Under what name tries of a record are counted.
pub(in crate::auth) fn attempts_of(record_id: &str) -> String {
    format!("totp/{record_id}")
}

fn no_app() -> Error {
    Error::bad_request("There is no authenticator app.")
}

/// The one answer to codes that are not right.
pub(in crate::auth) fn refused() -> Error {
    Error::bad_request("Invalid or expired code.")
}
