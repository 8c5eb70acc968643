//! What a subscription names: records of a collection, and how they are to be shown.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::query::{Expand, ExpandNode};
use crate::schema::RuleSlot;

/// Subscriptions of one client.
pub const MAX_TOPICS: usize = 1000;

/// A subscription, read.
#[derive(Debug, Clone)]
pub(super) struct Topic {
    /// As the client wrote it.
    pub text: Arc<str>,
    /// Name or id of a collection, in this very case; or anything else, which nothing matches.
    pub collection: String,
    /// One record, or all.
    pub record: Option<String>,
    /// The text of its options, by which equal ones are known.
    pub options: String,
}

/// How the records of a subscription are to be picked and shown.
#[derive(Debug, Default)]
pub(super) struct View {
    /// For `@request.query`.
    pub query: Vec<(String, String)>,
    /// For `@request.headers`, with names like `x_key`.
    pub headers: Vec<(String, String)>,
    pub filter: String,
    pub expand: Vec<ExpandNode>,
    pub fields: String,
}

impl Topic {
    /// Reads `posts/*?options=…`. Whatever it says, it is no error: it may match nothing.
    pub fn parse(text: &str) -> Self {
        let (name, query) = text.split_once('?').unwrap_or((text, ""));
        let options = url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == "options")
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default();
        let (collection, record) = match name.split_once('/') {
            None => (name, None),
            Some((collection, "*")) => (collection, None),
            Some((collection, record)) => (collection, Some(record.to_owned())),
        };
        Self { text: text.into(), collection: collection.to_owned(), record, options }
    }

    /// The rule that opens its records.
    pub fn slot(&self) -> RuleSlot {
        if self.record.is_some() { RuleSlot::View } else { RuleSlot::List }
    }
}

impl View {
    /// Reads `{"query":{…},"headers":{…}}`. What cannot be read is as if it were not there.
    pub fn parse(options: &str) -> Self {
        let options: Map<String, Json> = serde_json::from_str(options).unwrap_or_default();
        let query = pairs(options.get("query"), str::to_owned);
        let headers =
            pairs(options.get("headers"), |name| name.to_ascii_lowercase().replace('-', "_"));
        let text = |name: &str| {
            let found = query.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let (filter, expand, fields) = (text("filter"), text("expand"), text("fields"));
        Self { filter, expand: Expand::parse(&expand), fields, query, headers }
    }
}

fn pairs(object: Option<&Json>, name: impl Fn(&str) -> String) -> Vec<(String, String)> {
    let text = |value: &Json| match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let object = object.and_then(Json::as_object);
    object.into_iter().flatten().map(|(key, value)| (name(key), text(value))).collect()
}
