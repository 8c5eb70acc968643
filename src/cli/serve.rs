//! `greenroom serve`: start, say where, stop when told.

use std::cell::Cell;
use std::io::{self, IsTerminal as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use crate::app::App;
use crate::checks::Surroundings;
use crate::cli::failure::Failure;
use crate::cli::restored::{self, Trial};
use crate::cli::{terminal, with_app};
use crate::config::{Config, ServeConfig};
use crate::http::limits::Intake;
use crate::http::{self, Listeners};
use crate::logs::Messages;
use crate::tls::Tls;

/// Serves until a signal asks it to stop.
pub(super) fn serve(
    config: Config,
    options: ServeConfig,
    messages: &Messages,
) -> Result<(), Failure> {
    let dir = config.dir.clone();
    let trial = Trial::resume(&dir)?;
    let ended = Cell::new(Ended::Stopped);
    let served = with_app(
        || App::start(config).inspect(|app| messages.keep_in(&app.activity)),
        async |app| {
            ended.set(run(app, options, &trial).await?);
            Ok(())
        },
    );
    match (served, ended.get()) {
        (Ok(()), Ended::Restores) => Err(restored::put_in_place(&dir)),
        (Err(failure), _) if trial.is_open() => Err(trial.give_up(&failure)),
        (served, _) => served,
    }
}

/// How serving ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Stopped,
    /// A restore waits for the data folder.
    Restores,
}

async fn run(app: Arc<App>, options: ServeConfig, trial: &Trial) -> Result<Ended, Failure> {
    raise_open_files();
    // Listening before the first answer: a signal in between must not be lost.
    let mut signals = Signals::listen().map_err(|e| Failure::new(e.to_string()))?;
    if let Some(first) = options.first_superuser.clone()
        && app.superusers.create_first(&first.email, first.password).await?
    {
        terminal::done(&format!("Created the first superuser \"{}\"", first.email));
    }
    app.begin()?;
    trial.confirm();
    let tls = options.https.as_ref().map(|https| Tls::open(https, &app.config.dir));
    let tls = tls.transpose().map_err(|e| Failure::new(e.to_string()))?.map(Arc::new);
    let listeners = listen(&options, tls.clone())?;
    let (origins, intake) = (options.origins.clone(), Intake::default());
    let server = http::Server::new(Arc::clone(&app), listeners, origins, intake)
        .map_err(|e| Failure::new(format!("cannot serve: {e}")))?;
    if let Some(tls) = &tls {
        tls.begin();
    }
    let name = tls.as_ref().and_then(|tls| tls.domain());
    let url = match server.tls_address {
        Some(address) => url_of("https", name, address),
        None => url_of("http", None, server.address),
    };
    warn_of_no_volume(&app);
    say_where(&app, &url);
    let (handle, flights) = (server.handle(), server.flights.clone());
    let mut serving = std::pin::pin!(server.run());
    // Hashing for the link takes its time on a busy machine; requests need not wait for it.
    let mut offering = std::pin::pin!(offer_set_up(&app, &url, options.may_open_browser));
    let mut is_offered = false;
    let ended = loop {
        tokio::select! {
            ended = &mut serving => {
                return ended.map(|()| Ended::Stopped).map_err(|e| broken_off(&e));
            }
            offered = &mut offering, if !is_offered => {
                offered?;
                is_offered = true;
            }
            () = signals.next() => break Ended::Stopped,
            () = app.backups.restart_asked() => break Ended::Restores,
        }
    };
    match ended {
        Ended::Stopped => terminal::notice(
            "stopping; requests in flight are finished, a second signal stops at once",
        ),
        Ended::Restores => terminal::notice("stopping to put a backup in the place of the data"),
    }
    // Streams would go on for ever.
    app.realtime.close();
    // The handle's future is only a receipt: the stop goes on in `serving`.
    drop(handle.stop(true));
    tokio::select! {
        // A connection by HTTP/2 on which nothing happens would be waited for.
        () = flights.none() => Ok(ended),
        stopped = &mut serving => stopped.map(|()| ended).map_err(|e| broken_off(&e)),
        () = signals.next() => {
            drop(handle.stop(false));
            Ok(ended)
        }
    }
}

/// Loud, since all is well until the container is replaced.
fn warn_of_no_volume(app: &App) {
    let Some(finding) = Surroundings::of_process().look(&app.config.dir) else { return };
    tracing::warn!(dir = %app.config.dir.display(), "{}: {}", finding.what, finding.why);
    terminal::finding(&finding);
}

fn broken_off(error: &io::Error) -> Failure {
    Failure::new(format!("the server broke off: {error}"))
}

