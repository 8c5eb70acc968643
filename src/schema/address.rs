//! What counts as a URL, an e-mail address or a domain. Lenient and strict in the same places as
//! the contract (§5.4, §5.5), which is not what the RFCs say.

use std::net::{Ipv4Addr, Ipv6Addr};

const SCHEMES: [&str; 7] = ["ftp", "tcp", "udp", "ws", "wss", "http", "https"];

/// True for a URL with or without scheme.
pub fn is_url(text: &str) -> bool {
    let length = text.chars().count();
    if text.len() <= 3 || length >= 2083 || text.starts_with('.') || has_space(text) {
        return false;
    }
    let (has_scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) if SCHEMES.contains(&scheme) => (true, rest),
        Some(_) => return false,
        None => (false, text),
    };
    if !is_parsable(text, has_scheme) {
        return false;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, after)| after);
    // Without scheme, port or path a name must have a dot to be more than a word.
    if !has_scheme && !text.contains(['.', ':']) {
        return false;
    }
    split_port(host_and_port).is_some_and(is_url_host)
}

/// The host of a URL, with its port, as domain lists compare it.
pub fn url_host(text: &str) -> &str {
    let Some((_, rest)) = text.split_once("://") else { return "" };
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    authority.rsplit_once('@').map_or(authority, |(_, after)| after)
}

/// What a general URL reader would refuse: broken escapes and, without a scheme, an empty host.
fn is_parsable(text: &str, has_scheme: bool) -> bool {
    let with_scheme = if has_scheme { text.to_owned() } else { format!("http://{text}") };
    let bytes = with_scheme.as_bytes();
    let has_good_escapes = bytes.iter().enumerate().all(|(i, &b)| {
        b != b'%'
            || (bytes.get(i + 1).is_some_and(u8::is_ascii_hexdigit)
                && bytes.get(i + 2).is_some_and(u8::is_ascii_hexdigit))
    });
    has_good_escapes && !text.starts_with('/') && !text.contains('\\')
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
    if let Some(inner) = host.strip_prefix('[') {
        return inner.strip_suffix(']').is_some_and(|ip| ip.parse::<Ipv6Addr>().is_ok());
    }
    if let Ok(ip) = host.parse::<Ipv4Addr>() {
        let octets = ip.octets();
        return octets[0] != 0 && octets[0] < 224;
    }
    // A dot may close a full name; at most an optional www, a subdomain and the name stand in it.
    let host = host.strip_suffix('.').unwrap_or(host);
    let labels: Vec<&str> = host.split('.').collect();
    let (last, front) = match labels.split_last() {
        Some((last, [])) => (*last, &[] as &[&str]),
        Some((last, front)) => (*last, front),
        None => return false,
    };
    let is_name = |label: &&str| {
        !label.starts_with('-')
            && !label.ends_with('-')
            && !label.is_empty()
            && label.chars().all(|c| is_url_letter(c) || c == '-')
    };
    if front.is_empty() {
        return is_name(&last);
    }
    front.iter().all(is_name) && !last.is_empty() && last.chars().all(is_url_alpha)
}

fn is_url_letter(c: char) -> bool {
    is_url_alpha(c) || c.is_ascii_digit()
}

fn is_url_alpha(c: char) -> bool {
    c.is_ascii_alphabetic() || ('\u{a1}'..='\u{ffff}').contains(&c)
}

fn has_space(text: &str) -> bool {
    text.chars().any(char::is_whitespace)
}

/// True for `local@domain.tld`; the local part may be quoted, both may hold any letters.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    is_email_local(local) && is_email_domain(domain)
}

/// The domain of an address.
pub fn email_domain(text: &str) -> &str {
    text.rsplit_once('@').map_or("", |(_, domain)| domain)
}

fn is_email_local(local: &str) -> bool {
    if let Some(inner) = local.strip_prefix('"') {
        let is_quotable = |c: char| is_email_letter(c) || c.is_ascii_alphanumeric();
        return inner
            .strip_suffix('"')
            .is_some_and(|q| !q.is_empty() && q.chars().all(is_quotable));
    }
    let is_atom = |c: char| {
        c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || is_email_letter(c)
    };
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom))
}

fn is_email_domain(domain: &str) -> bool {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let mut labels = domain.split('.').rev();
    let is_inner =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '~') || is_email_letter(c);
    let is_letter = |c: char| c.is_ascii_alphabetic() || is_email_letter(c);
    let is_edge = |c: char| c.is_ascii_digit() || is_letter(c);
    let is_top = labels.next().is_some_and(|top| {
        top.chars().all(is_inner) && top.starts_with(is_letter) && top.ends_with(is_letter)
    });
    let mut count = 0;
    is_top
        && labels.all(|label| {
            count += 1;
            label.chars().all(is_inner) && label.starts_with(is_edge) && label.ends_with(is_edge)
        })
        && count > 0
}

/// Letters past ASCII, without private and special planes.
fn is_email_letter(c: char) -> bool {
    matches!(c, '\u{a0}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{ffef}')
}

/// True for a host name of at least two labels.
pub fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let labels: Vec<&str> = text.split('.').collect();
    let is_top = |top: &&str| {
        (2..=63).contains(&top.len())
            && (top.bytes().all(|b| b.is_ascii_alphabetic()) || top.starts_with("xn--"))
    };
    text.len() <= 253
        && labels.len() >= 2
        && labels.iter().all(|label| is_label(label))
        && labels.last().is_some_and(is_top)
}

/// True when `domain` stands in the one list that is filled, or is missing in the other.
pub fn is_allowed(domain: &str, only: &[String], except: &[String]) -> bool {
    let is_in = |list: &[String]| list.iter().any(|entry| entry == domain);
    (only.is_empty() || is_in(only)) && !is_in(except)
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
    fn email_addresses_are_judged_as_observed() {
        for text in [
            "a@b.co",
            "a@b.c",
            "ü@ü.de",
            "a+b@c.co",
            "a@b_c.co",
            "a@b.co.",
            "名@b.co",
            "A@B.CO",
            "a@名.中国",
            "a!#$%&'*+-/=?^_`{|}~@b.co",
            "a@b~c.co",
            "a@b.c-d",
            "a@b.c_d",
            "a@ab.cd.ef.gh",
        ] {
            assert!(is_email(text), "{text}");
        }
        for text in [
            "",
            "a",
            "a@b",
            "a@localhost",
            ".a@b.co",
            "a.@b.co",
            "a..b@c.co",
            "\"a b\"@c.co",
            "\"\"@c.co",
            "\"a@b\"@c.co",
            "\"a.b\"@c.co",
            "a@[1.2.3.4]",
            "a@1.2.3.4",
            "a@b.c1",
            "a@b.1c",
            "a@b.12",
            "a@-b.co",
            "a@b-.co",
            "a@_b.co",
            "a@b..co",
            "a b@c.co",
            "a@b co.de",
            "@b.co",
            "a@",
            "a@b@c.co",
            "a(b)@c.co",
            "a,b@c.co",
            "a\"b@c.co",
            "a@b.co ",
            "😀@b.co",
            "a\0@b.co",
        ] {
            assert!(!is_email(text), "{text}");
        }
    }

    #[test]
    fn hosts_and_domains_are_cut_out() {
        assert_eq!(url_host("http://u:p@x.co:80/a?b#c"), "x.co:80");
        assert_eq!(url_host("x.co/a"), "");
        assert_eq!(email_domain("a@x.co"), "x.co");
        assert!(is_domain("x.co") && is_domain("a-b.example.com"));
        assert!(!is_domain("x") && !is_domain("-a.co") && !is_domain("a b.co"));
    }
}
