//! Section `trustedProxy`: which headers of a proxy tell the caller's address.

use serde::{Deserialize, Serialize};

/// Which headers of a proxy tell the caller's address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TrustedProxy {
    /// Header names in the order they are tried; none trusts nobody.
    pub headers: Vec<String>,
    /// Whether the first address of a list counts, instead of the last.
    #[serde(rename = "useLeftmostIP")]
    pub use_leftmost_ip: bool,
}
