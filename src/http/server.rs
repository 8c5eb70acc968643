//! The actix server: sockets, workers and a stop that finishes what is in flight.

use std::net::{SocketAddr, TcpListener};
use std::num::NonZero;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::rt::net::TcpStream;
use actix_web::web::{self, PayloadConfig};
use actix_web::{App as Actix, HttpRequest, HttpServer};

use crate::app::App;
use crate::http::cors::Origins;
use crate::http::dispatch::{Front, dispatch};
use crate::http::intake::Budget;
use crate::http::limits::{self, Intake};
use crate::http::public::Public;
use crate::http::routes::Map;

/// A server that listens and has not begun to answer.
pub struct Server {
    server: actix_web::dev::Server,
    /// Where it listens, with the port that was chosen for port 0.
    pub address: SocketAddr,
}

impl Server {
    /// Stops it from elsewhere.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Answers until it is stopped.
    ///
    /// # Errors
    /// When the listener breaks.
    pub async fn run(self) -> std::io::Result<()> {
        self.server.await
    }
}

/// Starts to listen on `address`.
///
/// # Errors
/// When the address is taken or not ours.
pub fn bind(app: Arc<App>, address: SocketAddr, origins: Vec<String>) -> std::io::Result<Server> {
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
) -> std::io::Result<Server> {
    let listener = TcpListener::bind(address)?;
    let address = listener.local_addr()?;
    let cores = std::thread::available_parallelism().map_or(2, NonZero::get);
    let public = Public::new(app.config.public_dir.clone(), app.config.index_fallback);
    let (map, origins, budget) = (Map::new(), Origins::new(origins), Budget::new(intake));
    let front = Arc::new(Front { app, map, origins, public, budget, limiter: Arc::default() });
    let server = HttpServer::new(move || {
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
    .backlog(limits::BACKLOG)
    .keep_alive(limits::KEEP_ALIVE)
    .client_request_timeout(limits::HEAD_TIMEOUT)
    .shutdown_timeout(limits::STOP_TIMEOUT_SECS)
    // A client that is gone must not be followed by streams and answers nobody reads.
    .h1_allow_half_closed(false)
    .disable_signals()
    .on_connect(|connection, _| {
        // Small answers must not wait for an acknowledgement.
        if let Some(stream) = connection.downcast_ref::<TcpStream>() {
            let _ = stream.set_nodelay(true);
        }
    })
    .listen(listener)?
    .run();
    Ok(Server { server, address })
}
