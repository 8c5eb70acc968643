//! Field kind `url`: a web address.

use serde::{Deserialize, Serialize};

/// A web address. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Url {
    /// `except_domains`.
    pub except_domains: Vec<String>,
    /// `only_domains`.
    pub only_domains: Vec<String>,
}
