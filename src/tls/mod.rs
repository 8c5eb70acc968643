//! TLS: which certificate is shown to whom. They are the operator's own files, read anew when they
//! change, or fetched and renewed by ACME.
//!
//! # Invariants
//! - A certificate that cannot be read replaces none that can.
//! - Each domain has an order of its own: one that cannot be had keeps no other from being served.
//! - Keys are in files that only this user can read, and in no log.

mod acme;
mod cache;
mod files;

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::server::ResolvesServerCert;
use rustls::{ServerConfig, crypto::CryptoProvider};

use crate::config::{Certificates, HttpsConfig};

/// The protocol by which an ACME server asks for proof over TLS.
const ACME_PROTOCOL: &[u8] = b"acme-tls/1";

/// Why TLS cannot be served, as one line that says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TlsError(String);

impl TlsError {
    fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// The certificates of one server.
pub struct Tls {
    source: Source,
    domains: Vec<String>,
    www: Vec<String>,
}

enum Source {
    Files(files::OwnFiles),
    Acme(acme::Orders),
}

/// Makes the one provider of cryptography the default of this process: to be called first thing.
pub fn install_provider() {
    // Only a second call can fail, and the first one has won then.
    let _ = aws_lc_rs::default_provider().install_default();
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

impl Tls {
    /// Reads the certificates, or what ACME left of them below the data folder `dir`.
    ///
    /// # Errors
    /// The operator's own files cannot be used.
    pub fn open(config: &HttpsConfig, dir: &Path) -> Result<Self, TlsError> {
        let source = match &config.certificates {
            Certificates::Files { certificate, key } => {
                Source::Files(files::OwnFiles::open(certificate, key)?)
            }
            Certificates::Acme(acme) => {
                let names = config.domains.iter().chain(&config.www);
                Source::Acme(acme::Orders::new(acme, names, &config.www, dir)?)
            }
        };
        Ok(Self { source, domains: config.domains.clone(), www: config.www.clone() })
    }

    /// Begins to fetch and renew, if there is anything of the kind to do. Within a runtime.
    pub fn begin(&self) {
        if let Source::Acme(orders) = &self.source {
            orders.begin();
        }
    }

    /// How connections are encrypted: TLS 1.2 and later.
    ///
    /// # Errors
    /// The provider of cryptography offers no protocol, or no key for tickets.
    pub fn server_config(&self) -> Result<ServerConfig, TlsError> {
        let unusable = |e: rustls::Error| TlsError::new(format!("TLS cannot be set up: {e}"));
        let resolver: Arc<dyn ResolvesServerCert> = match &self.source {
            Source::Files(files) => files.resolver(),
            Source::Acme(orders) => orders.resolver(),
        };
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        // Who comes again need not sign again; keys of tickets change by themselves.
        config.ticketer = aws_lc_rs::Ticketer::new().map_err(unusable)?;
        if matches!(self.source, Source::Acme(_)) {
            config.alpn_protocols.push(ACME_PROTOCOL.to_vec());
        }
        Ok(config)
    }

    /// The name this server goes by, if one was given.
    pub fn domain(&self) -> Option<&str> {
        self.domains.first().map(String::as_str)
    }

    /// The name to go to instead of `host`, where that is a `www.` nobody asked for.
    pub fn bare<'h>(&self, host: &'h str) -> Option<&'h str> {
        let is_www = self.www.iter().any(|www| www.eq_ignore_ascii_case(host));
        host.get(4..).filter(|_| is_www)
    }

    /// The proof that an ACME server asks for over HTTP.
    pub fn http_proof(&self, token: &str) -> Option<String> {
        match &self.source {
            Source::Files(_) => None,
            Source::Acme(orders) => orders.http_proof(token),
        }
    }
}
