//! Field kind `bool`: true or false.

use serde::{Deserialize, Serialize};

/// True or false. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Bool {}