/// Every connection is an open file, and the usual limit of 1,024 is soon reached. A process may
/// raise its own as far as the administrator lets it.
#[cfg(target_os = "linux")]
fn raise_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return;
    }
    let raised = Rlimit { current: maximum, maximum };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => tracing::info!(from = current, to = maximum, "open files: limit raised"),
        Err(error) => {
            tracing::warn!(%error, limit = current, "open files: the limit cannot be raised");
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn raise_open_files() {}

fn say_where(app: &App, url: &str) {
    let dir = app.config.dir.canonicalize().unwrap_or_else(|_| app.config.dir.clone());
    let lines = [
        format!("REST API:  {}", terminal::link(&format!("{url}/api/"))),
        format!("Dashboard: {}", terminal::link(&format!("{url}/_/"))),
        format!("Data:      {}", dir.display()),
    ];
    terminal::list(&format!("Server started at {url}"), &lines);
}

/// While there is no superuser: the link that makes one, and the browser if somebody is there.
async fn offer_set_up(app: &App, url: &str, may_open_browser: bool) -> Result<(), Failure> {
    let Some(token) = app.superusers.set_up_token().await? else { return Ok(()) };
    let link = format!("{url}/_/#/pbinstall/{}", token.reveal());
    let text = [
        "There is no superuser yet. Make the first one with the link below",
        "within 30 minutes, or with: greenroom superuser create EMAIL",
    ];
    terminal::link_box(&text, &link);
    if may_open_browser && io::stdout().is_terminal() {
        // A browser may take its time, and its chatter does not belong on this terminal.
        let open = move || {
            let mut quiet = webbrowser::BrowserOptions::new();
            quiet.with_suppress_output(true);
            let browser = webbrowser::Browser::Default;
            if webbrowser::open_browser_with_options(browser, &link, &quiet).is_err() {
                tracing::debug!("no browser could be opened");
            }
        };
        drop(tokio::task::spawn_blocking(open));
    }
    Ok(())
}

/// Takes the sockets, all or none.
fn listen(options: &ServeConfig, tls: Option<Arc<Tls>>) -> Result<Listeners, Failure> {
    let take = |address: SocketAddr, option: &str| {
        TcpListener::bind(address).map_err(|e| unbound(address, option, &e))
    };
    let plain = options.http.map(|address| take(address, "--http")).transpose()?;
    let secure = options.https.as_ref().zip(tls);
    let secure =
        secure.map(|(https, tls)| take(https.address, "--https").map(|socket| (socket, tls)));
    Ok(Listeners { plain, tls: secure.transpose()? })
}

/// The address as a browser on this machine would write it; `name` is the one it goes by.
fn url_of(scheme: &str, name: Option<&str>, address: SocketAddr) -> String {
    let host = match (name, address) {
        (Some(name), _) => name.to_owned(),
        (None, SocketAddr::V4(v4)) if v4.ip().is_unspecified() => "127.0.0.1".to_owned(),
        (None, SocketAddr::V4(v4)) => v4.ip().to_string(),
        (None, SocketAddr::V6(v6)) if v6.ip().is_unspecified() => "[::1]".to_owned(),
        (None, SocketAddr::V6(v6)) => format!("[{}]", v6.ip()),
    };
    match (scheme, address.port()) {
        ("http", 80) | ("https", 443) => format!("{scheme}://{host}"),
        (_, port) => format!("{scheme}://{host}:{port}"),
    }
}

fn unbound(address: SocketAddr, option: &str, error: &io::Error) -> Failure {
    Failure::new(match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "{address} is in use by another program: stop it, or give another address with {option}"
        ),
        io::ErrorKind::PermissionDenied => {
            format!("this user may not listen on {address}: give a port above 1023 with {option}")
        }
        io::ErrorKind::AddrNotAvailable => {
            format!("{address} is no address of this machine: give another one with {option}")
        }
        _ => format!("cannot listen on {address}: {error}"),
    })
}

/// The signals that ask for a stop.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    async fn next(&mut self) {
        // Without the means to be told, only the end of the process remains.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_is_one_a_browser_here_can_open() {
        for (address, url) in [
            ("127.0.0.1:8090", "http://127.0.0.1:8090"),
            ("0.0.0.0:80", "http://127.0.0.1"),
            ("[::]:3000", "http://[::1]:3000"),
            ("[fe80::1]:3000", "http://[fe80::1]:3000"),
        ] {
            assert_eq!(url_of("http", None, address.parse().unwrap()), url);
        }
    }

    #[test]
    fn with_tls_it_has_the_name_of_the_server() {
        let url = |address: &str, name| url_of("https", name, address.parse().unwrap());
        assert_eq!(url("0.0.0.0:443", Some("example.com")), "https://example.com");
        assert_eq!(url("0.0.0.0:8443", Some("example.com")), "https://example.com:8443");
        assert_eq!(url("127.0.0.1:80", None), "https://127.0.0.1:80");
    }

    #[test]
    fn a_failed_bind_says_what_to_do() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let error = std::net::TcpListener::bind(address).expect_err("taken");
        let text = unbound(address, "--http", &error).to_string();
        assert!(text.contains("in use") && text.contains("--http"), "{text}");
    }
}
