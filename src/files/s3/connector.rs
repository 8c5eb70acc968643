//! The way from signed requests to the one client for other servers.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use reqwest::Client;
use tokio::time::timeout;

use crate::files::s3::limits::{PATIENCE, SLOWEST};

/// Hands out the client it was made with.
pub(super) struct Connector(pub Client);

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Limited(self.0.clone())))
    }
}

/// The client with a limit for the way up and the beginning of the answer; who reads the rest of
/// it has one of its own.
#[derive(Debug)]
struct Limited(Client);

#[derive(Debug, thiserror::Error)]
#[error("the service takes too long")]
struct Late;

type Answer<'f> = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'f>>;

impl HttpService for Limited {
    fn call<'s, 'f>(&'s self, request: HttpRequest) -> Answer<'f>
    where
        's: 'f,
        Self: 'f,
    {
        let length = request.body().content_length() as u64;
        let limit = PATIENCE + Duration::from_secs(length / SLOWEST);
        Box::pin(async move {
            let answer = timeout(limit, HttpService::call(&self.0, request)).await;
            answer.unwrap_or_else(|_| Err(HttpError::new(HttpErrorKind::Timeout, Late)))
        })
    }
}
