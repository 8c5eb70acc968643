//! An address of their own for the figures, where no token is asked for: for a private network.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::{Server, ServerHandle};
use actix_web::{App as Actix, HttpRequest, HttpResponse, HttpServer, web};

use crate::app::App;
use crate::http::error;
use crate::http::limits;
use crate::http::metrics::Metrics;

/// Scrapers that are connected at a time.
const CONNECTIONS: usize = 64;

/// A server of the figures that listens and has not begun to answer.
pub struct Listener {
    server: Server,
    /// Where it listens, with the port that was chosen for port 0.
    pub address: SocketAddr,
}

impl Listener {
    /// Starts to listen.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub fn bind(app: Arc<App>, metrics: Metrics, address: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let server = HttpServer::new(move || {
            let (app, metrics) = (Arc::clone(&app), metrics.clone());
            Actix::new().default_service(web::to(move |http: HttpRequest| {
                let (app, metrics) = (Arc::clone(&app), metrics.clone());
                async move { answer(&app, &metrics, &http).await }
            }))
        })
        .workers(1)
        .max_connections(CONNECTIONS)
        .client_request_timeout(limits::HEAD_TIMEOUT)
        .shutdown_timeout(0)
        .disable_signals()
        .listen(listener)?
        .run();
        Ok(Self { server, address })
    }

    /// Answers until the handle stops it.
    pub fn start(self) -> ServerHandle {
        let handle = self.server.handle();
        // Whoever serves may be on a runtime of many threads.
        drop(tokio::spawn(self.server));
        handle
    }
}

async fn answer(app: &App, metrics: &Metrics, http: &HttpRequest) -> HttpResponse {
    let is_asked = http.path() == app.config.metrics.path_or_default();
    match is_asked {
        false => error::response(&crate::error::Error::not_found()),
        true => metrics.answer(app).await.unwrap_or_else(|failed| error::response(&failed)),
    }
}
