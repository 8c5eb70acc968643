//! What counts as a URL. Lenient and strict in the same places as the contract (§5.5), which is
//! not what the RFCs say.

use std::net::{Ipv4Addr, Ipv6Addr};

const SCHEMES: [&str; 7] = ["ftp", "tcp", "udp", "ws", "wss", "http", "https"];
/// A page that shows such a URL as a link would run it. The reference takes them where an `@`
/// stands in them.
const RUNNING: [&str; 3] = ["javascript:", "vbscript:", "data:"];
const MAX_CHARS: usize = 2082;
const MIN_BYTES: usize = 4;

/// True for a URL with or without scheme.
pub fn is_url(text: &str) -> bool {
    let has_length = text.len() >= MIN_BYTES && text.chars().count() <= MAX_CHARS;
    let is_plain = |b: u8| b != b' ' && !b.is_ascii_control();
    let lower = text.get(..12).unwrap_or(text).to_ascii_lowercase();
    if !has_length
        || text.starts_with('.')
        || !text.bytes().all(is_plain)
        || RUNNING.iter().any(|scheme| lower.starts_with(scheme))
        || !is_parsable(text)
    {
        return false;
    }
    let without_scheme = text
        .split_once("://")
        .filter(|(scheme, _)| SCHEMES.contains(scheme))
        .map_or(text, |(_, rest)| rest);
    leads_somewhere(without_scheme) || after_user(text).any(leads_somewhere)
}

/// The host of a URL, with its port, as domain lists compare it.
pub fn url_host(text: &str) -> &str {
    let Some((_, rest)) = text.split_once("://") else { return "" };
    host_of(&rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())])
}

