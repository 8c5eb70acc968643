//! A request as a handler sees it.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use bytes::Bytes;
use futures_util::StreamExt as _;
use percent_encoding::percent_decode_str;

use crate::app::App;
use crate::error::{Error, Kind, Result};
use crate::http::body::{self, Form};
use crate::http::client_ip;
use crate::http::intake::Reception;
use crate::http::limits::{BodyLimits, DEFAULT_BODY};
use crate::http::notes::Notes;
use crate::http::rate_limit::RateLimiter;
use crate::http::reply::Reply;
use crate::query::{Caller, Expand, ExpandNode, RequestContext};
use crate::records::Input;
use crate::schema::{Collection, Schema};

/// Everything a handler may look at. It takes one schema snapshot and keeps it to its end.
pub struct Request {
    /// The services.
    pub app: Arc<App>,
    /// The schema this request sees.
    pub schema: Arc<Schema>,
    /// Who asks.
    pub caller: Caller,
    /// The query parameters.
    pub query: Query,
    /// What the log is to tell of it.
    pub notes: Notes,
    pub(super) http: HttpRequest,
    pub(super) params: Vec<(String, String)>,
    pub(super) payload: Payload,
    /// Keeps what the body takes of the memory for bodies until the request is answered.
    pub(super) reception: Reception,
    pub(super) limiter: Arc<RateLimiter>,
}

impl Request {
    /// A segment of the path, decoded.
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// True where the collections changed since the request took its schema; it has the new one
    /// then. An answer that was overtaken like this may speak of columns that are gone, or that
    /// mean something else by now.
    pub async fn was_overtaken(&mut self, answer: &Result<Reply>) -> bool {
        if answer.as_ref().is_err_and(|e| e.kind() == Kind::Internal) {
            // A change may be in the tables already, and its schema about to be.
            self.app.records.settled().await;
        }
        let now = self.app.schema.load();
        let was_overtaken = now.version() != self.schema.version();
        self.schema = now;
        was_overtaken
    }

    /// The collection that the path names by id or name.
    pub fn collection(&self) -> Option<Arc<Collection>> {
        self.schema.find(self.param("collection")).cloned()
    }

    /// The auth collection that the path names.
    ///
    /// # Errors
    /// 404 when it is missing or does not sign in.
    pub fn auth_collection(&self) -> Result<Arc<Collection>> {
        let collection = self.collection().ok_or_else(Error::missing_or_invalid_collection)?;
        if collection.auth().is_none() {
            return Err(Error::new(
                crate::error::Kind::NotFound,
                "Missing or invalid auth collection context.",
            ));
        }
        Ok(collection)
    }

    /// The relations that `expand` asks for.
    pub fn expand(&self) -> Vec<ExpandNode> {
        self.query.get("expand").map(Expand::parse).unwrap_or_default()
    }

    /// What rules and filters see of this request.
    pub fn context(&self, method: &'static str) -> RequestContext {
        let mut cx = RequestContext::new(self.caller.clone(), method, self.app.clock.now());
        cx.query.clone_from(&self.query.0);
        cx.headers = self
            .http
            .headers()
            .iter()
            // The host is no header to rules: it stands in the first line of a newer request.
            .filter(|(name, _)| *name != actix_web::http::header::HOST)
            .filter_map(|(name, value)| Some((snake(name.as_str()), value.to_str().ok()?.into())))
            .collect();
        cx
    }

    /// Whether only the head of the answer is wanted.
    pub fn is_head(&self) -> bool {
        self.http.method() == actix_web::http::Method::HEAD
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.http.headers().get(name)?.to_str().ok()
    }

    /// The client's address, as far as proxies are trusted.
    pub fn real_ip(&self) -> String {
        let settings = self.app.settings.load();
        client_ip::shown(client_ip::real(&self.http, &settings.trusted_proxy))
    }

    /// # Errors
    /// 403 when `caller` is a superuser who may not come from here.
    pub fn require_allowed(&self, caller: &Caller) -> Result<()> {
        client_ip::require_allowed(&self.http, caller, &self.app.settings.load())
    }

    /// The body of a record write.
    ///
    /// # Errors
    /// 400 for what cannot be read, 408 for a client that is too slow, 413 past the limits, 503
    /// when there is no memory for it.
    pub async fn record_body(&mut self, limits: BodyLimits) -> Result<Input> {
        let files = self.app.files.clone();
        self.incoming().record(limits, Some(&files)).await
    }

    /// The body as a JSON object or form, for routes that are not about records.
    ///
    /// # Errors
    /// As [`Request::record_body`].
    pub async fn form(&mut self) -> Result<Form> {
        self.incoming().form(DEFAULT_BODY).await
    }

    /// The next piece of a body that is taken as it comes.
    ///
    /// # Errors
    /// 400 where it breaks off, 408 for a client that is too slow.
    pub async fn next_piece(&mut self) -> Result<Option<Bytes>> {
        let Some(piece) = self.reception.wait(self.payload.next()).await? else { return Ok(None) };
        let piece = piece.map_err(|e| Error::invalid_request().with_source(e.to_string()))?;
        self.reception.came(piece.len());
        Ok(Some(piece))
    }

    fn incoming(&mut self) -> body::Incoming<'_> {
        body::Incoming {
            http: &self.http,
            payload: &mut self.payload,
            reception: &mut self.reception,
        }
    }
}

/// `X-Key` as `x_key`.
pub(super) fn snake(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

/// Decoded query parameters in the order they came. Of a repeated name the first counts.
#[derive(Debug, Clone, Default)]
pub struct Query(pub Vec<(String, String)>);

impl Query {
    /// Reads what stands behind the `?`. Pairs with a `;` or a broken escape are left out.
    pub fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty() && is_well_escaped(pair));
        let read = pairs.filter_map(|pair| url::form_urlencoded::parse(pair.as_bytes()).next());
        Self(read.map(|(key, value)| (key.into_owned(), value.into_owned())).collect())
    }

    /// The first value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a name, or `""`.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }
}

/// True when a pair of a form is one pair, and every `%` in it is followed by two hex digits.
pub(super) fn is_well_escaped(pair: &str) -> bool {
    let is_hex = |digits: &[u8]| digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit);
    let bytes = pair.as_bytes();
    let escapes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%');
    !bytes.contains(&b';')
        && escapes.map(|(i, _)| bytes.get(i + 1..i + 3)).all(|digits| digits.is_some_and(is_hex))
}

/// A path segment decoded; `None` when it is not UTF-8.
pub(super) fn decode_segment(segment: &str) -> Option<String> {
    percent_decode_str(segment).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}
