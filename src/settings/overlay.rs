//! [`Overlay`]: settings that the operator wrote down outside of the data folder. They go before
//! what is stored there, and nobody can change them through the server.

mod file;
mod variables;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::codes::Code;
use crate::config::OverlaySource;
use crate::error::{Error, FieldError, FieldErrors, Issue, Result};
use crate::settings::{Settings, merge};

/// Bytes of a file, be it of settings or of a secret.
const MAX_FILE: u64 = 1 << 20;

/// What of the overlay is wrong, as one line that says where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct OverlayError {
    place: String,
    what: String,
}

impl OverlayError {
    fn new(place: impl fmt::Display, what: impl Into<String>) -> Self {
        Self { place: place.to_string(), what: what.into() }
    }
}

/// The settings that are written down, with the places where.
#[derive(Default, PartialEq)]
pub struct Overlay {
    /// By path, such as `smtp.host`.
    entries: BTreeMap<String, Entry>,
    /// The files it was read from, secrets included.
    files: Vec<PathBuf>,
}

#[derive(PartialEq)]
struct Entry {
    value: Value,
    place: Place,
}

/// Where a setting is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    File { file: PathBuf, line: usize, column: usize },
    Variable(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, line, column } => {
                write!(f, "{}, line {line}, column {column}", file.display())
            }
            Self::Variable(name) => f.write_str(name),
        }
    }
}

impl Place {
    /// For people who may see the settings, and not the machine.
    fn short(&self) -> String {
        match self {
            Self::File { file, line, .. } => {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                format!("{name}, line {line}")
            }
            Self::Variable(name) => name.clone(),
        }
    }
}

impl Overlay {
    /// Reads what is written down: the file, if there is one, and variables over it.
    ///
    /// # Errors
    /// The first mistake, with its place.
    pub fn read(source: &OverlaySource) -> Result<Self, OverlayError> {
        let mut overlay = Self::default();
        if let Some(file) = source.find() {
            file::read(&file, &mut overlay)?;
        }
        let mut named = Self::default();
        variables::read(&source.variables, &mut named)?;
        overlay.entries.extend(named.entries);
        overlay.files.extend(named.files);
        Ok(overlay)
    }

    /// True when nothing is written down.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many settings are written down.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The files it was read from.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Each setting by its path, and where it is written down.
    pub fn places(&self) -> BTreeMap<&str, String> {
        self.entries.iter().map(|(path, entry)| (path.as_str(), entry.place.short())).collect()
    }

    /// The settings with what is written down over them.
    pub(super) fn over(&self, stored: &Settings) -> Result<Settings> {
        if self.is_empty() {
            return Ok(stored.clone());
        }
        let mut value = stored.to_value()?;
        for (path, entry) in &self.entries {
            put(&mut value, path, entry.value.clone());
        }
        merge::strip_nulls(&mut value);
        serde_json::from_value(value).map_err(|e| Error::internal(crate::json::without_value(&e)))
    }

    /// Whether what is written down breaks a rule over these settings.
    ///
    /// # Errors
    /// The first rule that they did not break before.
    pub(super) fn check(&self, stored: &Settings) -> Result<(), OverlayError> {
        let over = self.over(stored).map_err(|e| OverlayError::new("settings", e.to_string()))?;
        let known = leaves(&stored.validate());
        for (path, message) in leaves(&over.validate()) {
            if known.contains_key(&path) && self.nearest(&path).is_none() {
                continue;
            }
            let place = self.nearest(&path).or_else(|| self.in_section(&path));
            let place =
                place.map_or_else(|| "settings".to_owned(), |entry| entry.place.to_string());
            return Err(OverlayError::new(place, format!("{path}: {message}")));
        }
        Ok(())
    }

    /// The stored settings with a client's changes.
    ///
    /// # Errors
    /// 400 for a change of what is written down elsewhere, and as [`Settings::patched`].
    pub(crate) fn patched(&self, stored: &Settings, patch: Value) -> Result<Settings> {
        let mut patch = merge::fold_names(patch);
        let mut errors = FieldErrors::default();
        for (path, entry) in &self.entries {
            match take(&mut patch, path) {
                Some(value) if value != entry.value => refuse(&mut errors, path, entry),
                _ => {}
            }
        }
        errors.into_result("An error occurred while saving the new settings.")?;
        let changed = stored.changed(patch)?;
        let shown = self.over(&changed)?;
        shown.validate().into_result("An error occurred while saving the new settings.")?;
        Ok(changed)
    }

    /// The entry at a path, above it or below it.
    fn nearest(&self, path: &str) -> Option<&Entry> {
        let is_within = |inner: &str, outer: &str| {
            inner == outer || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'))
        };
        let mut entries = self.entries.iter();
        entries.find(|(own, _)| is_within(path, own) || is_within(own, path)).map(|(_, e)| e)
    }

    fn in_section(&self, path: &str) -> Option<&Entry> {
        let section = path.split('.').next().unwrap_or_default();
        let mut entries = self.entries.iter();
        entries.find(|(own, _)| own.split('.').next() == Some(section)).map(|(_, entry)| entry)
    }

