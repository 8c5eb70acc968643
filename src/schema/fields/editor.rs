//! Field kind `editor`: rich text, kept as it was sent.

use serde::{Deserialize, Serialize};

/// Rich text, kept as it was sent. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Editor {
    /// `max_size`.
    pub max_size: i64,
    /// `convertURLs`.
    #[serde(rename = "convertURLs")]
    pub convert_urls: bool,
}
