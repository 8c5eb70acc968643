//! [`Outgoing`]: the HTTP client, which connects only to checked addresses.

use std::error::Error as StdError;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::Client;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::redirect::Policy;
use url::{Host, Url};

use crate::clock::Stopwatch;
use crate::outgoing::is_public;

const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// An unused connection is kept for so long.
const KEPT_IDLE: Duration = Duration::from_secs(30);
const MAX_IDLE_PER_HOST: usize = 16;

/// The client; clones share its connections.
#[derive(Clone)]
pub struct Outgoing {
    allows_private: bool,
    lookup: Lookup,
    // Made when first needed: it reads the system's certificates.
    client: Arc<OnceLock<Result<Client, String>>>,
}

/// A request to be made.
#[derive(Debug, Clone)]
pub struct Post {
    /// Where to; http or https.
    pub url: String,
    /// Its headers; a later one of the same name replaces an earlier one.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: String,
    /// When it is given up, answer and all.
    pub limit: Duration,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The beginning of the body, as text.
    pub body: String,
}

/// A request whose answer is wanted whole.
#[derive(Debug, Clone)]
pub struct Fetch {
    /// Where to; http or https.
    pub url: String,
    /// Its headers; a later one of the same name replaces an earlier one.
    pub headers: Vec<(String, String)>,
    /// What is posted; nothing for a GET request.
    pub body: Option<String>,
    /// When it is given up, answer and all.
    pub limit: Duration,
    /// Bytes of an answer that is too long.
    pub max_size: usize,
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The status.
    pub status: u16,
    /// What the body is said to be, or nothing.
    pub content_type: String,
    /// Where else it is said to be, or nothing.
    pub location: String,
    /// The body.
    pub bytes: Vec<u8>,
}

/// Why nothing came back, in words without the URL, which may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutgoingError {
    /// It would come to nothing another time, too.
    #[error("{0}")]
    Refused(String),
    /// Another time it may work.
    #[error("{0}")]
    Failed(String),
}

/// A name led to no address that may be connected to.
#[derive(Debug, thiserror::Error)]
#[error("the address is on this machine or in a private network, which is not allowed")]
struct PrivateAddress;

impl Outgoing {
    /// A client that connects to private addresses only if that is allowed.
    pub fn new(allows_private: bool) -> Self {
        Self::looking_up(allows_private, by_the_system())
    }

    /// As [`Outgoing::new`], with another way from names to addresses.
    fn looking_up(allows_private: bool, lookup: Lookup) -> Self {
        Self { allows_private, lookup, client: Arc::default() }
    }

    /// Makes a POST request and reads at most `kept` bytes of the answer's body.
    ///
    /// # Errors
    /// What was wrong with the request, or on its way.
    pub async fn post(&self, post: Post, kept: usize) -> Result<Answer, OutgoingError> {
        let url = self.checked(&post.url)?;
        let request = self
            .client()?
            .post(url)
            .timeout(post.limit)
            .headers(headers(&post.headers)?)
            .body(post.body);
        let mut response = request.send().await.map_err(|error| describe(&error))?;
        let status = response.status().as_u16();
        let mut bytes: Vec<u8> = Vec::new();
        // An answer that breaks off was an answer all the same.
        while bytes.len() < kept
            && let Ok(Some(chunk)) = response.chunk().await
        {
            bytes.extend_from_slice(&chunk[..chunk.len().min(kept - bytes.len())]);
        }
        Ok(Answer { status, body: String::from_utf8_lossy(&bytes).into_owned() })
    }

    /// Makes a request and reads its answer to the end. A redirect is an answer like any other.
    ///
    /// # Errors
    /// What was wrong with the request, or on its way; an answer that is too long or breaks off.
    pub async fn fetch(&self, fetch: Fetch) -> Result<Fetched, OutgoingError> {
        let url = self.checked(&fetch.url)?;
        let client = self.client()?;
        let request = match fetch.body {
            Some(body) => client.post(url).body(body),
            None => client.get(url),
        };
        let request = request.timeout(fetch.limit).headers(headers(&fetch.headers)?);
        let mut response = request.send().await.map_err(|error| describe(&error))?;
        let text = |name: HeaderName| {
            let value = response.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let (content_type, location) = (text(CONTENT_TYPE), text(LOCATION));
        let status = response.status().as_u16();
        let mut bytes: Vec<u8> = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| describe(&error))? {
            if bytes.len() + chunk.len() > fetch.max_size {
                return Err(OutgoingError::Refused("the answer is too long".to_owned()));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Fetched { status, content_type, location, bytes })
    }

    /// As [`Outgoing::fetch`], and goes where the answer points to, `hops` times at the most. Each
    /// address on the way is checked like the first; headers go to the first server only.
    ///
    /// # Errors
    /// As [`Outgoing::fetch`]; also for one redirect too many.
    pub async fn follow(&self, mut fetch: Fetch, hops: usize) -> Result<Fetched, OutgoingError> {
        let clock = Stopwatch::start();
        let limit = fetch.limit;
        for _ in 0..=hops {
            fetch.limit = limit.saturating_sub(clock.elapsed());
            let answer = self.fetch(fetch.clone()).await?;
            if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
                return Ok(answer);
            }
            fetch = next_hop(&fetch, &answer.location)?;
        }
        Err(OutgoingError::Refused("too many redirects".to_owned()))
    }

