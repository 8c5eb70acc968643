//! Why a command failed, as one line that says what to do.

use std::error::Error as _;
use std::fmt;

use serde_json::Value;

use crate::config::ConfigError;
use crate::error::{Error, Kind};

/// One line for the person at the terminal.
#[derive(Debug)]
pub(super) struct Failure(String);

impl Failure {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self(error.to_string())
    }
}

/// The person at the terminal owns the data, so the cause is theirs to see.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if !error.data().is_empty() {
            let mut lines = Vec::new();
            let tree = serde_json::to_value(error.data()).unwrap_or_default();
            collect_messages("", &tree, &mut lines);
            return Self(lines.join(" "));
        }
        let cause = error.source().map(ToString::to_string);
        Self(match (error.kind(), cause) {
            (Kind::Internal, Some(cause)) => cause,
            (_, Some(cause)) => format!("{} ({cause})", error.message()),
            (_, None) => error.message().to_owned(),
        })
    }
}

/// `email: Must be a valid email address.` for every leaf.
fn collect_messages(path: &str, tree: &Value, lines: &mut Vec<String>) {
    let Value::Object(object) = tree else { return };
    if let (Some(_), Some(Value::String(message))) = (object.get("code"), object.get("message")) {
        lines.push(format!("{path}: {message}"));
        return;
    }
    for (key, item) in object {
        let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        collect_messages(&inner, item, lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::Code;
    use crate::error::{FieldErrors, Issue};

    #[test]
    fn a_failure_is_one_line_with_its_cause() {
        let mut fields = FieldErrors::one("email", Issue::new(Code::IsEmail));
        fields.nest("ips", FieldErrors::one("0", Issue::new(Code::InvalidIpOrSubnet)));
        for (error, line) in [
            (
                Error::invalid("Failed.", fields),
                "email: Must be a valid email address. ips.0: Invalid IP or CIDR subnet.",
            ),
            (Error::internal("the disk is on fire"), "the disk is on fire"),
            (Error::busy("Busy.").with_source("queue"), "Busy. (queue)"),
            (Error::bad_request("No such thing."), "No such thing."),
        ] {
            assert_eq!(Failure::from(error).to_string(), line);
        }
    }
}
