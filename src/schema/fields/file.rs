//! Field kind `file`: names of stored files.

use serde::{Deserialize, Serialize};

/// Names of stored files. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct File {
    /// `max_select`.
    pub max_select: i64,
    /// `max_size`.
    pub max_size: i64,
    /// `mime_types`.
    pub mime_types: Vec<String>,
    /// `thumbs`.
    pub thumbs: Vec<String>,
    /// `protected`.
    pub protected: bool,
}
