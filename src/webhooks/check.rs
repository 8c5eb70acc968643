//! What is wrong with a webhook, told when it is saved instead of when it would deliver.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use url::Url;

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};
use crate::query;
use crate::records::{Proposal, RecordCheck};
use crate::schema::Collection;
use crate::webhooks::collection::COLLECTION;

/// See the module.
pub(super) struct WebhookCheck;

impl RecordCheck for WebhookCheck {
    fn collection(&self) -> &'static str {
        COLLECTION
    }

    fn check(&self, proposal: Proposal<'_>, errors: &mut FieldErrors) {
        let is_web = Url::parse(proposal.text("url"))
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !is_web {
            errors.add("url", reason(Code::InvalidUrl, "Must be an http or https address."));
        }
        if !are_headers(proposal.text("headers")) {
            let message = "Must be an object of texts.";
            errors.add("headers", reason(Code::InvalidValue, message));
        }
        let Some(names) = names(proposal.text("collections")) else {
            let message = "Must be a list of names or ids of collections.";
            return errors.add("collections", reason(Code::InvalidValue, message));
        };
        // One whose collection is gone can still be switched off.
        let is_news = proposal.changes("collections") || proposal.changes("filter");
        let starts = proposal.changes("enabled") && proposal.is_true("enabled");
        if is_news || starts {
            check_filter(proposal, &names, errors);
        }
    }
}

/// The filter must mean something for each collection that is named; without names, for any.
fn check_filter(proposal: Proposal<'_>, names: &[String], errors: &mut FieldErrors) {
    let Proposal { schema, .. } = proposal;
    let mut followed: Vec<&Arc<Collection>> = Vec::new();
    for name in names {
        // As it is followed: by id, or by the name as it is spelled.
        let found = schema.find(name).filter(|c| c.name == *name || c.id == *name);
        let Some(found) = found.filter(|collection| !collection.is_view()) else {
            let message = format!("There is no collection {name:?} whose records change.");
            return errors.add("collections", reason(Code::InvalidCollection, message));
        };
        followed.push(found);
    }
    let filter = proposal.text("filter");
    if filter.is_empty() {
        return;
    }
    let fault = |collection: &Arc<Collection>| {
        let read = query::check_rule(schema, collection, filter);
        read.err().map(|error| format!("{}: {error}", collection.name))
    };
    let fault = if names.is_empty() {
        let mut all = schema.collections().iter().filter(|c| !c.system && !c.is_view()).map(fault);
        let first = all.next().flatten();
        first.filter(|_| all.all(|fault| fault.is_some()))
    } else {
        followed.into_iter().find_map(fault)
    };
    if let Some(fault) = fault {
        errors.add("filter", reason(Code::InvalidFormat, format!("Invalid filter - {fault}")));
    }
}

/// Names or ids; nothing at all is none of them.
fn names(json: &str) -> Option<Vec<String>> {
    if matches!(json, "" | "null") { Some(Vec::new()) } else { serde_json::from_str(json).ok() }
}

fn are_headers(json: &str) -> bool {
    matches!(json, "" | "null") || serde_json::from_str::<HashMap<String, String>>(json).is_ok()
}

fn reason(code: Code, message: impl Into<Cow<'static, str>>) -> Issue {
    Issue::with_message(code, message)
}
