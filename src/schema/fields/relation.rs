//! Field kind `relation`: ids of records of another collection.

use serde::{Deserialize, Serialize};

/// Ids of records of another collection. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Relation {
    /// `collection_id`.
    pub collection_id: String,
    /// `cascade_delete`.
    pub cascade_delete: bool,
    /// `min_select`.
    pub min_select: i64,
    /// `max_select`.
    pub max_select: i64,
}
