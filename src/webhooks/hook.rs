//! A webhook as it is set up, and the requests it makes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::changes::Action;
use crate::clock::DateTime;
use crate::crypto::{Secret, sign};
use crate::error::Result;
use crate::outgoing::Post;
use crate::schema::Collection;
use crate::sql::Statement;
use crate::store::Tx;

/// Webhooks that are followed; more are left alone.
const MAX_HOOKS: usize = 100;
/// Headers of its own that a webhook may have.
const MAX_HEADERS: usize = 32;
/// How long the other server has.
const LIMIT: Duration = Duration::from_secs(10);
/// What a secret of the Standard Webhooks begins with; base64 follows.
const SECRET_PREFIX: &str = "whsec_";

const READ: &str = "SELECT id, url, collections, events, filter, secret, headers FROM _webhooks \
                    WHERE enabled = 1 ORDER BY created, id LIMIT ?1";

/// A webhook that is switched on.
pub(super) struct Webhook {
    pub id: String,
    url: String,
    collections: Vec<String>,
    events: Vec<String>,
    pub filter: String,
    secret: Secret,
    headers: Vec<(String, String)>,
    has_warned: AtomicBool,
}

impl Webhook {
    /// Whether it wants changes of this kind. Without names it wants all but system collections.
    pub fn follows(&self, collection: &Collection, action: Action) -> bool {
        let wants_event =
            self.events.is_empty() || self.events.iter().any(|event| event == action.as_str());
        let is_named = |name: &String| *name == collection.name || *name == collection.id;
        let wants_collection = match self.collections.is_empty() {
            true => !collection.system,
            false => self.collections.iter().any(is_named),
        };
        wants_event && wants_collection
    }

    /// True the first time only.
    pub fn warns(&self) -> bool {
        !self.has_warned.swap(true, Ordering::Relaxed)
    }

    /// The request that carries a message.
    pub fn post(&self, message: &str, body: String, now: DateTime) -> Post {
        let mut headers = self.headers.clone();
        let seconds = now.unix_secs().to_string();
        let mut set = |name: &str, value: String| headers.push((name.to_owned(), value));
        set("content-type", "application/json".to_owned());
        set("webhook-id", message.to_owned());
        let key = self.key();
        if !key.is_empty() {
            let parts: [&[u8]; 5] =
                [message.as_bytes(), b".", seconds.as_bytes(), b".", body.as_bytes()];
            set("webhook-signature", format!("v1,{}", sign(&key, &parts)));
        }
        set("webhook-timestamp", seconds);
        Post { url: self.url.clone(), headers, body, limit: LIMIT }
    }

    /// The bytes that sign.
    fn key(&self) -> Vec<u8> {
        let secret = self.secret.reveal();
        let standard = secret.strip_prefix(SECRET_PREFIX).and_then(|key| STANDARD.decode(key).ok());
        standard.unwrap_or_else(|| secret.as_bytes().to_vec())
    }
}

/// The webhooks that are switched on.
pub(super) fn load(tx: &Tx<'_>) -> Result<Vec<Arc<Webhook>>> {
    let most = i64::try_from(MAX_HOOKS).unwrap_or(i64::MAX);
    let mut hooks = Vec::new();
    tx.query(&Statement::new(READ, vec![most.into()]), |row| {
        let text = |index: usize| row.get(index).text();
        hooks.push(Arc::new(Webhook {
            id: text(0).to_owned(),
            url: text(1).to_owned(),
            collections: names(text(2)),
            events: names(text(3)),
            filter: text(4).to_owned(),
            secret: Secret::new(text(5).to_owned()),
            headers: pairs(text(6)),
            has_warned: AtomicBool::new(false),
        }));
        Ok(())
    })?;
    Ok(hooks)
}

/// A JSON list of texts; anything else names nothing.
fn names(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}

/// A JSON object of texts.
fn pairs(json: &str) -> Vec<(String, String)> {
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(json).unwrap_or_default();
    let texts = object.into_iter().filter_map(|(k, v)| Some((k, v.as_str()?.to_owned())));
    texts.filter(|(name, _)| !is_ours(name)).take(MAX_HEADERS).collect()
}

/// Headers that say where the message ends, or whom it is for.
fn is_ours(name: &str) -> bool {
    let ours = ["host", "content-length", "transfer-encoding", "connection"];
    ours.iter().any(|ours| name.eq_ignore_ascii_case(ours))
}

#[cfg(test)]
mod tests {
    use crate::schema::system;

    use super::*;

    fn hook(secret: &str, collections: &str, events: &str) -> Webhook {
        Webhook {
            id: "a".to_owned(),
            url: "https://example.com".to_owned(),
            collections: names(collections),
            events: names(events),
            filter: String::new(),
            secret: Secret::new(secret.to_owned()),
            headers: pairs(r#"{"X-Key": "1", "host": "evil", "Content-Length": "5", "n": 1}"#),
            has_warned: AtomicBool::new(false),
        }
    }

    fn header<'a>(post: &'a Post, name: &str) -> Option<&'a str> {
        let found = post.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The example that the libraries of the Standard Webhooks are tested with.
    #[test]
    fn messages_are_signed_as_the_standard_says() {
        let hook = hook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "[]", "[]");
        let now = DateTime::from_unix_ms(1_614_265_330_000);
        let body = r#"{"test": 2432232314}"#.to_owned();
        let post = hook.post("msg_p5jXN8AQM9LWM0D4loKWxJek", body, now);
        assert_eq!(
            header(&post, "webhook-signature"),
            Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        );
        assert_eq!(header(&post, "webhook-timestamp"), Some("1614265330"));
        assert_eq!(header(&post, "X-Key"), Some("1"));
        assert_eq!([header(&post, "host"), header(&post, "Content-Length")], [None, None]);
    }

    #[test]
    fn a_webhook_follows_what_it_names() {
        let all = system::collections(DateTime::from_unix_ms(0));
        let find = |name: &str| all.iter().find(|c| c.name == name).unwrap();
        for (collections, events, name, action, follows) in [
            ("[]", "[]", "users", Action::Create, true),
            ("", "", "users", Action::Delete, true),
            ("[]", "[]", "_superusers", Action::Create, false),
            (r#"["_superusers"]"#, "[]", "_superusers", Action::Create, true),
            (r#"["_pb_users_auth_"]"#, r#"["update"]"#, "users", Action::Update, true),
            (r#"["users"]"#, r#"["update"]"#, "users", Action::Create, false),
            (r#"["posts"]"#, "[]", "users", Action::Create, false),
        ] {
            let hook = hook("", collections, events);
            assert_eq!(hook.follows(find(name), action), follows, "{collections} {events} {name}");
        }
    }
}
