//! Field kind `autodate`: a moment the server sets when a record is made or changed.

use serde::{Deserialize, Serialize};

/// A moment the server sets when a record is made or changed. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Autodate {
    /// `on_create`.
    pub on_create: bool,
    /// `on_update`.
    pub on_update: bool,
}
