//! The operator's own certificate, in two files that are followed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::tls::TlsError;
use crate::watch::Watch;

/// A certificate from files, which every client gets whatever name it asks for.
pub(super) struct OwnFiles {
    shown: Arc<Shown>,
    _watch: Option<Watch>,
}

#[derive(Debug)]
struct Shown(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl OwnFiles {
    /// Reads the files, and reads them again whenever they change.
    pub fn open(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let shown = Arc::new(Shown(ArcSwap::from_pointee(read(certificate, key)?)));
        let files = [certificate.to_owned(), key.to_owned()];
        let (replaced, followed) = (Arc::clone(&shown), files.clone());
        let watch = Watch::files(&files, move || {
            reload(&replaced, &followed);
            followed.to_vec()
        });
        let watch = watch.inspect_err(|error| {
            tracing::warn!(%error, "a new certificate will not be seen before the next start");
        });
        Ok(Self { shown, _watch: watch.ok() })
    }

    pub fn resolver(&self) -> Arc<dyn ResolvesServerCert> {
        Arc::clone(&self.shown) as _
    }
}

fn reload(shown: &Shown, [certificate, key]: &[PathBuf; 2]) {
    match read(certificate, key) {
        Ok(read) if read.cert == shown.0.load().cert => {}
        Ok(read) => {
            shown.0.store(Arc::new(read));
            tracing::info!(file = %certificate.display(), "another certificate is shown from now");
        }
        // Of two files one is written first.
        Err(error) => tracing::warn!("the certificate stays as it is: {error}"),
    }
}

fn read(certificate: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let wrong = |file: &Path, what: &dyn std::fmt::Display| {
        TlsError::new(format!("cannot use {}: {what}", file.display()))
    };
    let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect);
    let chain: Vec<_> = chain.map_err(|e| wrong(certificate, &e))?;
    if chain.is_empty() {
        return Err(wrong(certificate, &"it has no certificate in PEM form"));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|e| wrong(key, &e))?;
    let signer = any_supported_type(&secret).map_err(|e| wrong(key, &e))?;
    let pair = CertifiedKey::new(chain, signer);
    match pair.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {
            Ok(pair)
        }
        Err(_) => Err(wrong(key, &format!("it is not the key of {}", certificate.display()))),
    }
}
