//! Certificates and the account of ACME in `.autocert_cache`, named and written as PocketBase does
//! it, so that a folder brings its certificates along, and can go back with them.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::pin::Pin;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls_acme::{AccountCache, CertCache};

use crate::crypto::pkcs8_pem;

/// The folder below the data folder.
const FOLDER: &str = ".autocert_cache";
/// Not `acme_account+key`: that one is written in another form.
const ACCOUNT: &str = "acme_account.pkcs8";

/// What is kept of one ACME server.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    whole: PathBuf,
    own: PathBuf,
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = std::io::Result<T>> + Send + 'a>>;

impl Folder {
    /// The folder below `dir`; servers other than the usual one have folders of their own in it.
    pub fn new(dir: &Path, other_server: Option<&str>) -> Self {
        let whole = dir.join(FOLDER);
        let name = other_server.map(|url| {
            let bare = url.trim_start_matches("https://");
            let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '_' };
            bare.chars().map(plain).collect::<String>()
        });
        let own = name.map_or(whole.clone(), |name| whole.join(format!("at_{name}")));
        Self { whole, own }
    }

    /// Whether a certificate of this name was fetched once.
    pub fn has(&self, domain: &str) -> bool {
        self.own.join(domain).is_file()
    }

    fn read(&self, name: &str) -> std::io::Result<Option<Vec<u8>>> {
        match std::fs::read(self.own.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All of it or nothing, for this user alone.
    fn write(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.own)?;
        let beside = self.own.join(format!("{name}.new"));
        // What an interrupted write left may have other rights.
        let _ = std::fs::remove_file(&beside);
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
            options.mode(0o600);
            let alone = std::fs::Permissions::from_mode(0o700);
            std::fs::set_permissions(&self.whole, alone)?;
        }
        let mut file = options.open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, self.own.join(name))
    }
}

/// The same with the key in the only form that is understood; `None` for what is no certificate of
/// ours, which is fetched anew then.
fn with_plain_key(pem: &[u8]) -> Option<Vec<u8>> {
    let key = PrivateKeyDer::from_pem_slice(pem).ok()?;
    let mut text = match &key {
        PrivateKeyDer::Pkcs8(_) => return Some(pem.to_vec()),
        PrivateKeyDer::Sec1(key) => pkcs8_pem(key.secret_sec1_der())?.reveal().to_owned(),
        _ => return None,
    };
    let end = "-----END EC PRIVATE KEY-----";
    let whole = std::str::from_utf8(pem).ok()?;
    let rest = &whole[whole.find(end)? + end.len()..];
    CertificateDer::from_pem_slice(rest.as_bytes()).ok()?;
    text.push_str(rest.trim_start());
    Some(text.into_bytes())
}

/// One domain has one certificate.
fn name_of(domains: &[String]) -> &str {
    domains.first().map(String::as_str).unwrap_or_default()
}

// As the macro of these traits would write it.
impl CertCache for Folder {
    type EC = std::io::Error;

    fn load_cert<'s, 'd, 'u, 'a>(
        &'s self,
        domains: &'d [String],
        _: &'u str,
    ) -> Answer<'a, Option<Vec<u8>>>
    where
        's: 'a,
        'd: 'a,
        'u: 'a,
    {
        let found = self.read(name_of(domains));
        Box::pin(async move { Ok(found?.as_deref().and_then(with_plain_key)) })
    }

    fn store_cert<'s, 'd, 'u, 'c, 'a>(
        &'s self,
        domains: &'d [String],
        _: &'u str,
        pem: &'c [u8],
    ) -> Answer<'a, ()>
    where
        's: 'a,
        'd: 'a,
        'u: 'a,
        'c: 'a,
    {
        let written = self.write(name_of(domains), pem);
        Box::pin(async move { written })
    }
}

impl AccountCache for Folder {
    type EA = std::io::Error;

    fn load_account<'s, 'd, 'u, 'a>(
        &'s self,
        _: &'d [String],
        _: &'u str,
    ) -> Answer<'a, Option<Vec<u8>>>
    where
        's: 'a,
        'd: 'a,
        'u: 'a,
    {
        let found = self.read(ACCOUNT);
        Box::pin(async move { found })
    }

    fn store_account<'s, 'd, 'u, 'k, 'a>(
        &'s self,
        _: &'d [String],
        _: &'u str,
        key: &'k [u8],
    ) -> Answer<'a, ()>
    where
        's: 'a,
        'd: 'a,
        'u: 'a,
        'k: 'a,
    {
        let written = self.write(ACCOUNT, key);
        Box::pin(async move { written })
    }
}