fn host_of(authority: &str) -> &str {
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// What follows each `@`: anything may be the name of a user.
fn after_user(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('@').filter(|(at, _)| *at > 0).map(|(at, _)| &text[at + 1..])
}

/// What a general URL reader refuses: broken escapes, odd users and hosts, paths of one word.
fn is_parsable(text: &str) -> bool {
    let is_bare_port = text.contains(':') && !text.contains("://");
    let with_scheme = if is_bare_port { format!("http://{text}") } else { text.to_owned() };
    let (rest, fragment) = with_scheme.split_once('#').unwrap_or((&with_scheme, ""));
    let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
    let (authority, path) = match rest.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => {
            rest.split_at(rest.find('/').unwrap_or(rest.len()))
        }
        Some(_) => return false,
        None => ("", rest),
    };
    let host = host_of(authority);
    has_good_escapes(path)
        && has_good_escapes(fragment)
        && is_authority(authority)
        && !host.starts_with('.')
        && (!host.is_empty() || path.is_empty() || path.contains('.'))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

fn is_authority(authority: &str) -> bool {
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let is_user_letter = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
    let is_host_letter = |c: char| {
        !c.is_ascii() || c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:[]<>\"%".contains(c)
    };
    user.chars().all(is_user_letter) && has_good_escapes(user) && host.chars().all(is_host_letter)
}

fn has_good_escapes(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    (0..bytes.len()).all(|at| bytes[at] != b'%' || (is_hex(at + 1) && is_hex(at + 2)))
}

/// True for a host, perhaps with a port, and whatever path.
fn leads_somewhere(text: &str) -> bool {
    let end = text.find(['/', '?', '#']).unwrap_or(text.len());
    split_port(&text[..end]).is_some_and(is_url_host)
}

fn split_port(host: &str) -> Option<&str> {
    let after_bracket = host.rfind(']').map_or(0, |at| at + 1);
    match host[after_bracket..].split_once(':') {
        None => Some(host),
        Some((name, port)) => {
            let is_port = (1..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit());
            is_port.then(|| &host[..after_bracket + name.len()])
        }
    }
}

fn is_url_host(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    if let Some(inner) = host.strip_prefix('[') {
        return inner.strip_suffix(']').is_some_and(is_ipv6);
    }
    if let Ok(ip) = host.parse::<Ipv4Addr>()
        && matches!(ip.octets()[0], 1..=223 | 240..=255)
    {
        return true;
    }
    let is_top = |top: &str| !top.is_empty() && top.chars().all(is_url_letter);
    is_name(host) || host.rsplit_once('.').is_some_and(|(name, top)| is_top(top) && is_name(name))
}

/// An address, perhaps with a zone.
fn is_ipv6(text: &str) -> bool {
    let (ip, zone) = text.split_once('%').unwrap_or((text, "0"));
    let is_zone = !zone.is_empty() && zone.bytes().all(|b| b.is_ascii_alphanumeric());
    is_zone && ip.parse::<Ipv6Addr>().is_ok()
}

/// A name ends with a word of any letters, joined by up to two dashes. What stands before the word
/// is ASCII, and need not be parted from it.
fn is_name(name: &str) -> bool {
    let fixed = name.rfind(['.', '_']).map_or(0, |at| at + 1);
    let splits = name[fixed..].char_indices().map(|(at, _)| fixed + at);
    splits.into_iter().any(|at| is_word(&name[at..]) && is_front(&name[..at]))
}

fn is_word(text: &str) -> bool {
    let is_letter = |c: char| is_url_letter(c) || c.is_ascii_digit();
    text.starts_with(is_letter)
        && text.ends_with(is_letter)
        && text.chars().all(|c| is_letter(c) || c == '-')
        && !text.contains("---")
}

/// What may stand before the last word of a name: nothing, `www.`, a subdomain, or a name whose
/// first label may hold any run of dashes and underscores.
fn is_front(front: &str) -> bool {
    front.is_empty() || front == "www." || is_subdomain(front) || is_long_name(front)
}

fn is_subdomain(front: &str) -> bool {
    let Some((name, last)) = front.rsplit_once('.') else { return false };
    let parts_are_words = name.split(['-', '_', '.']).all(is_ascii_word);
    let mut ending = name.bytes().rev();
    let ends_with_two = ending.by_ref().take(2).filter(u8::is_ascii_alphanumeric).count() == 2;
    is_ascii_word(last) && parts_are_words && ends_with_two
}

fn is_long_name(front: &str) -> bool {
    let (head, rest) = front.split_once('.').unwrap_or((front, "x"));
    let is_edge = |c: char| c.is_ascii_alphanumeric();
    head.len() >= 2
        && head.starts_with(is_edge)
        && head.ends_with(is_edge)
        && head.chars().all(|c| is_edge(c) || matches!(c, '-' | '_'))
        && rest.split(['-', '.']).all(is_ascii_word)
}

fn is_ascii_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn is_url_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || ('\u{a1}'..='\u{ffff}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    const URLS: &[&str] = &[
        "http://a",
        "a.b/c",
        "example.com",
        "ftp://x.y",
        "mailto:a@b.co",
        "x.yy",
        "abc.d",
        "localhost:80",
        "http://1.2.3.4",
        "1.2.3.4",
        "http://[::1]/",
        "http://[::1]:80",
        "http://a.b.",
        "http://ünï.de",
        "http://a.b:99999",
        "http://a.b?x",
        "http://a.b#x",
        "http://user:pw@a.b",
        "tcp://a.b",
        "udp://a",
        "wss://a",
        "abc.d/",
        "a.bcd:80/x",
        "user@a.bc",
        "http://www.a",
        "www.a.b",
        "http://a--b.c",
        "http://1a.c",
        "http://a@b@c.d",
        "http://sub.sub.sub.a.co.uk",
        "http://münchen.中国",
        "12.5abc",
        "http://x_y.co",
        "foo_bar.example.com:80",
        "http://x.co/a\\b",
        "irc://#channel@network",
        "http://[fe80::1%25en0]/",
        "http://r6---snnvoxuioq6.example.com",
    ];
    const NO_URLS: &[&str] = &[
        "",
        "x",
        "/x",
        "//x.y",
        "a.b",
        "abcd",
        "256.1.1.1",
        "http://256.1.1.1",
        "0.0.0.0",
        "http://a_b.c",
        "http://-a.b",
        "http://a-.b",
        "http://a.b-",
        "http://a..b",
        "http://a.1",
        "http://a.b1",
        "http://a.b:999999",
        "http://a.b/x y",
        "://a.b",
        "file://a",
        "a:b",
        "a.b:c",
        "http:a.b",
        ".abc.d",
        "http://.a",
        "http://a/%zz",
        "http://",
        "HTTP://X.Y",
        "javascript:alert(1)",
        "data:text/plain,x",
        "http://a.b_c",
        "http://x.y:",
        "http://a_.co",
        "http://_a.co",
        "http://a.123",
        "12345",
        "1234.5",
        "http://a.b\\c",
        "http://a b",
        "http://x.co/\0",
        "http://a.b.c.d.e",
        "http://www.foo---bar.com/",
        "http://a.b--c.de/",
        "javascript:alert(1)@x.co",
        "JavaScript:alert(1)//@x.co",
        "data:text/html,x@x.co",
    ];

    #[test]
    fn urls_are_judged_as_observed() {
        for text in URLS {
            assert!(is_url(text), "{text}");
        }
        for text in NO_URLS {
            assert!(!is_url(text), "{text}");
        }
    }

    #[test]
    fn hosts_are_cut_out() {
        assert_eq!(url_host("http://u:p@x.co:80/a?b#c"), "x.co:80");
        assert_eq!(url_host("x.co/a"), "");
    }
}
