//! Section `rateLimits`: how often who may ask what.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};
use crate::settings::{check, network};

/// How often who may ask what.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RateLimits {
    /// The rules; the first one that fits counts.
    pub rules: Vec<RateLimitRule>,
    /// Addresses and networks without a limit.
    #[serde(rename = "excludedIPs")]
    pub excluded_ips: Vec<String>,
    /// Whether any of it is in force.
    pub enabled: bool,
}

/// One limit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RateLimitRule {
    /// A path, `METHOD /path`, `collection:tag` or `*:tag`.
    pub label: String,
    /// `@guest`, `@auth`, or empty for everybody.
    pub audience: String,
    /// Seconds of one window.
    pub duration: i64,
    /// Requests in one window.
    pub max_requests: i64,
}

impl RateLimits {
    pub(super) fn fresh() -> Self {
        let rule = |label: &str, duration, max_requests| RateLimitRule {
            label: label.into(),
            audience: String::new(),
            duration,
            max_requests,
        };
        Self {
            rules: vec![
                rule("*:auth", 3, 2),
                rule("*:create", 5, 20),
                rule("/api/batch", 1, 3),
                rule("/api/", 10, 300),
            ],
            excluded_ips: Vec::new(),
            enabled: false,
        }
    }

    pub(super) fn validate(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        if self.enabled && self.rules.is_empty() {
            errors.add("rules", Issue::new(Code::Required));
        }
        let mut rules = FieldErrors::default();
        for (at, rule) in self.rules.iter().enumerate() {
            rules.nest(at.to_string(), rule.validate());
        }
        if rules.is_empty() {
            rules = self.conflicts();
        }
        errors.nest("rules", rules);
        errors.nest("excludedIPs", network::validate(&self.excluded_ips));
        errors
    }

    /// Of two rules with one label both may fit one caller unless their audiences exclude
    /// each other. The first that does is told.
    fn conflicts(&self) -> FieldErrors {
        let mut seen: HashMap<&str, Vec<&str>> = HashMap::new();
        for (at, rule) in self.rules.iter().enumerate() {
            let audiences = seen.entry(&rule.label).or_default();
            let own = rule.audience.as_str();
            if audiences.iter().any(|other| own.is_empty() || other.is_empty() || own == *other) {
                let label = &rule.label;
                let message = format!("There is another rate limit rule for {label}.");
                let issue = Issue::with_message(Code::ConflictingRateLimitRule, message);
                let issue = issue.param("label", label.as_str());
                let mut errors = FieldErrors::default();
                errors.nest(at.to_string(), FieldErrors::one("label", issue));
                return errors;
            }
            audiences.push(own);
        }
        FieldErrors::default()
    }

    /// Lets rules for a collection's routes follow its new name.
    pub(super) fn rename_collection(&mut self, old: &str, new: &str) {
        for rule in &mut self.rules {
            let tag = rule.label.strip_prefix(old).and_then(|rest| rest.strip_prefix(':'));
            if let Some(label) = tag.map(|tag| format!("{new}:{tag}")) {
                rule.label = label;
            }
        }
    }
}

impl RateLimitRule {
    fn validate(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        check::required(&mut errors, "label", &self.label);
        check::passes(&mut errors, "label", &self.label, Code::MatchInvalid, is_label);
        let known = |audience: &str| matches!(audience, "@guest" | "@auth");
        check::passes(&mut errors, "audience", &self.audience, Code::InInvalid, known);
        for (field, number) in [("maxRequests", self.max_requests), ("duration", self.duration)] {
            check::nonzero(&mut errors, field, number);
            check::at_least(&mut errors, field, number, 1);
        }
        errors
    }
}

/// A word, `word /path`, `/path`, `word:tag` or `*:tag`.
fn is_label(text: &str) -> bool {
    let word = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let path = |text: &str| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"_-/".contains(&b);
        text.starts_with('/') && text.bytes().all(fits)
    };
    match (text.split_once(' '), text.split_once(':')) {
        (Some((method, rest)), _) => word(method) && path(rest),
        (None, Some((collection, tag))) => (collection == "*" || word(collection)) && word(tag),
        (None, None) => word(text) || path(text),
    }
}
