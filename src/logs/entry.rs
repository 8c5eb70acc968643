//! One entry: what a request was, and the row it becomes (contract §3.8).

use std::time::Duration;

use serde_json::{Map, Value};

use crate::clock::DateTime;
use crate::error::Error;
use crate::logs::mask_secrets;
use crate::settings;
use crate::store::Spent;

/// Level of what went well.
pub const LEVEL_INFO: i64 = 0;
/// Level of what went well and yet should be looked at.
pub const LEVEL_WARN: i64 = 4;
/// Level of what failed.
pub const LEVEL_ERROR: i64 = 8;

/// Longest URL that is kept, in characters.
const MAX_URL: usize = 3000;
/// Longest referer or user agent that is kept, in characters.
const MAX_HEADER: usize = 2000;

/// A request that was answered, as the front saw it.
#[derive(Debug, Clone)]
pub struct RequestEntry {
    /// When it came.
    pub started: DateTime,
    /// How long it took.
    pub took: Duration,
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query as they were sent.
    pub url: String,
    /// The status of the answer.
    pub status: u16,
    /// The header of that name.
    pub referer: String,
    /// The header of that name.
    pub user_agent: String,
    /// The other end of the connection.
    pub remote_ip: String,
    /// Who asked, as far as proxies are trusted.
    pub user_ip: String,
    /// Name of the collection of who asked; empty for a guest.
    pub auth: String,
    /// Id of who asked.
    pub auth_id: String,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
    /// What somebody should look at though it did not fail.
    pub warnings: Vec<String>,
    /// What it asked of the store.
    pub sql: Spent,
}

/// Why a request failed: what the client read, and what only the log may know.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The sentence the client read.
    pub message: String,
    /// The fields at fault, or the chain of causes.
    pub details: Value,
}

impl Failure {
    /// What is kept of an error.
    pub fn of(error: &Error) -> Self {
        let details = match error.data().is_empty() {
            false => plain(serde_json::to_value(error.data()).unwrap_or_default()),
            true => causes(error).map_or(Value::Null, Value::String),
        };
        Self { message: error.message().to_owned(), details }
    }
}

/// Codes whose messages the log shows as a part of a sentence, as the reference does.
const GENERAL: &[&str] = &[
    "required",
    "nil_or_not_empty_required",
    "nil",
    "empty",
    "length_",
    "min_greater",
    "max_less",
    "in_invalid",
    "not_in_invalid",
    "match_invalid",
    "is_",
    "invalid_type",
];

/// The fields at fault with what is wrong in words only: codes are for clients.
fn plain(errors: Value) -> Value {
    let Value::Object(fields) = errors else { return errors };
    if let (Some(Value::String(code)), Some(Value::String(text))) =
        (fields.get("code"), fields.get("message"))
    {
        let bare = code.strip_prefix("validation_").unwrap_or(code);
        let is_general = GENERAL.iter().any(|general| match general.ends_with('_') {
            true => bare.starts_with(general),
            false => bare == *general || (general.contains("_") && bare.starts_with(general)),
        });
        return if is_general { part_of_sentence(text).into() } else { text.clone().into() };
    }
    fields.into_iter().map(|(field, error)| (field, plain(error))).collect()
}

fn part_of_sentence(text: &str) -> String {
    let mut letters = text.strip_suffix('.').unwrap_or(text).chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// The causes below an error in one line, outermost first.
fn causes(error: &Error) -> Option<String> {
    let mut next = std::error::Error::source(error);
    let mut texts: Vec<String> = Vec::new();
    while let Some(cause) = next.filter(|_| texts.len() < 8) {
        let text = cause.to_string();
        // Many errors repeat the text of their cause.
        if texts.last().is_none_or(|last| !last.contains(&text)) {
            texts.push(text);
        }
        next = cause.source();
    }
    (!texts.is_empty()).then(|| texts.join(": "))
}

/// A row of `_logs`, but for its id.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LogRow {
    pub level: i64,
    pub message: String,
    pub data: String,
    pub created: DateTime,
}

impl RequestEntry {
    /// The level this entry is kept under.
    pub fn level(&self) -> i64 {
        match self.failure {
            Some(_) => LEVEL_ERROR,
            None if self.status >= 400 => LEVEL_ERROR,
            None if self.warnings.is_empty() => LEVEL_INFO,
            None => LEVEL_WARN,
        }
    }

    /// The row, cut down to what the settings keep.
    pub(super) fn into_row(self, kept: &settings::Logs) -> LogRow {
        let level = self.level();
        let url = cut(&mask_secrets(&self.url), MAX_URL);
        let shown = percent_encoding::percent_decode_str(&url).decode_utf8_lossy();
        let message = format!("{} {shown}", self.method);
        let millis = self.took.as_secs_f64() * 1000.0;
        let mut data = Map::new();
        let mut put = |key: &str, value: Value| drop(data.insert(key.to_owned(), value));
        put("auth", self.auth.into());
        put("execTime", millis.into());
        put("method", self.method.into());
        put("referer", cut(&mask_secrets(&self.referer), MAX_HEADER).into());
        put("status", self.status.into());
        put("type", "request".into());
        put("url", url.into());
        put("userAgent", cut(&self.user_agent, MAX_HEADER).into());
        if kept.log_ip {
            put("remoteIP", self.remote_ip.into());
            put("userIP", self.user_ip.into());
        }
        if kept.log_auth_id && !self.auth_id.is_empty() {
            put("authId", self.auth_id.into());
        }
        if kept.log_sql && self.sql.statements > 0 {
            put("sqlCount", self.sql.statements.into());
            put("sqlTime", (self.sql.time.as_secs_f64() * 1000.0).into());
        }
        if !self.warnings.is_empty() {
            put("warnings", self.warnings.into());
        }
        if let Some(failure) = self.failure {
            put("error", failure.message.into());
            put("details", failure.details);
        }
        let data = within(data, usize::try_from(kept.max_data_size).unwrap_or(0));
        LogRow { level, message, data, created: self.started }
    }
}

/// The first `most` characters, with dots when there were more.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// The data as JSON of about `most` bytes; 0 is no limit. What is longer is cut there as a text:
/// keys before the cut stay; a value that it goes through becomes null, or of a number what is
/// left.
pub(super) fn within(data: Map<String, Value>, most: usize) -> String {
    let text = crate::json::to_string(&Value::Object(data.clone()));
    if most == 0 || text.len() <= most {
        return text;
    }
    let mut kept = Map::new();
    kept.insert("__pb_truncated__".into(), true.into());
    let mut used = 0;
    for (key, value) in data {
        // The bracket or comma before the key, and its quotes.
        used += 3 + key.len();
        if used > most {
            break;
        }
        used += 1;
        let shown = crate::json::to_string(&value);
        let left = most.saturating_sub(used);
        used += shown.len();
        if shown.len() > left {
            kept.insert(key, value.as_f64().map_or(Value::Null, |_| start_of(&shown, left)));
            break;
        }
        kept.insert(key, value);
    }
    crate::json::to_string(&Value::Object(kept))
}

/// The number that the first `most` digits are.
fn start_of(digits: &str, most: usize) -> Value {
    serde_json::from_str(digits.get(..most).unwrap_or_default()).unwrap_or_default()
}
