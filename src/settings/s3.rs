//! Section `s3`, and the part of `backups` with the same form: a bucket.

use serde::{Deserialize, Serialize};

use crate::codes::Code;
use crate::crypto::Secret;
use crate::error::FieldErrors;
use crate::schema::url_text::is_url;
use crate::settings::check;

/// A bucket of an S3-compatible service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct S3 {
    /// Whether files go there instead of into the data folder.
    pub enabled: bool,
    /// The bucket's name.
    pub bucket: String,
    /// The service's region.
    pub region: String,
    /// The service's URL.
    pub endpoint: String,
    /// Who signs.
    pub access_key: String,
    /// Written, never shown.
    #[serde(skip_serializing_if = "Secret::is_empty")]
    pub secret: Secret,
    /// Whether the bucket stands in the path instead of the host.
    pub force_path_style: bool,
    /// Whether files that are not protected are fetched from the bucket itself; of files only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub redirect: bool,
}

impl S3 {
    pub(super) fn validate(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        if self.enabled {
            for (field, text) in [
                ("bucket", self.bucket.as_str()),
                ("region", &self.region),
                ("endpoint", &self.endpoint),
                ("accessKey", &self.access_key),
                ("secret", self.secret.reveal()),
            ] {
                check::required(&mut errors, field, text);
            }
        }
        check::passes(&mut errors, "endpoint", &self.endpoint, Code::IsUrl, is_url);
        errors
    }
}
