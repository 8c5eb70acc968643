//! [`TestApp`]: a server of its own for each test.

use std::path::Path;
use std::sync::Arc;

use greenroom::app::App;
use greenroom::clock::Clock;
use greenroom::config::{
    Config, ConsoleConfig, Durability, KeptChanges, MetricsConfig, OverlaySource, SqlConsoleMode,
};
use greenroom::crypto::Secret;
use greenroom::http;
use greenroom::http::limits::Intake;
use serde_json::json;
use tempfile::TempDir;

use crate::support::Caller;

/// The password of everybody here.
pub const PASSWORD: &str = "1234567890";

/// A running backend; it stops with the test.
pub struct TestApp {
    /// The services, for what no route does.
    pub app: Arc<App>,
    /// The time of the server.
    pub clock: Clock,
    /// Where it listens.
    pub address: std::net::SocketAddr,
    /// Where figures for Prometheus are, if they have an address.
    pub figures: Option<std::net::SocketAddr>,
    url: String,
    client: reqwest::Client,
    // Dropped last: the databases are closed before their folder goes.
    _dir: TempDir,
}

/// A configuration for a data folder below `dir`.
pub fn config(dir: &Path) -> Config {
    Config {
        dir: dir.join("data"),
        dev: false,
        overlay: OverlaySource::default(),
        settings_key: None,
        query_timeout: std::time::Duration::from_secs(30),
        durability: Durability::Flushed,
        hash_passes: Some(2),
        sql_console: SqlConsoleMode::Write,
        private_webhooks: true,
        changes: KeptChanges::default(),
        public_dir: dir.join("public"),
        index_fallback: true,
        console: ConsoleConfig::default(),
        metrics: MetricsConfig::default(),
    }
}

impl TestApp {
    /// Starts on a free port with an empty data folder.
    pub async fn spawn() -> Self {
        Self::spawn_within(Intake::default()).await
    }

    /// As [`TestApp::spawn`], with `--dev`: mails are shown to superusers.
    pub async fn spawn_dev() -> Self {
        Self::spawn_as(Intake::default(), true).await
    }

    /// As [`TestApp::spawn`], with limits of its own for bodies in flight.
    pub async fn spawn_within(intake: Intake) -> Self {
        Self::spawn_as(intake, false).await
    }

    /// As [`TestApp::spawn`], configured by `configure`, which gets the folder to keep to.
    pub async fn spawn_with(configure: impl FnOnce(&Path) -> Config) -> Self {
        Self::spawn_of(Intake::default(), configure).await
    }

    async fn spawn_as(intake: Intake, dev: bool) -> Self {
        Self::spawn_of(intake, |dir| Config { dev, ..config(dir) }).await
    }

    async fn spawn_of(intake: Intake, configure: impl FnOnce(&Path) -> Config) -> Self {
        let dir = tempfile::tempdir().expect("a folder for the data");
        let clock = Clock::system();
        let config = configure(dir.path());
        let app = App::start_at(config, clock.clone()).expect("the data folder is usable");
        app.begin().expect("a thread");
        let address = "127.0.0.1:0".parse().expect("an address");
        let bound = http::bind_within(Arc::clone(&app), address, vec!["*".into()], intake);
        let server = bound.expect("a free port");
        let (address, figures) = (server.address, server.figures_address());
        let url = format!("http://{address}");
        tokio::spawn(server.run());
        Self { app, clock, address, figures, url, client: reqwest::Client::new(), _dir: dir }
    }

    /// Somebody without a token.
    pub fn guest(&self) -> Caller {
        Caller::new(self.client.clone(), self.url.clone())
    }

    /// A superuser, made and signed in.
    pub async fn superuser(&self) -> Caller {
        let email = "root@example.com";
        let first = self.app.superusers.create_first(email, Secret::new(PASSWORD)).await;
        first.expect("the first superuser");
        self.guest().signed_in("_superusers", email, PASSWORD).await
    }

    /// A user of this name, signed up and signed in.
    pub async fn user(&self, name: &str) -> Caller {
        let email = format!("{name}@example.com");
        let body = json!({"email": email, "password": PASSWORD, "passwordConfirm": PASSWORD});
        let made = self.guest().post("/api/collections/users/records", body).await;
        assert_eq!(made.status, 200, "{}", made.body);
        self.guest().signed_in("users", &email, PASSWORD).await
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.app.stop();
    }
}
