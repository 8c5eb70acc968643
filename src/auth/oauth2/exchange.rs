//! From a code to an access token (<https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3>).

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};
use url::form_urlencoded;

use crate::auth::oauth2::profile::text;
use crate::auth::oauth2::setup::Setup;
use crate::clock::{Clock, DateTime};
use crate::crypto::Secret;
use crate::outgoing::{Fetch, Fetched, Outgoing};

/// How long a service may take for an answer.
pub const LIMIT: Duration = Duration::from_secs(15);
/// The longest answer that is read.
pub const MAX_ANSWER: usize = 1 << 20;
/// Longest life of an access token that is believed.
const MAX_LIFETIME_SECS: u64 = 10 * 365 * 24 * 3600;

/// What a client brings back from a service.
pub struct Code<'a> {
    /// The code itself.
    pub code: &'a Secret,
    /// Proves that whoever asked for the code brings it; empty without PKCE.
    pub verifier: &'a Secret,
    /// Where the service sent the code to.
    pub redirect_url: &'a str,
}

/// What a service gives for a code.
pub struct Grant {
    /// Opens the service in the name of the user.
    pub access_token: Secret,
    /// Renews it; may be empty.
    pub refresh_token: Secret,
    /// Says who the user is; may be empty.
    pub id_token: Secret,
    /// When the access token ends, if that is known.
    pub expires: Option<DateTime>,
    /// All of it.
    pub raw: Json,
}

/// Why there is no access token, or no user. Goes to the log, so it holds no secret.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub String);

impl Refusal {
    pub(super) fn new(reason: impl fmt::Display) -> Self {
        Self(reason.to_string())
    }
}

/// Exchanges a code. The client proves who it is in the header, which every service must know, or
/// else in the body.
///
/// # Errors
/// The service refuses the code, or cannot be reached.
pub async fn exchange(
    outgoing: &Outgoing,
    clock: &Clock,
    setup: &Setup,
    code: &Code<'_>,
) -> Result<Grant, Refusal> {
    let mut first = None;
    for style in [Style::Header, Style::Body] {
        let request = request(setup, code, style);
        let answer = outgoing.fetch(request).await.map_err(Refusal::new)?;
        match read(&answer, clock.now()) {
            Ok(grant) => return Ok(grant),
            Err(refused) if refused.is_final => return Err(first.unwrap_or(refused.reason)),
            Err(refused) => first = first.or(Some(refused.reason)),
        }
    }
    Err(first.unwrap_or_else(|| Refusal::new("the service gave no token")))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Header,
    Body,
}

fn request(setup: &Setup, code: &Code<'_>, style: Style) -> Fetch {
    let (id, secret) = (setup.client_id.as_str(), setup.client_secret.reveal());
    let verifier = if setup.pkce { code.verifier.reveal() } else { "" };
    let in_body = |text| if style == Style::Body { text } else { "" };
    let pairs = [
        ("client_id", in_body(id)),
        ("client_secret", in_body(secret)),
        ("code", code.code.reveal()),
        ("code_verifier", verifier),
        ("grant_type", "authorization_code"),
        ("redirect_uri", code.redirect_url),
    ];
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    let mut headers = vec![
        ("Accept".to_owned(), "application/json".to_owned()),
        ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
    ];
    if style == Style::Header {
        let encoded =
            |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
        let pair = STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)));
        headers.push(("Authorization".to_owned(), format!("Basic {pair}")));
    }
    Fetch {
        url: setup.token_url.clone(),
        headers,
        body: Some(form.finish()),
        limit: LIMIT,
        max_size: MAX_ANSWER,
    }
}

/// An answer without a token.
struct Refused {
    reason: Refusal,
    /// The client proved who it is, the code is what is wrong: no use to try in another style.
    is_final: bool,
}

fn read(answer: &Fetched, now: DateTime) -> Result<Grant, Refused> {
    let raw = fields(answer);
    let error = text(&raw, "error");
    let access_token = secret(&raw, "access_token");
    if !(200..300).contains(&answer.status) || !error.is_empty() || access_token.is_empty() {
        let known: String =
            error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
        let reason = format!("the token endpoint answered {} {known}", answer.status);
        return Err(Refused { reason: Refusal(reason), is_final: error == "invalid_grant" });
    }
    let seconds = raw.get("expires_in").and_then(|value| match value {
        Json::Number(number) => number.as_u64().or(number.as_f64().map(|secs| secs as u64)),
        Json::String(text) => text.parse().ok(),
        _ => None,
    });
    let seconds = seconds.filter(|seconds| (1..=MAX_LIFETIME_SECS).contains(seconds));
    Ok(Grant {
        access_token,
        refresh_token: secret(&raw, "refresh_token"),
        id_token: secret(&raw, "id_token"),
        expires: seconds.map(|seconds| now.after(Duration::from_secs(seconds))),
        raw,
    })
}

/// A token is longer than any text about a person may be.
fn secret(raw: &Json, name: &str) -> Secret {
    Secret::new(raw.get(name).and_then(Json::as_str).unwrap_or_default())
}

/// The fields of an answer: JSON, or a form as some services still send it.
fn fields(answer: &Fetched) -> Json {
    let kind = answer.content_type.split(';').next().unwrap_or_default().trim();
    if matches!(kind, "application/x-www-form-urlencoded" | "text/plain")
        && !answer.bytes.trim_ascii_start().starts_with(b"{")
    {
        let pairs = form_urlencoded::parse(&answer.bytes);
        let fields: Map<String, Json> =
            pairs.map(|(name, value)| (name.into_owned(), Json::from(value))).collect();
        return Json::Object(fields);
    }
    serde_json::from_slice(&answer.bytes).unwrap_or_default()
}
