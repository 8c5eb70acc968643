//! Field kind `email`: an e-mail address.

use serde::{Deserialize, Serialize};

/// An e-mail address. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Email {
    /// `except_domains`.
    pub except_domains: Vec<String>,
    /// `only_domains`.
    pub only_domains: Vec<String>,
}
