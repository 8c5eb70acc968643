//! [`Finding`]: something to look at.

use serde::Serialize;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Good to know.
    Note,
    /// Should be changed before others depend on it.
    Warning,
    /// Does harm now.
    Error,
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable, for programs.
    pub id: &'static str,
    /// How much it matters.
    pub level: Level,
    /// What is the matter.
    pub what: String,
    /// Why that matters.
    pub why: &'static str,
    /// What to do.
    pub todo: String,
    /// The collection it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collection: Option<String>,
    /// The rule, field or option of the collection it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The part of the settings it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<&'static str>,
}

impl Finding {
    /// A finding about no collection and no setting.
    pub fn new(
        id: &'static str,
        level: Level,
        what: impl Into<String>,
        why: &'static str,
        todo: impl Into<String>,
    ) -> Self {
        let (collection, field, settings) = (None, None, None);
        Self { id, level, what: what.into(), why, todo: todo.into(), collection, field, settings }
    }

    /// The same about a rule, field or option of a collection.
    #[must_use]
    pub fn of_collection(mut self, name: &str, field: &str) -> Self {
        self.collection = Some(name.to_owned());
        self.field = Some(field.to_owned());
        self
    }

    /// The same about a part of the settings.
    #[must_use]
    pub fn of_settings(mut self, part: &'static str) -> Self {
        self.settings = Some(part);
        self
    }
}