    /// Takes a setting over; `names` are as the operator spells them.
    fn add(&mut self, names: &[String], value: Value, place: &Place) -> Result<(), OverlayError> {
        let mut path = Vec::new();
        let mut from_file = false;
        for (at, name) in names.iter().enumerate() {
            let is_last = at + 1 == names.len();
            let base = file_of(name).filter(|_| is_last && own_name(name).is_none());
            from_file = base.is_some();
            let own = own_name(base.unwrap_or(name));
            let own = own.ok_or_else(|| OverlayError::new(place, unknown(names)))?;
            path.push(own);
        }
        let path = path.join(".");
        let value = match (from_file, value) {
            (true, Value::String(file)) => Value::String(self.secret(&file, place)?),
            (true, _) => return Err(OverlayError::new(place, "the name of a file is a text")),
            (false, value) => merge::fold_names(value),
        };
        let value = known(&path, value).map_err(|what| OverlayError::new(place, what))?;
        if self.entries.insert(path.clone(), Entry { value, place: place.clone() }).is_some() {
            return Err(OverlayError::new(place, format!("{path} is written down twice")));
        }
        Ok(())
    }

    /// The text of a file, as containers hand secrets in.
    fn secret(&mut self, file: &str, place: &Place) -> Result<String, OverlayError> {
        let beside = match place {
            Place::File { file, .. } => file.parent().unwrap_or(Path::new("")),
            Place::Variable(_) => Path::new(""),
        };
        let path = beside.join(file);
        // Also when it cannot be read: it may come.
        self.files.push(path.clone());
        read_text(&path)
            .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
            .map_err(|e| OverlayError::new(place, format!("cannot read {}: {e}", path.display())))
    }
}

/// Secrets do not print.
impl fmt::Debug for Overlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Overlay").field(&self.places()).finish()
    }
}

fn refuse(errors: &mut FieldErrors, path: &str, entry: &Entry) {
    let message = format!("Set by {}, and cannot be changed here.", entry.place.short());
    let issue = Issue::with_message(Code::Overlaid, message);
    let mut names = path.rsplit('.');
    let leaf = names.next().unwrap_or_default();
    let nested = names.fold(FieldErrors::one(leaf, issue), |inner, name| {
        let mut outer = FieldErrors::default();
        outer.nest(name, inner);
        outer
    });
    errors.merge(nested);
}

fn unknown(names: &[String]) -> String {
    format!("there is no setting {}", names.join("."))
}

/// The value as the settings hold it at this path.
fn known(path: &str, value: Value) -> Result<Value, String> {
    let mut changed = Settings::fresh().to_value().map_err(|e| e.to_string())?;
    if !put(&mut changed, path, value.clone()) {
        return Err(format!("there is no setting {path}"));
    }
    let read: Settings = serde_json::from_value(changed)
        .map_err(|e| format!("{path}: {}", crate::json::without_value(&e)))?;
    let mut kept = read.to_value().map_err(|e| e.to_string())?;
    match take(&mut kept, path) {
        Some(Value::Object(_)) => Err(format!("{path} is a group of settings")),
        Some(kept) => Ok(kept),
        // What is left out as long as it is zero is known too.
        None if is_zero(&value) => Ok(value),
        None => Err(format!("there is no setting {path}")),
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(fact) => !fact,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(_) => false,
    }
}

/// The base of `password_file`.
fn file_of(name: &str) -> Option<&str> {
    let base = name.len().checked_sub(4).and_then(|end| name.split_at_checked(end));
    let (base, _) = base.filter(|(_, end)| end.eq_ignore_ascii_case("file"))?;
    Some(base.trim_end_matches(['_', '-'])).filter(|base| !base.is_empty())
}

/// The name of the wire for `app_name`, `APP-NAME` or `appName`.
fn own_name(name: &str) -> Option<&'static str> {
    let plain: String = name.chars().filter(|c| !matches!(c, '_' | '-')).collect();
    merge::NAMES.iter().copied().find(|own| own.eq_ignore_ascii_case(&plain))
}

/// Puts a value at a path; false when something on the way is no group.
fn put(root: &mut Value, path: &str, value: Value) -> bool {
    let mut here = root;
    let mut names = path.split('.').peekable();
    while let Some(name) = names.next() {
        let Value::Object(object) = here else { return false };
        if names.peek().is_none() {
            object.insert(name.to_owned(), value);
            return true;
        }
        let Some(next) = object.get_mut(name) else { return false };
        here = next;
    }
    false
}

/// Takes the value at a path out of a tree.
fn take(root: &mut Value, path: &str) -> Option<Value> {
    let (group, name) = path.rsplit_once('.').unwrap_or(("", path));
    let here = match group {
        "" => Some(root),
        _ => group.split('.').try_fold(root, |here, name| here.get_mut(name)),
    };
    here?.as_object_mut()?.remove(name)
}

/// Every issue by its path.
fn leaves(errors: &FieldErrors) -> BTreeMap<String, String> {
    fn collect(path: &str, errors: &FieldErrors, found: &mut BTreeMap<String, String>) {
        for (name, error) in errors.iter() {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            match error {
                FieldError::Issue(issue) => drop(found.insert(path, issue.message.to_string())),
                FieldError::Nested(inner) => collect(&path, inner, found),
                FieldError::Json(_) => {}
            }
        }
    }
    let mut found = BTreeMap::new();
    collect("", errors, &mut found);
    found
}

fn read_text(path: &Path) -> Result<String, std::io::Error> {
    use std::io::Read as _;
    let mut text = String::new();
    let file = std::fs::File::open(path)?;
    file.take(MAX_FILE + 1).read_to_string(&mut text)?;
    match text.len() as u64 > MAX_FILE {
        true => Err(std::io::Error::other("it has more than 1 MiB")),
        false => Ok(text),
    }
}

#[cfg(test)]
mod tests;
