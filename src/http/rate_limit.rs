//! How often who may ask what (contract §1.12), by the rules of the settings.

use std::net::IpAddr;
use std::time::Duration;

use crate::clock::DateTime;
use crate::error::{Error, Kind, Result};
use crate::http::client_ip;
use crate::http::request::Request;
use crate::query::Caller;
use crate::schema::Collection;
use crate::settings::{RateLimitRule, RateLimits, networks_contain};
use crate::throttle::{Throttle, network_of};

/// What a request asks for, as rules name it.
pub struct Asked<'a> {
    /// The collection of a route that has tags.
    pub collection: Option<&'a Collection>,
    /// The path of the route, with its gaps; empty within a batch.
    pub pattern: &'a str,
    /// What rules call the route besides its path, the closest first.
    pub tags: &'a [&'a str],
    /// The method of the request.
    pub method: &'a str,
    /// The path of the request.
    pub path: &'a str,
}

impl<'a> Asked<'a> {
    /// What has no name but its path.
    pub fn at(method: &'a str, path: &'a str) -> Self {
        Self { collection: None, pattern: "", tags: &[], method, path }
    }
}

/// Who asks.
pub struct Asker<'a> {
    /// As whom.
    pub caller: &'a Caller,
    /// From where.
    pub ip: Option<IpAddr>,
    /// When.
    pub now: DateTime,
    /// Which save of the settings is in force: with another, all counts begin anew.
    pub settings: u64,
}

/// What was asked lately.
#[derive(Default)]
pub struct RateLimiter {
    windows: Throttle,
    in_vain: Throttle,
}

/// So many lists in so much time may find nothing.
const IN_VAIN: (u64, Duration) = (3, Duration::from_secs(3));

impl RateLimiter {
    /// Counts a list that found nothing; false when there were too many of late.
    pub fn may_fail(&self, ip: &str, collection_id: &str, now: DateTime) -> bool {
        let (max, span) = IN_VAIN;
        self.in_vain.count((ip, collection_id), max, span, now).is_ok()
    }

    /// Counts a request.
    ///
    /// # Errors
    /// 429 when it is one too many.
    pub fn check(&self, limits: &RateLimits, asker: &Asker<'_>, asked: &Asked<'_>) -> Result<()> {
        if !limits.enabled || asker.caller.is_superuser() {
            return Ok(());
        }
        if asker.ip.is_some_and(|ip| networks_contain(&limits.excluded_ips, ip)) {
            return Ok(());
        }
        let Some(rule) = find(limits, asker.caller, asked) else { return Ok(()) };
        // Only routes with tags count by route; those of one path rule share their count.
        let (collection, pattern) =
            asked.collection.map_or(("", ""), |found| (found.id.as_str(), asked.pattern));
        let tags = asked.collection.map(|_| asked.tags);
        let [max, seconds] =
            [rule.max_requests, rule.duration].map(|n| u64::try_from(n).unwrap_or(0));
        // With all of the rule: one that was changed counts anew.
        let rule = (rule.label.as_str(), rule.audience.as_str(), max, seconds);
        let what = (collection, pattern, tags, rule, asker.settings);
        let from = asker.ip.map(network_of);
        let span = Duration::from_secs(seconds);
        let counted = self.windows.count((what, from), max, span, asker.now);
        counted.map_err(|left| {
            let seconds = left.as_secs_f64().ceil() as u32;
            Error::new(Kind::TooMany { retry_after_secs: seconds.max(1) }, "Too Many Requests.")
        })
    }
}

impl Request {
    /// Counts this request, which came by the route with this path.
    ///
    /// # Errors
    /// 429 when it is one too many.
    pub(super) fn limit_rate(&self, pattern: &str) -> Result<()> {
        let settings = self.app.settings.load();
        if !settings.rate_limits.enabled {
            return Ok(());
        }
        let (method, path) = (self.http.method().as_str(), self.http.uri().path());
        let tags = tags(if method == "HEAD" { "GET" } else { method }, pattern);
        if tags.is_empty() {
            return self.limit(&Asked::at(method, path));
        }
        // Without its collection the request fails anyway, and is not counted.
        let Some(collection) = self.collection() else { return Ok(()) };
        self.limit(&Asked { collection: Some(&collection), pattern, tags, method, path })
    }

    /// Counts a write of a record within a batch.
    ///
    /// # Errors
    /// 429 when it is one too many.
    pub(super) fn limit_write(
        &self,
        collection: &Collection,
        tag: &str,
        method: &str,
        path: &str,
    ) -> Result<()> {
        let tags = &[tag];
        let collection = Some(collection);
        self.limit(&Asked { collection, pattern: "", tags, method, path })
    }

