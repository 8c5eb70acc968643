//! The checks that sections share, each noting its issue under a field's name.

use std::net::IpAddr;

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};

/// The text must not be empty.
pub(super) fn required(errors: &mut FieldErrors, field: &str, text: &str) {
    if text.is_empty() {
        errors.add(field, Issue::new(Code::Required));
    }
}

/// The number must not be zero.
pub(super) fn nonzero(errors: &mut FieldErrors, field: &str, number: i64) {
    if number == 0 {
        errors.add(field, Issue::new(Code::Required));
    }
}

/// The number, unless zero, must not be below `least`.
pub(super) fn at_least(errors: &mut FieldErrors, field: &str, number: i64, least: i64) {
    if number != 0 && number < least {
        let message = format!("Must be no less than {least}.");
        let issue = Issue::with_message(Code::MinGreaterEqualThanRequired, message);
        errors.add(field, issue.param("threshold", least));
    }
}

/// The text, unless empty, must not have more than `most` bytes.
pub(super) fn no_longer(errors: &mut FieldErrors, field: &str, text: &str, most: usize) {
    if text.len() > most {
        let message = format!("The length must be between 1 and {most}.");
        let issue = Issue::with_message(Code::LengthOutOfRange, message);
        errors.add(field, issue.param("min", 1).param("max", most));
    }
}

/// `code`, unless the text is empty or passes.
pub(super) fn passes(
    errors: &mut FieldErrors,
    field: &str,
    text: &str,
    code: Code,
    check: impl Fn(&str) -> bool,
) {
    if !text.is_empty() && !check(text) {
        errors.add(field, Issue::new(code));
    }
}

/// An address or a DNS name.
pub(super) fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    };
    text.parse::<IpAddr>().is_ok()
        || (text.len() <= 255 && text.strip_suffix('.').unwrap_or(text).split('.').all(label))
}

/// `#` and six hexadecimal digits.
pub(super) fn is_hex_color(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}
