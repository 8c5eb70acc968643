//! The options of TLS: where it is served, for which names, and where certificates come from.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use crate::config::{ConfigError, Environment, ServeOptions, parse_address, path_of};

/// Where TLS is served, and with which certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpsConfig {
    /// Where to listen.
    pub address: SocketAddr,
    /// Whether it is meant for the world: domains were named, or no address.
    pub is_public: bool,
    /// The names of this server.
    pub domains: Vec<String>,
    /// Names with `www.` that nobody asked for; they lead to those without.
    pub www: Vec<String>,
    /// What is shown.
    pub certificates: Certificates,
}

/// Where certificates come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certificates {
    /// The operator's own.
    Files {
        /// The chain, its own certificate first.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
    },
    /// They are fetched.
    Acme(Acme),
}

/// How certificates are fetched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Acme {
    /// The directory of another server than the usual one.
    pub directory: Option<String>,
    /// Who signed that server's certificate.
    pub ca: Option<PathBuf>,
    /// Whom the server may write to.
    pub email: Option<String>,
}

/// What of `serve` is about TLS; `None` when it is not to be served.
pub(super) fn check(
    options: &ServeOptions,
    env: &Environment,
) -> Result<Option<HttpsConfig>, ConfigError> {
    let text = |given: &Option<String>, name: &str| match given.as_deref() {
        Some(text) if !text.is_empty() => Ok(Some(text.to_owned())),
        _ => Ok(env.find(name)?.map(str::to_owned)),
    };
    let address = text(&options.https, "GREENROOM_HTTPS")?;
    let mut domains = domains(options, env)?;
    let named = !domains.is_empty();
    if domains.is_empty() {
        domains.extend(address.as_deref().and_then(name_in).map(str::to_owned));
    }
    let certificate = path_of(&options.tls_cert, env, "GREENROOM_TLS_CERT")?;
    let key = path_of(&options.tls_key, env, "GREENROOM_TLS_KEY")?;
    let acme = Acme {
        directory: text(&options.acme_directory, "GREENROOM_ACME_DIRECTORY")?,
        ca: path_of(&options.acme_ca, env, "GREENROOM_ACME_CA")?,
        email: text(&options.acme_email, "GREENROOM_ACME_EMAIL")?,
    };
    let certificates = match (certificate, key) {
        (Some(certificate), Some(key)) => Certificates::Files { certificate, key },
        (Some(_), None) => return Err(ConfigError::new("--tls-cert needs --tls-key beside it")),
        (None, Some(_)) => return Err(ConfigError::new("--tls-key needs --tls-cert beside it")),
        (None, None) if !domains.is_empty() => Certificates::Acme(acme),
        (None, None) if address.is_some() => {
            return Err(ConfigError::new(
                "--https needs a certificate: name a domain to fetch one for, or give --tls-cert \
                 and --tls-key",
            ));
        }
        (None, None) => return Ok(None),
    };
    if let Certificates::Acme(Acme { directory: Some(url), .. }) = &certificates
        && !url.starts_with("https://")
    {
        return Err(ConfigError::new(format!("--acme-directory: '{url}' is no https:// URL")));
    }
    let is_public = address.is_none() || named;
    let address = match address {
        Some(text) => {
            parse_address(&text).map_err(|e| ConfigError::new(format!("--https: {e}")))?
        }
        None => SocketAddr::from(([0, 0, 0, 0], 443)),
    };
    let www = www_of(&domains);
    Ok(Some(HttpsConfig { address, is_public, domains, www, certificates }))
}

fn domains(options: &ServeOptions, env: &Environment) -> Result<Vec<String>, ConfigError> {
    let given = match options.domains.is_empty() {
        true => env.find("GREENROOM_DOMAINS")?.unwrap_or_default().split(',').collect(),
        false => options.domains.iter().map(String::as_str).collect::<Vec<_>>(),
    };
    let mut domains = Vec::new();
    for name in given.into_iter().map(str::trim).filter(|name| !name.is_empty()) {
        if !is_domain(name) {
            return Err(ConfigError::new(format!(
                "'{name}' is no domain that a certificate can be fetched for; write such as \
                 example.com"
            )));
        }
        let name = name.to_ascii_lowercase();
        if !domains.contains(&name) {
            domains.push(name);
        }
    }
    Ok(domains)
}

/// The name that an address was given by.
fn name_in(address: &str) -> Option<&str> {
    let (host, _) = address.rsplit_once(':')?;
    Some(host).filter(|host| *host != "localhost" && is_domain(host))
}

fn is_domain(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    name.len() <= 253 && name.parse::<IpAddr>().is_err() && name.split('.').all(is_label)
}

/// As the reference does: each name is served with `www.` before it, too.
fn www_of(domains: &[String]) -> Vec<String> {
    let bare = domains.iter().filter(|name| !name.starts_with("www."));
    bare.map(|name| format!("www.{name}")).filter(|www| !domains.contains(www)).collect()
}
