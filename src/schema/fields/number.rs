//! Field kind `number`: a float or a whole number.

use serde::{Deserialize, Serialize};

/// A float or a whole number. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Number {
    /// `min`.
    pub min: Option<f64>,
    /// `max`.
    pub max: Option<f64>,
    /// `only_int`.
    pub only_int: bool,
}
