//! Secrets that travel in URLs, hidden before a URL is written anywhere.

use std::borrow::Cow;

/// What stands for a secret.
const MASK: &str = "***";

/// Query parameters whose value must not be kept: tokens of ours, and codes of sign-in providers.
const SECRET_NAMES: &[&str] = &[
    "token",
    "password",
    "passwordconfirm",
    "oldpassword",
    "secret",
    "code",
    "recoverycode",
    "mfaid",
    "access_token",
    "refresh_token",
    "refreshtoken",
    "id_token",
    "client_secret",
    "api_key",
    "apikey",
    "authorization",
    "signature",
    "x-amz-signature",
    "x-amz-credential",
    "x-amz-security-token",
];

/// `url` with the values of secret query parameters replaced.
pub fn mask_secrets(url: &str) -> Cow<'_, str> {
    let Some((before, query)) = url.split_once('?') else { return Cow::Borrowed(url) };
    if !query.split(['&', ';', '#']).any(is_secret) {
        return Cow::Borrowed(url);
    }
    let mut masked = String::with_capacity(url.len());
    masked.push_str(before);
    masked.push('?');
    let mut rest = query;
    while !rest.is_empty() {
        let end = rest.find(['&', ';', '#']).unwrap_or(rest.len());
        let (pair, tail) = rest.split_at(end);
        match pair.split_once('=') {
            Some((name, _)) if is_secret(pair) => {
                masked.push_str(name);
                masked.push('=');
                masked.push_str(MASK);
            }
            _ => masked.push_str(pair),
        }
        let separator = tail.chars().next();
        masked.extend(separator);
        rest = &tail[separator.map_or(0, char::len_utf8)..];
    }
    Cow::Owned(masked)
}

/// Whether `pair` is `name=value` of a secret. An encoded name is read as a server would read it.
fn is_secret(pair: &str) -> bool {
    let Some((name, value)) = pair.split_once('=') else { return false };
    let decoded = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    let bare = decoded.trim_matches(['+', ' ', '[', ']']);
    !value.is_empty() && SECRET_NAMES.iter().any(|secret| secret.eq_ignore_ascii_case(bare))
}
