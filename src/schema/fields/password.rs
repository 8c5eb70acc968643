//! Field kind `password`: a password, of which only the hash is kept.

use serde::{Deserialize, Serialize};

/// A password, of which only the hash is kept. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Password {
    /// `cost`.
    pub cost: i64,
    /// `min`.
    pub min: i64,
    /// `max`.
    pub max: i64,
    /// `pattern`.
    pub pattern: String,
}
