//! What the program itself tells: warnings and errors of its console, kept in the log as well.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::clock::{Clock, DateTime};
use crate::logs::entry::{LogRow, within};
use crate::logs::{ActivityLog, LEVEL_ERROR, LEVEL_WARN};
use crate::settings;

/// The log's own troubles stay on the console: writing them down would make new ones.
const OWN: &str = concat!(env!("CARGO_PKG_NAME"), "::logs");
/// Other crates speak of what no operator can change.
const PRODUCT: &str = env!("CARGO_PKG_NAME");
/// Longest text of a field, in characters.
const MAX_TEXT: usize = 2000;

/// A message of the program.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageEntry {
    /// [`LEVEL_WARN`] or [`LEVEL_ERROR`].
    pub level: i64,
    /// The sentence.
    pub message: String,
    /// What it is about.
    pub data: Map<String, Value>,
    /// When it was told.
    pub told: DateTime,
}

impl MessageEntry {
    pub(super) fn into_row(self, kept: &settings::Logs) -> LogRow {
        let data = within(self.data, usize::try_from(kept.max_data_size).unwrap_or(0));
        LogRow { level: self.level, message: self.message, data, created: self.told }
    }
}

/// A layer that hands warnings and errors to a log, once there is one; clones share it.
#[derive(Clone)]
pub struct Messages {
    log: Arc<OnceLock<ActivityLog>>,
    clock: Clock,
}

impl Messages {
    /// Nothing is kept before [`Messages::keep_in`].
    pub fn new(clock: Clock) -> Self {
        Self { log: Arc::default(), clock }
    }

    /// What is told from now on is kept in this log. A second one is not heard of.
    pub fn keep_in(&self, log: &ActivityLog) {
        let _ = self.log.set(log.clone());
    }
}

impl<S: Subscriber> Layer<S> for Messages {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let Some(log) = self.log.get() else { return };
        let level = match *event.metadata().level() {
            Level::ERROR => LEVEL_ERROR,
            Level::WARN => LEVEL_WARN,
            _ => return,
        };
        let target = event.metadata().target();
        let is_ours = target.split("::").next() == Some(PRODUCT) && !target.starts_with(OWN);
        if !is_ours || !log.keeps(level) {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let Fields { message, data } = fields;
        log.tell(MessageEntry { level, message, data, told: self.clock.now() });
    }
}

/// The fields of one event.
#[derive(Default)]
struct Fields {
    message: String,
    data: Map<String, Value>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        self.data.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text: String = format!("{value:?}").chars().take(MAX_TEXT).collect();
        match field.name() {
            "message" => self.message = text,
            _ => self.put(field, text.into()),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let text: String = value.chars().take(MAX_TEXT).collect();
        self.put(field, text.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}
