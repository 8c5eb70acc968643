//! One entry: what a request was, and the row it becomes (contract §3.8).

use std::time::Duration;

use serde_json::{Map, Value};

use crate::clock::DateTime;
use crate::error::Error;
use crate::logs::mask_secrets;
use crate::settings;

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
            false => serde_json::to_value(error.data()).unwrap_or_default(),
            true => causes(error).map_or(Value::Null, Value::String),
        };
        Self { message: error.message().to_owned(), details }
    }
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

/// The first `most` characters, with an ellipsis when there were more.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The data as JSON of at most about `most` bytes; 0 is no limit. Keys are kept in their order
/// as long as they fit; the first that does not becomes null, and the rest is left out.
fn within(data: Map<String, Value>, most: usize) -> String {
    let text = crate::json::to_string(&Value::Object(data.clone()));
    if most == 0 || text.len() <= most {
        return text;
    }
    let mut kept = Map::new();
    kept.insert("__pb_truncated__".into(), true.into());
    let mut used = 2;
    for (key, value) in data {
        used += key.len() + 4 + crate::json::to_string(&value).len();
        let fits = used <= most;
        kept.insert(key, if fits { value } else { Value::Null });
        if !fits {
            break;
        }
    }
    crate::json::to_string(&Value::Object(kept))
}