    fn limit(&self, asked: &Asked<'_>) -> Result<()> {
        let settings = self.app.settings.load();
        let ip = client_ip::real(&self.http, &settings.trusted_proxy);
        let asker = Asker {
            caller: &self.caller,
            ip,
            now: self.app.clock.now(),
            settings: self.app.settings.version(),
        };
        self.limiter.check(&settings.rate_limits, &asker, asked)
    }
}

/// The rule for a request: the closest name decides, whatever the order of the rules.
fn find<'r>(
    limits: &'r RateLimits,
    caller: &Caller,
    asked: &Asked<'_>,
) -> Option<&'r RateLimitRule> {
    let audience = if caller.record().is_some() { "@auth" } else { "@guest" };
    let fits = |rule: &&RateLimitRule| rule.audience.is_empty() || rule.audience == audience;
    let rules = || limits.rules.iter().filter(fits);
    if let Some(collection) = asked.collection {
        for owner in [collection.name.as_str(), "*"] {
            for tag in asked.tags {
                let is_named = |label: &str| label.split_once(':') == Some((owner, *tag));
                if let Some(rule) = rules().find(|rule| is_named(&rule.label)) {
                    return Some(rule);
                }
            }
        }
    }
    let with_method = format!("{} {}", asked.method, asked.path);
    for wanted in [with_method.as_str(), asked.path] {
        let exact = rules().find(|rule| rule.label == wanted);
        let inside = format!("{wanted}/");
        let is_above = |label: &str| label.ends_with('/') && inside.starts_with(label);
        let found = exact.or_else(|| rules().find(|rule| is_above(&rule.label)));
        if found.is_some() {
            return found;
        }
    }
    None
}

/// What rules call the route with this method and pattern.
pub fn tags(method: &str, pattern: &str) -> &'static [&'static str] {
    if pattern.starts_with("/api/files/{collection}/") {
        return &["file"];
    }
    let Some(rest) = pattern.strip_prefix("/api/collections/{collection}/") else { return &[] };
    match (method, rest) {
        ("GET", "records") => &["list"],
        ("GET", "records/{id}") => &["view"],
        ("POST", "records") => &["create"],
        ("PATCH", "records/{id}") => &["update"],
        ("DELETE", "records/{id}") => &["delete"],
        ("GET", "changes") => &["changes", "list"],
        (_, "auth-methods") => &["listAuthMethods"],
        (_, "auth-refresh") => &["authRefresh"],
        (_, "auth-with-password") => &["authWithPassword", "auth"],
        (_, "auth-with-oauth2") => &["authWithOAuth2", "auth"],
        (_, "auth-with-otp") => &["authWithOTP", "auth"],
        (_, "auth-with-totp") => &["authWithTOTP", "auth"],
        (_, "request-otp") => &["requestOTP"],
        (_, "request-password-reset") => &["requestPasswordReset"],
        (_, "confirm-password-reset") => &["confirmPasswordReset"],
        (_, "request-verification") => &["requestVerification"],
        (_, "confirm-verification") => &["confirmVerification"],
        (_, "request-email-change") => &["requestEmailChange"],
        (_, "confirm-email-change") => &["confirmEmailChange"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(label: &str, audience: &str) -> RateLimitRule {
        let (label, audience) = (label.to_owned(), audience.to_owned());
        RateLimitRule { label, audience, duration: 60, max_requests: 1 }
    }

    #[test]
    fn the_closest_name_decides() {
        let rules = vec![
            rule("/api/", ""),
            rule("/api/collections/", "@guest"),
            rule("GET /api/", "@auth"),
            rule("/api/health", ""),
        ];
        let limits = RateLimits { rules, enabled: true, ..RateLimits::default() };
        let label = |method, path| {
            find(&limits, &Caller::Guest, &Asked::at(method, path)).map(|rule| rule.label.as_str())
        };
        assert_eq!(label("GET", "/api/health"), Some("/api/health"));
        assert_eq!(label("GET", "/api/logs"), Some("/api/"));
        assert_eq!(label("GET", "/api/"), Some("/api/"));
        assert_eq!(label("GET", "/api"), Some("/api/"));
        assert_eq!(label("GET", "/apis"), None);
        // Two lead there: the first of the list.
        assert_eq!(label("GET", "/api/collections/posts"), Some("/api/"));
    }
}
