//! Field kind `geoPoint`: a longitude and a latitude.

use serde::{Deserialize, Serialize};

/// A longitude and a latitude. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GeoPoint {}
