//! What a subscription names: records of a collection, and how they are to be shown.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::query::{Expand, ExpandNode};
use crate::realtime::compiled::looks_elsewhere;
use crate::schema::{Collection, RuleSlot, Schema};

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
    /// What its options say, in one form, by which equal ones are known.
    pub options: String,
    /// The last change that the client knows, if it wants to be told what it missed.
    pub since: Option<Since>,
}

/// The `since` of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Since {
    /// Behind this change.
    Change(u64),
    /// Not a number.
    Unreadable,
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
    /// The filter may mean something else to each caller.
    pub asks_for_caller: bool,
    /// It needs more than the record to pick or show it.
    pub looks_elsewhere: bool,
}

impl Topic {
    /// Reads `posts/*?options=…`. Whatever it says, it is no error: it may match nothing.
    pub fn parse(text: &str) -> Self {
        let (name, query) = text.split_once('?').unwrap_or((text, ""));
        let options = url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == "options")
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default();
        let mut options: Map<String, Json> = serde_json::from_str(&options).unwrap_or_default();
        let query = options.get_mut("query").and_then(Json::as_object_mut);
        let since = query.and_then(|query| query.remove("since"));
        let since =
            since.map(|since| string(&since).parse().map_or(Since::Unreadable, Since::Change));
        let options =
            if options.is_empty() { String::new() } else { Json::Object(options).to_string() };
        let (collection, record) = match name.split_once('/') {
            None => (name, None),
            Some((collection, "*")) => (collection, None),
            Some((collection, record)) => (collection, Some(record.to_owned())),
        };
        let collection = collection.to_owned();
        Self { text: text.into(), collection, record, options, since }
    }

    /// The collection it names, by exact name or id.
    pub fn find<'s>(&self, schema: &'s Schema) -> Option<&'s Arc<Collection>> {
        let by_name = schema.find_by_name(&self.collection);
        let by_name = by_name.filter(|collection| collection.name == self.collection);
        by_name.or_else(|| schema.find_by_id(&self.collection))
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
        let expand = Expand::parse(&expand);
        let looks_elsewhere = !expand.is_empty() || looks_elsewhere(&filter);
        let asks_for_caller = filter.contains(['@', '.']);
        Self { query, headers, filter, expand, fields, asks_for_caller, looks_elsewhere }
    }
}

fn pairs(object: Option<&Json>, name: impl Fn(&str) -> String) -> Vec<(String, String)> {
    let object = object.and_then(Json::as_object);
    object.into_iter().flatten().map(|(key, value)| (name(key), string(value))).collect()
}

fn string(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
