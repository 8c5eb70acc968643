//! The checks that options of fields and collections share, with the codes of the wire.

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};
use crate::schema::{address, patterns};

/// The largest whole number every client counts to exactly.
pub const MAX_SAFE_INT: i64 = (1 << 53) - 1;

/// Notes a number below `min`. Zero means "not set" and passes.
pub fn at_least(errors: &mut FieldErrors, name: &str, number: i64, min: i64) {
    if number != 0 && number < min {
        errors.add(name, Issue::at_least(min));
    }
}

/// Notes a number above `max`. Zero means "not set" and passes.
pub fn at_most(errors: &mut FieldErrors, name: &str, number: i64, max: i64) {
    if number != 0 && number > max {
        errors.add(name, Issue::at_most(max));
    }
}

/// Notes a number that is not set, or lies outside of the range.
pub fn within(errors: &mut FieldErrors, name: &str, number: i64, min: i64, max: i64) {
    if number == 0 {
        errors.add(name, Issue::new(Code::Required));
    }
    at_least(errors, name, number, min);
    at_most(errors, name, number, max);
}

/// Notes an empty text.
pub fn required(errors: &mut FieldErrors, name: &str, text: &str) {
    if text.is_empty() {
        errors.add(name, Issue::new(Code::Required));
    }
}

/// Notes a text whose characters are fewer or more than allowed. An empty one passes.
pub fn length(errors: &mut FieldErrors, name: &str, text: &str, min: usize, max: usize) {
    if !text.is_empty() && !(min..=max).contains(&text.chars().count()) {
        let message = format!("The length must be between {min} and {max}.");
        let issue = Issue::with_message(Code::LengthOutOfRange, message);
        errors.add(name, issue.param("min", min).param("max", max));
    }
}

/// Notes a text that is no name: letters, digits and `_` only.
pub fn word(errors: &mut FieldErrors, name: &str, text: &str) {
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        errors.add(name, Issue::new(Code::MatchInvalid));
    }
}

/// Notes `_via_`, which in expressions leads back over a relation.
pub fn no_via(errors: &mut FieldErrors, name: &str, text: &str) {
    if text.to_ascii_lowercase().contains("_via_") {
        let message = "The value cannot contain \"_via_\".";
        errors.add(name, Issue::with_message(Code::FoundVia, message));
    }
}

/// Notes a regular expression that does not compile.
pub fn regex(errors: &mut FieldErrors, name: &str, pattern: &str) {
    if let Err(reason) = patterns::compile(pattern) {
        let message = format!("Error parsing regexp: {reason}.");
        errors.add(name, Issue::with_message(Code::InvalidRegex, message));
    }
}

/// Notes two domain lists where one is allowed, and entries that are no domains.
pub fn domains(errors: &mut FieldErrors, only: &[String], except: &[String]) {
    for (name, list, other) in [("onlyDomains", only, except), ("exceptDomains", except, only)] {
        if !list.is_empty() && !other.is_empty() {
            errors.add(name, Issue::new(Code::Empty));
        }
        let mut inner = FieldErrors::default();
        for (at, domain) in list.iter().enumerate() {
            if !domain.is_empty() && !address::is_domain(domain) {
                inner.add(at.to_string(), Issue::new(Code::IsDomain));
            }
        }
        errors.nest(name, inner);
    }
}

impl Issue {
    /// A number, or a number of things, is too small.
    pub fn at_least(min: i64) -> Self {
        let message = format!("Must be no less than {min}.");
        Self::with_message(Code::MinGreaterEqualThanRequired, message).param("threshold", min)
    }

    /// A number, or a number of things, is too large.
    pub fn at_most(max: i64) -> Self {
        let message = format!("Must be no greater than {max}.");
        Self::with_message(Code::MaxLessEqualThanRequired, message).param("threshold", max)
    }
}