    /// The client itself, for requests to `url` that are signed elsewhere. Who makes them sees to
    /// their limits of time and length.
    ///
    /// # Errors
    /// The URL may not be asked.
    pub fn client_for(&self, url: &str) -> Result<Client, OutgoingError> {
        self.checked(url)?;
        self.client().cloned()
    }

    fn client(&self) -> Result<&Client, OutgoingError> {
        let client = self.client.get_or_init(|| {
            let lookup = Arc::clone(&self.lookup);
            build(Resolver { allows_private: self.allows_private, lookup })
        });
        client.as_ref().map_err(|reason| OutgoingError::Failed(reason.clone()))
    }

    /// A URL whose address, where it names one itself, may be connected to. Names are checked when
    /// they are looked up.
    fn checked(&self, text: &str) -> Result<Url, OutgoingError> {
        let refused = |reason: &str| OutgoingError::Refused(reason.to_owned());
        let url = Url::parse(text).map_err(|_| refused("the URL cannot be read"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused("the URL is neither http nor https"));
        }
        let address = match url.host() {
            None => return Err(refused("the URL has no host")),
            Some(Host::Domain(_)) => return Ok(url),
            Some(Host::Ipv4(v4)) => IpAddr::V4(v4),
            Some(Host::Ipv6(v6)) => IpAddr::V6(v6),
        };
        if self.allows_private || is_public(address) {
            Ok(url)
        } else {
            Err(refused(&PrivateAddress.to_string()))
        }
    }
}

/// The request that a redirect asks for.
fn next_hop(fetch: &Fetch, location: &str) -> Result<Fetch, OutgoingError> {
    let next = Url::parse(&fetch.url).and_then(|url| url.join(location));
    let next = next.map_err(|_| OutgoingError::Refused("a redirect to nowhere".to_owned()))?;
    Ok(Fetch { url: next.into(), headers: Vec::new(), body: None, ..fetch.clone() })
}

fn build(resolver: Resolver) -> Result<Client, String> {
    Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_LIMIT)
        .pool_idle_timeout(KEPT_IDLE)
        .pool_max_idle_per_host(MAX_IDLE_PER_HOST)
        .user_agent(concat!("Greenroom/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(Arc::new(resolver))
        .build()
        .map_err(|error| format!("no HTTP client can be made: {}", last_cause(&error)))
}

fn headers(pairs: &[(String, String)]) -> Result<HeaderMap, OutgoingError> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let pair = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value));
        let (Ok(name), Ok(value)) = pair else {
            return Err(OutgoingError::Refused("a header has an invalid name or value".to_owned()));
        };
        headers.insert(name, value);
    }
    Ok(headers)
}

/// Looks names up and hands out nothing but addresses that may be connected to.
struct Resolver {
    allows_private: bool,
    lookup: Lookup,
}

fn by_the_system() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
    })
}

/// From a name to its addresses.
type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allows_private = self.allows_private;
        let found = (self.lookup)(name.as_str().to_owned());
        Box::pin(async move {
            let found = found.await?;
            if found.is_empty() {
                return Err(io::Error::other("the name has no address").into());
            }
            let allowed: Vec<SocketAddr> =
                found.into_iter().filter(|a| allows_private || is_public(a.ip())).collect();
            if allowed.is_empty() {
                return Err(PrivateAddress.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// An error of the client without the URL it was about.
fn describe(error: &reqwest::Error) -> OutgoingError {
    if error.is_timeout() {
        return OutgoingError::Failed("no answer came in time".to_owned());
    }
    let cause = last_cause(error);
    // Who owns the name may move it elsewhere, so a later attempt may do better.
    if error.is_connect() {
        return OutgoingError::Failed(format!("no connection was made: {cause}"));
    }
    if error.is_builder() {
        return OutgoingError::Refused(format!("no request can be made of it: {cause}"));
    }
    OutgoingError::Failed(format!("the connection failed: {cause}"))
}

/// The innermost reason; the outermost one would tell the URL.
fn last_cause(error: &reqwest::Error) -> String {
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    let mut text = "unknown".to_owned();
    while let Some(this) = cause {
        text = this.to_string();
        cause = this.source();
    }
    text
}

#[cfg(test)]
mod tests;
