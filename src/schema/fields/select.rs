//! Field kind `select`: one or more of a fixed list of words.

use serde::{Deserialize, Serialize};

/// One or more of a fixed list of words. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Select {
    /// `values`.
    pub values: Vec<String>,
    /// `max_select`.
    pub max_select: i64,
}
