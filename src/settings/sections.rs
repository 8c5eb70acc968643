//! [`Settings`]: all sections in the order of the wire (contract §12).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::crypto::Secret;
use crate::error::{Error, FieldErrors, Result};
use crate::settings::{
    Backups, Batch, Logs, Meta, Overlay, RateLimits, S3, Smtp, TrustedProxy, merge, network,
};

/// Everything that can be changed while the server runs. It serialises as on the disk, with
/// secrets; a client gets [`Settings::public_json`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// From where superusers may come; empty for everywhere.
    #[serde(rename = "superuserIPs")]
    pub superuser_ips: Vec<String>,
    /// How mails leave.
    pub smtp: Smtp,
    /// When backups are made, and where they go.
    pub backups: Backups,
    /// Where files go, if not into the data folder.
    pub s3: S3,
    /// What the product is called.
    pub meta: Meta,
    /// How often who may ask what.
    pub rate_limits: RateLimits,
    /// Which headers tell the caller's address.
    pub trusted_proxy: TrustedProxy,
    /// Whether several writes may come in one request.
    pub batch: Batch,
    /// What of the activity is kept.
    pub logs: Logs,
}

impl Settings {
    /// The settings of a new data folder.
    pub fn fresh() -> Self {
        Self {
            superuser_ips: Vec::new(),
            smtp: Smtp::fresh(),
            backups: Backups::fresh(),
            s3: S3::default(),
            meta: Meta::fresh(),
            rate_limits: RateLimits::fresh(),
            trusted_proxy: TrustedProxy::default(),
            batch: Batch::fresh(),
            logs: Logs::fresh(),
        }
    }

    /// What a client may see: everything but the secrets.
    pub fn public_json(&self) -> String {
        let mut shown = self.clone();
        for secret in [&mut shown.smtp.password, &mut shown.s3.secret, &mut shown.backups.s3.secret]
        {
            *secret = Secret::default();
        }
        shown.to_json()
    }

    /// As a tree, secrets included.
    pub(super) fn to_value(&self) -> Result<Value> {
        serde_json::to_value(self).map_err(Error::internal)
    }

    /// The text of the disk, secrets included.
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("invariant: settings are plain data")
    }

    /// Reads the text of the disk; what is missing or null is zero.
    pub(super) fn from_json(text: &[u8]) -> Option<Self> {
        let mut value = serde_json::from_slice(text).ok().filter(Value::is_object)?;
        merge::strip_nulls(&mut value);
        serde_json::from_value(value).ok()
    }

    /// These settings with a client's changes. Objects merge, lists are replaced, what is not
    /// named stays, secrets too.
    ///
    /// # Errors
    /// 400 when a value has the wrong type or breaks a rule.
    pub fn patched(&self, patch: Value) -> Result<Self> {
        Overlay::default().patched(self, patch)
    }

    /// As [`Settings::patched`], without a look at the rules.
    pub(super) fn changed(&self, patch: Value) -> Result<Self> {
        let unread = || Error::bad_request("An error occurred while loading the submitted data.");
        if !patch.is_object() {
            return Err(unread());
        }
        let mut value = self.to_value()?;
        let patch = merge::fold_names(patch);
        // Read in order, the items of a list would fill a section.
        if merge::has_list_for_object(&value, &patch) {
            return Err(unread());
        }
        merge::merge(&mut value, patch);
        merge::strip_nulls(&mut value);
        serde_json::from_value(value)
            .map_err(|e| unread().with_source(crate::json::without_value(&e)))
    }

    /// What breaks a rule, under the names of the wire.
    pub fn validate(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        errors.nest("superuserIPs", network::validate(&self.superuser_ips));
        errors.nest("smtp", self.smtp.validate());
        errors.nest("backups", self.backups.validate());
        errors.nest("s3", self.s3.validate());
        errors.nest("meta", self.meta.validate());
        errors.nest("rateLimits", self.rate_limits.validate());
        errors.nest("batch", self.batch.validate());
        errors.nest("logs", self.logs.validate());
        errors
    }

    /// Lets what names a collection follow its new name.
    pub fn rename_collection(&mut self, old: &str, new: &str) {
        self.rate_limits.rename_collection(old, new);
    }
}
