//! The bodies of the routes of backups.

use serde::Deserialize;

/// The body of `POST /api/backups`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CreateForm {
    /// What the backup is to be called; empty for a name of its own.
    pub name: String,
}

impl CreateForm {
    /// The names of the form.
    pub const NAMES: &'static [&'static str] = &["name"];
}
