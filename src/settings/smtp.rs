//! Section `smtp`: how mails leave. Without it the machine's own `sendmail` is used.

use serde::{Deserialize, Serialize};

use crate::codes::Code;
use crate::crypto::Secret;
use crate::error::FieldErrors;
use crate::settings::check;

/// How mails leave.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Smtp {
    /// Whether to use this server.
    pub enabled: bool,
    /// Its port.
    pub port: i64,
    /// Its name or address.
    pub host: String,
    /// Who signs in, if anybody.
    pub username: String,
    /// Written, never shown.
    #[serde(skip_serializing_if = "Secret::is_empty")]
    pub password: Secret,
    /// `PLAIN`, `LOGIN`, or empty for `PLAIN`.
    pub auth_method: String,
    /// Whether to speak TLS from the first byte.
    pub tls: bool,
    /// The name said in EHLO.
    pub local_name: String,
}

impl Smtp {
    pub(super) fn fresh() -> Self {
        Self { port: 587, host: "smtp.example.com".into(), ..Self::default() }
    }

    pub(super) fn validate(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        if self.enabled {
            check::required(&mut errors, "host", &self.host);
            check::nonzero(&mut errors, "port", self.port);
        }
        check::at_least(&mut errors, "port", self.port, 0);
        check::passes(&mut errors, "host", &self.host, Code::IsHost, check::is_host);
        check::passes(&mut errors, "localName", &self.local_name, Code::IsHost, check::is_host);
        let known = |method: &str| matches!(method, "PLAIN" | "LOGIN");
        check::passes(&mut errors, "authMethod", &self.auth_method, Code::InInvalid, known);
        errors
    }
}
