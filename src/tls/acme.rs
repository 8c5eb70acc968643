//! Certificates by ACME: one order per domain, proved over TLS, or over HTTP where that fails.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use futures_util::StreamExt as _;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore};
use rustls_acme::acme::LETS_ENCRYPT_PRODUCTION_DIRECTORY;
use rustls_acme::{
    AcmeConfig, AcmeState, EventError, EventOk, ResolvesServerCertAcme, UseChallenge,
    is_tls_alpn_challenge,
};
use tokio::sync::Notify;

use crate::config::Acme;
use crate::tls::cache::Folder;
use crate::tls::{TlsError, provider};

/// How long to wait after the first failures, in seconds; the last holds on. Who asks more often
/// is locked out by the usual servers.
const WAITS: [u64; 6] = [5, 60, 300, 900, 1800, 3600];
/// Characters of a failure that are logged.
const MAX_REASON: usize = 500;

/// The orders of one server.
pub(super) struct Orders {
    by_name: Arc<ByName>,
    server: Arc<AcmeServer>,
}

#[derive(Debug)]
struct ByName(HashMap<String, Arc<Domain>>);

/// One domain, and what is shown for it.
#[derive(Debug)]
struct Domain {
    name: String,
    /// Nobody is sure that it leads here: it is ordered when a client asks for it.
    waits_for_client: bool,
    asked: Notify,
    /// Has the certificate.
    shown: ArcSwapOption<ResolvesServerCertAcme>,
    /// Has the proof of the order at hand.
    proving: ArcSwapOption<ResolvesServerCertAcme>,
}

/// Where certificates come from.
struct AcmeServer {
    directory: String,
    contact: Vec<String>,
    client: Option<Arc<ClientConfig>>,
    folder: Folder,
}

impl Orders {
    /// Orders for `names`; those of `doubtful` wait until a client asks for them.
    pub fn new<'n>(
        config: &Acme,
        names: impl Iterator<Item = &'n String>,
        doubtful: &[String],
        dir: &Path,
    ) -> Result<Self, TlsError> {
        let client = config.ca.as_deref().map(trusting).transpose()?;
        let folder = Folder::new(dir, config.directory.as_deref());
        let directory = config.directory.as_deref().unwrap_or(LETS_ENCRYPT_PRODUCTION_DIRECTORY);
        let contact = config.email.iter().map(|email| format!("mailto:{email}")).collect();
        let domains = names.map(|name| {
            let waits_for_client = doubtful.contains(name) && !folder.has(name);
            let domain = Domain {
                name: name.clone(),
                waits_for_client,
                asked: Notify::new(),
                shown: ArcSwapOption::empty(),
                proving: ArcSwapOption::empty(),
            };
            (name.clone(), Arc::new(domain))
        });
        let by_name = Arc::new(ByName(domains.collect()));
        let server = AcmeServer { directory: directory.to_owned(), contact, client, folder };
        Ok(Self { by_name, server: Arc::new(server) })
    }

    pub fn begin(&self) {
        for domain in self.by_name.0.values() {
            tokio::spawn(keep(Arc::clone(domain), Arc::clone(&self.server)));
        }
    }

    pub fn resolver(&self) -> Arc<dyn ResolvesServerCert> {
        Arc::clone(&self.by_name) as _
    }

    pub fn http_proof(&self, token: &str) -> Option<String> {
        let mut proving = self.by_name.0.values().filter_map(|domain| domain.proving.load_full());
        proving.find_map(|resolver| resolver.get_http_01_key_auth(token))
    }
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name()?.to_ascii_lowercase();
        let domain = self.0.get(&name)?;
        domain.asked.notify_one();
        let side = if is_tls_alpn_challenge(&hello) { &domain.proving } else { &domain.shown };
        side.load_full()?.resolve(hello)
    }
}

impl AcmeServer {
    fn state(&self, domain: &str, challenge: UseChallenge) -> AcmeState<std::io::Error> {
        let config = match &self.client {
            Some(client) => AcmeConfig::new_with_client_config([domain], Arc::clone(client)),
            None => AcmeConfig::new_with_provider([domain], provider()),
        };
        let config = config.directory(&self.directory).contact(&self.contact);
        config.cache(self.folder.clone()).challenge_type(challenge).state()
    }
}

/// Has a certificate for the domain from now on.
async fn keep(domain: Arc<Domain>, server: Arc<AcmeServer>) {
    if domain.waits_for_client {
        domain.asked.notified().await;
    }
    let mut failures = 0;
    loop {
        let challenge = match failures % 2 {
            0 => UseChallenge::TlsAlpn01,
            _ => UseChallenge::Http01,
        };
        let mut state = server.state(&domain.name, challenge);
        domain.proving.store(Some(state.resolver()));
        let reason = until_failure(&domain, &mut state, &mut failures).await;
        let wait = WAITS[failures.min(WAITS.len() - 1)];
        failures += 1;
        tracing::warn!(
            domain = domain.name,
            "no certificate came, the next try is in {wait} s: {reason}"
        );
        tokio::time::sleep(Duration::from_secs(wait)).await;
    }
}

/// Fetches, waits for the day to renew, and fetches again, until that fails.
async fn until_failure(
    domain: &Domain,
    state: &mut AcmeState<std::io::Error>,
    failures: &mut usize,
) -> String {
    let name = &domain.name;
    let mut orders = true;
    while orders {
        match state.next().await {
            Some(Ok(EventOk::DeployedCachedCert)) => {
                domain.shown.store(Some(state.resolver()));
                tracing::info!(domain = name, "a certificate was fetched before, and is shown");
            }
            Some(Ok(EventOk::DeployedNewCert)) => {
                *failures = 0;
                domain.shown.store(Some(state.resolver()));
                tracing::info!(domain = name, "a new certificate is shown");
            }
            Some(Ok(_)) => {}
            Some(Err(EventError::Order(error))) => return shortened(&error.to_string()),
            Some(Err(error)) => {
                tracing::warn!(domain = name, "certificate: {}", shortened(&error.to_string()));
            }
            None => orders = false,
        }
    }
    "the order came to an end".to_owned()
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_REASON).collect()
}

/// A client that trusts the authority in `file` and no other.
fn trusting(file: &Path) -> Result<Arc<ClientConfig>, TlsError> {
    let wrong = |what: &dyn std::fmt::Display| {
        TlsError::new(format!("--acme-ca: cannot use {}: {what}", file.display()))
    };
    let certificates = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    let certificates: Vec<_> = certificates.map_err(|e| wrong(&e))?;
    let mut roots = RootCertStore::empty();
    if roots.add_parsable_certificates(certificates).0 == 0 {
        return Err(wrong(&"it has no certificate in PEM form"));
    }
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|e| wrong(&e))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
