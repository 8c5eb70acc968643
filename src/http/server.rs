//! The actix server: sockets, workers and a stop that finishes what is in flight.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZero;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::web::{self, PayloadConfig};
use actix_web::{App as Actix, HttpRequest, HttpServer};

use crate::app::App;
use crate::http::cors::Origins;
use crate::http::dispatch::{Front, dispatch};
use crate::http::in_flight::InFlight;
use crate::http::intake::Budget;
use crate::http::limits::{self, Intake};
use crate::http::metrics::{Listener, Metrics};
use crate::http::public::Public;
use crate::http::routes::Map;
use crate::http::secure::Secure;
use crate::tls::Tls;
use crate::watch::Watch;

/// A server that listens and has not begun to answer.
pub struct Server {
    server: actix_web::dev::Server,
    figures: Option<Listener>,
    /// Where it listens, with the port that was chosen for port 0: without TLS, if it does.
    pub address: SocketAddr,
    /// Where it listens with TLS.
    pub tls_address: Option<SocketAddr>,
    /// The requests it is at work on.
    pub flights: InFlight,
    public_watch: Option<Watch>,
}

/// Sockets that are taken and not listened to yet.
pub struct Listeners {
    /// Without TLS.
    pub plain: Option<TcpListener>,
    /// With TLS, and what is shown there. Beside it, the other one only leads there.
    pub tls: Option<(TcpListener, Arc<Tls>)>,
}

impl Server {
    /// Where figures are shown without a token, if they are.
    pub fn figures_address(&self) -> Option<SocketAddr> {
        self.figures.as_ref().map(|figures| figures.address)
    }

    /// Stops it from elsewhere.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Answers until it is stopped.
    ///
    /// # Errors
    /// When the listener breaks.
    pub async fn run(self) -> io::Result<()> {
        let figures = self.figures.map(Listener::start);
        let ended = self.server.await;
        if let Some(figures) = figures {
            figures.stop(false).await;
        }
        drop(self.public_watch);
        ended
    }

    /// Listens on sockets.
    ///
    /// # Errors
    /// When they are none, or TLS cannot be set up.
    pub fn new(
        app: Arc<App>,
        listeners: Listeners,
        origins: Vec<String>,
        intake: Intake,
    ) -> io::Result<Self> {
        let Listeners { plain, tls } = listeners;
        let tls_address = tls.as_ref().map(|(socket, _)| socket.local_addr()).transpose()?;
        let plain_address = plain.as_ref().map(TcpListener::local_addr).transpose()?;
        let address = plain_address.or(tls_address);
        let address = address.ok_or_else(|| io::Error::other("there is nowhere to listen"))?;
        let secure = tls
            .as_ref()
            .zip(tls_address)
            .map(|((_, tls), address)| Secure { tls: Arc::clone(tls), port: address.port() });
        let public =
            Arc::new(Public::new(app.config.public_dir.clone(), app.config.index_fallback));
        let public_watch = if app.config.dev { public.follow() } else { None };
        let flights = InFlight::default();
        let (map, origins, budget) = (Map::new(), Origins::new(origins), Budget::new(intake));
        let limiter = Arc::default();
        let asked = app.config.metrics.clone();
        let metrics = asked.is_on().then(Metrics::new);
        let figures = match (asked.address, &metrics) {
            (Some(address), Some(all)) => {
                Some(Listener::bind(Arc::clone(&app), all.clone(), address)?)
            }
            _ => None,
        };
        let front = Arc::new(Front {
            app,
            map,
            origins,
            public,
            budget,
            limiter,
            flights: flights.clone(),
            secure,
            metrics,
        });
        let cores = std::thread::available_parallelism().map_or(2, NonZero::get);
        let mut server = HttpServer::new(move || {
            let front = Arc::clone(&front);
            Actix::new().app_data(PayloadConfig::new(usize::MAX)).default_service(web::to(
                move |http: HttpRequest, payload: web::Payload| {
                    dispatch(Arc::clone(&front), http, payload.into_inner())
                },
            ))
        })
        // Twice the cores: a worker that reads inline must not leave a core idle.
        .workers(2 * cores)
        .max_connections(limits::MAX_CONNECTIONS_PER_WORKER)
        .max_connection_rate(limits::MAX_TLS_AT_ONCE)
        .tls_handshake_timeout(limits::TLS_TIMEOUT)
        .backlog(limits::BACKLOG)
        .keep_alive(limits::KEEP_ALIVE)
        .client_request_timeout(limits::HEAD_TIMEOUT)
        .shutdown_timeout(limits::STOP_TIMEOUT_SECS)
        // A client that is gone must not be followed by streams and answers nobody reads.
        .h1_allow_half_closed(false)
        // Small answers must not wait for an acknowledgement.
        .tcp_nodelay(true)
        .disable_signals();
        if let Some(socket) = plain {
            server = server.listen(socket)?;
        }
        if let Some((socket, tls)) = tls {
            let config = tls.server_config().map_err(io::Error::other)?;
            server = server.listen_rustls_0_23(socket, config)?;
        }
        let server = server.run();
        Ok(Self { server, figures, address, tls_address, flights, public_watch })
    }
}

/// Starts to listen on `address`.
///
/// # Errors
/// When the address is taken or not ours.
pub fn bind(app: Arc<App>, address: SocketAddr, origins: Vec<String>) -> io::Result<Server> {
    bind_within(app, address, origins, Intake::default())
}

/// As [`bind`], with limits of one's own.
///
/// # Errors
/// As [`bind`].
pub fn bind_within(
    app: Arc<App>,
    address: SocketAddr,
    origins: Vec<String>,
    intake: Intake,
) -> io::Result<Server> {
    let listeners = Listeners { plain: Some(TcpListener::bind(address)?), tls: None };
    Server::new(app, listeners, origins, intake)
}
