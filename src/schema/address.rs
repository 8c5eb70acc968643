//! What counts as an e-mail address or a domain. Lenient and strict in the same places as the
//! contract (§5.4), which is not what the RFCs say.

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

/// True for a host name of at least two labels. Unlike the reference's, the last one may be
/// `xn--…`.
pub fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let labels: Vec<&str> = text.split('.').collect();
    let is_top =
        |top: &&str| top.bytes().all(|b| b.is_ascii_alphabetic()) || top.starts_with("xn--");
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
    fn domains_are_cut_out_and_judged() {
        assert_eq!(email_domain("a@x.co"), "x.co");
        assert!(is_domain("x.co") && is_domain("a.b") && is_domain("a-b.example.com"));
        assert!(!is_domain("x") && !is_domain("-a.co") && !is_domain("a b.co"));
    }
}
