//! The environment as it was when the process began: the only place that reads it.

use std::collections::HashMap;
use std::ffi::OsString;

use crate::config::ConfigError;
use crate::crypto::Secret;

/// A copy of the environment's variables; tests make their own. It does not print.
#[derive(Default)]
pub struct Environment {
    variables: HashMap<OsString, OsString>,
}

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        Self { variables: std::env::vars_os().collect() }
    }

    /// An environment of these variables.
    pub fn of<const N: usize>(variables: [(&str, &str); N]) -> Self {
        let owned = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self { variables: owned.collect() }
    }

    /// The value of `name`; `None` when it is unset or empty.
    ///
    /// # Errors
    /// The value is not UTF-8.
    pub fn find(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        let Some(value) = self.variables.get(std::ffi::OsStr::new(name)) else { return Ok(None) };
        match value.to_str() {
            Some("") => Ok(None),
            Some(text) => Ok(Some(text)),
            None => Err(ConfigError::new(format!("{name} is not UTF-8 text"))),
        }
    }

    /// The variables whose names begin so, by name. Empty ones count: a setting may be empty.
    ///
    /// # Errors
    /// A value is not UTF-8.
    pub fn starting_with(&self, prefix: &str) -> Result<Vec<(String, Secret)>, ConfigError> {
        let mut found = Vec::new();
        for (name, value) in &self.variables {
            let Some(name) = name.to_str().filter(|name| name.starts_with(prefix)) else {
                continue;
            };
            let text = value.to_str();
            let text = text.ok_or_else(|| ConfigError::new(format!("{name} is not UTF-8 text")))?;
            found.push((name.to_owned(), Secret::new(text)));
        }
        found.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(found)
    }

    /// True when `name` has any value.
    pub fn has(&self, name: &str) -> bool {
        self.variables.get(std::ffi::OsStr::new(name)).is_some_and(|value| !value.is_empty())
    }

    /// The value of `name` read by `parse`.
    ///
    /// # Errors
    /// What `parse` says, with the variable's name before it.
    pub fn parsed<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(text) = self.find(name)? else { return Ok(None) };
        parse(text).map(Some).map_err(|why| ConfigError::new(format!("{name}: {why}")))
    }
}
