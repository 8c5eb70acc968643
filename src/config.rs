//! What is fixed at start: command line before environment before default, parsed and checked
//! once. Nothing else reads the environment or knows how an option is spelled.

mod environment;
mod https;
mod options;

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::crypto::Secret;

pub use environment::Environment;
pub use https::{Acme, Certificates, HttpsConfig};
pub use options::{Durability, ForeignOptions, GlobalOptions, ServeOptions, SqlConsoleMode};
use options::{
    parse_bool, parse_count, parse_days, parse_durability, parse_passes, parse_seconds,
    parse_sql_console,
};

/// What the names of variables begin with that hold a setting.
pub const SETTINGS_PREFIX: &str = "GREENROOM_SETTINGS__";
/// The name of the file that holds settings.
const OVERLAY_FILE: &str = "greenroom.toml";

/// What is wrong with the configuration, as one line that says what to do.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl ConfigError {
    fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// The checked options of every command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The data folder.
    pub dir: PathBuf,
    /// Whether to say more on the console.
    pub dev: bool,
    /// Where settings are written down that go before the stored ones.
    pub overlay: OverlaySource,
    /// With what the settings are encrypted on disk, if at all.
    pub settings_key: Option<SettingsKey>,
    /// After how long a read is given up.
    pub query_timeout: Duration,
    /// What a power loss may cost.
    pub durability: Durability,
    /// How much of the change log is kept.
    pub changes: KeptChanges,
    /// Passes over its memory that a password hash takes; measured where nothing is said.
    pub hash_passes: Option<u32>,
    /// What superusers may do in the SQL console.
    pub sql_console: SqlConsoleMode,
    /// Whether webhooks may reach this machine and private networks.
    pub private_webhooks: bool,
    /// Whose files are served at `/`.
    pub public_dir: PathBuf,
    /// Whether unknown paths get the public folder's index page.
    pub index_fallback: bool,
    /// What the console shows.
    pub console: ConsoleConfig,
    /// Where the figures are shown, if at all.
    pub metrics: MetricsConfig,
}

/// Where figures for Prometheus are shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MetricsConfig {
    /// A path of the server itself, for superusers.
    pub path: Option<String>,
    /// An address of their own, for everybody who reaches it.
    pub address: Option<SocketAddr>,
}

impl MetricsConfig {
    /// The path at either place.
    pub fn path_or_default(&self) -> &str {
        self.path.as_deref().unwrap_or("/metrics")
    }

    /// Whether anything is counted at all.
    pub fn is_on(&self) -> bool {
        self.path.is_some() || self.address.is_some()
    }

    fn check(options: &GlobalOptions, env: &Environment) -> Result<Self, ConfigError> {
        let path = match &options.metrics {
            Some(path) => Some(path.as_str()),
            None => env.find("GREENROOM_METRICS")?,
        };
        let is_path = |path: &str| {
            let taken = ["/api/", "/_/"].iter().any(|taken| path.starts_with(taken));
            path.len() > 1 && path.starts_with('/') && !taken && !path.contains(['?', '#', ' '])
        };
        if let Some(path) = path.filter(|path| !path.is_empty() && !is_path(path)) {
            return Err(ConfigError::new(format!(
                "--metrics: '{path}' is no path to show figures at; write one such as /metrics"
            )));
        }
        let address = match options.metrics_addr.as_deref().filter(|text| !text.is_empty()) {
            Some(text) => Some(
                parse_address(text)
                    .map_err(|e| ConfigError::new(format!("--metrics-addr: {e}")))?,
            ),
            None => env.parsed("GREENROOM_METRICS_ADDR", parse_address)?,
        };
        Ok(Self { path: path.filter(|path| !path.is_empty()).map(str::to_owned), address })
    }
}

/// How much of the change log is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptChanges {
    /// What is older goes.
    pub age: Duration,
    /// No more changes than these.
    pub rows: u64,
}

impl Default for KeptChanges {
    fn default() -> Self {
        Self { age: Duration::from_secs(7 * 24 * 3600), rows: 1_000_000 }
    }
}

/// Where settings are written down that go before the stored ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OverlaySource {
    /// The file that was asked for; it must be there.
    pub file: Option<PathBuf>,
    /// Where one is looked for if none was: the first that is there.
    pub places: Vec<PathBuf>,
    /// Variables with [`SETTINGS_PREFIX`], and what they hold.
    pub variables: Vec<(String, Secret)>,
}

impl OverlaySource {
    /// The file to read.
    pub fn find(&self) -> Option<PathBuf> {
        let there = || self.places.iter().find(|place| place.is_file()).cloned();
        self.file.clone().or_else(there)
    }
}

/// The key of the settings and the variable it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsKey {
    /// The variable's name, for messages.
    pub variable: String,
    /// The key: 32 bytes.
    pub key: Secret,
}

/// What the console shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConsoleConfig {
    /// Levels per module, such as `debug` or `warn,greenroom::store=trace`.
    pub filter: Option<String>,
    /// One JSON object a line, for collectors.
    pub json: bool,
}

/// The checked options of `serve`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeConfig {
    /// Where to listen without TLS.
    pub http: Option<SocketAddr>,
    /// Where to listen with TLS, and what to show there.
    pub https: Option<HttpsConfig>,
    /// Origins browsers may call from; `*` and `?` are wildcards.
    pub origins: Vec<String>,
    /// Whether somebody may be looking at this machine's screen and did not say `--no-open`.
    pub may_open_browser: bool,
    /// The superuser to make while there is none.
    pub first_superuser: Option<FirstSuperuser>,
}

/// Who becomes the first superuser without a set-up page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstSuperuser {
    /// The address to sign in with.
    pub email: String,
    /// The password.
    pub password: Secret,
}

impl Config {
    /// Checks the options of every command.
    ///
    /// # Errors
    /// One line that names the option at fault and what it should be.
    pub fn check(options: &GlobalOptions, env: &Environment) -> Result<Self, ConfigError> {
        let path = |given: &Option<PathBuf>, name: &str, default: &str| {
            path_of(given, env, name).map(|path| path.unwrap_or_else(|| PathBuf::from(default)))
        };
        let dir = path(&options.dir, "GREENROOM_DIR", "gr_data")?;
        let public_dir = path(&options.public, "GREENROOM_PUBLIC", "gr_public")?;
        if dir.exists() && !dir.is_dir() {
            let shown = dir.display();
            return Err(ConfigError::new(format!(
                "--dir {shown} is a file; name a folder instead"
            )));
        }
        let seconds = first(options.query_timeout, env, "GREENROOM_QUERY_TIMEOUT", parse_seconds)?;
        let fallback = first(options.index_fallback, env, "GREENROOM_INDEX_FALLBACK", parse_bool)?;
        let kept = KeptChanges::default();
        let days = first(options.changes_days, env, "GREENROOM_CHANGES_DAYS", parse_days)?;
        let rows = first(options.changes_rows, env, "GREENROOM_CHANGES_ROWS", parse_count)?;
        let private = (options.allow_private_webhooks, "GREENROOM_ALLOW_PRIVATE_WEBHOOKS");
        let private_webhooks = first(private.0, env, private.1, parse_bool)?;
        let durability = first(options.durability, env, "GREENROOM_DURABILITY", parse_durability)?;
        let written = path_of(&options.config, env, "GREENROOM_CONFIG")?;
        let sql_console =
            first(options.sql_console, env, "GREENROOM_SQL_CONSOLE", parse_sql_console)?;
        Ok(Self {
            overlay: overlay_source(written, &dir, env)?,
            dir,
            dev: first(options.dev, env, "GREENROOM_DEV", parse_bool)?.unwrap_or(false),
            settings_key: settings_key(options, env)?,
            query_timeout: Duration::from_secs(seconds.unwrap_or(30)),
            durability: durability.unwrap_or_default(),
            changes: KeptChanges {
                age: days.map_or(kept.age, |days| Duration::from_secs(days * 24 * 3600)),
                rows: rows.unwrap_or(kept.rows),
            },
            hash_passes: first(options.hash_passes, env, "GREENROOM_HASH_PASSES", parse_passes)?,
            sql_console: sql_console.unwrap_or_default(),
            private_webhooks: private_webhooks.unwrap_or(false),
            metrics: MetricsConfig::check(options, env)?,
            public_dir,
            index_fallback: fallback.unwrap_or(true),
            console: ConsoleConfig {
                filter: env.find("GREENROOM_LOG")?.map(str::to_owned),
                json: match options.log_format.as_deref() {
                    Some(given) => given == "json",
                    None => env.parsed("GREENROOM_LOG_FORMAT", parse_log_format)?.unwrap_or(false),
                },
            },
        })
    }
}

impl ServeConfig {
    /// Checks the options of `serve`.
    ///
    /// # Errors
    /// One line that names the option at fault and what it should be.
    pub fn check(options: &ServeOptions, env: &Environment) -> Result<Self, ConfigError> {
        let https = https::check(options, env)?;
        let http = match options.http.as_deref().filter(|text| !text.is_empty()) {
            Some(text) => {
                Some(parse_http(text).map_err(|e| ConfigError::new(format!("--http: {e}")))?)
            }
            None => env.parsed("GREENROOM_HTTP", parse_http)?,
        };
        if http == Some(None) && https.is_none() {
            return Err(ConfigError::new("--http off leaves no address to listen on"));
        }
        // Domains and files are meant for the world, as they are with the reference.
        let default = match &https {
            Some(https) if https.is_public => ([0, 0, 0, 0], 80),
            _ => ([127, 0, 0, 1], 8090),
        };
        let no_open = first(options.no_open, env, "GREENROOM_NO_OPEN", parse_bool)?;
        // Set by continuous integration, by container engines, and by remote shells.
        let unattended = ["CI", "container", "KUBERNETES_SERVICE_HOST", "SSH_CONNECTION"]
            .map(|name| env.has(name));
        Ok(Self {
            http: http.unwrap_or_else(|| Some(SocketAddr::from(default))),
            https,
            origins: origins(options, env)?,
            may_open_browser: !no_open.unwrap_or(false)
                && !unattended.contains(&true)
                && !Path::new("/.dockerenv").exists()
                && has_screen(env),
            first_superuser: first_superuser(env)?,
        })
    }
}

/// Elsewhere than on Linux there is one as a rule; there, the session's variables tell. Without
/// one a browser of text would take over the terminal.
fn has_screen(env: &Environment) -> bool {
    !cfg!(target_os = "linux") || env.has("DISPLAY") || env.has("WAYLAND_DISPLAY")
}

/// The option if given and not empty, else the variable.
fn path_of(
    given: &Option<PathBuf>,
    env: &Environment,
    name: &str,
) -> Result<Option<PathBuf>, ConfigError> {
    match given.clone().filter(|path| !path.as_os_str().is_empty()) {
        Some(path) => Ok(Some(path)),
        None => Ok(env.find(name)?.map(PathBuf::from)),
    }
}

/// Beside the data folder comes before the working folder.
fn overlay_source(
    file: Option<PathBuf>,
    dir: &Path,
    env: &Environment,
) -> Result<OverlaySource, ConfigError> {
    let mut places = vec![dir.parent().unwrap_or(Path::new("")).join(OVERLAY_FILE)];
    if places[0] != Path::new(OVERLAY_FILE) {
        places.push(PathBuf::from(OVERLAY_FILE));
    }
    Ok(OverlaySource { file, places, variables: env.starting_with(SETTINGS_PREFIX)? })
}

/// The option if given, else the variable.
fn first<T>(
    given: Option<T>,
    env: &Environment,
    name: &str,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, ConfigError> {
    match given {
        Some(value) => Ok(Some(value)),
        None => env.parsed(name, parse),
    }
}

fn settings_key(
    options: &GlobalOptions,
    env: &Environment,
) -> Result<Option<SettingsKey>, ConfigError> {
    let variable = match &options.encryption_env {
        Some(name) => Some(name.as_str()),
        None => env.find("GREENROOM_ENCRYPTION_ENV")?,
    };
    let variable = variable.filter(|name| !name.is_empty());
    variable.map(|name| SettingsKey::read("--encryption-env", name, env)).transpose()
}

impl SettingsKey {
    /// The key in the variable that `option` names.
    ///
    /// # Errors
    /// The variable is not set, or holds no key. Going on without one would write secrets in the
    /// clear against the operator's wish.
    pub fn read(option: &str, variable: &str, env: &Environment) -> Result<Self, ConfigError> {
        let key = env.find(variable)?.ok_or_else(|| {
            ConfigError::new(format!(
                "{option} names {variable}, which is not set: set it to a key of 32 characters"
            ))
        })?;
        if key.len() != 32 {
            return Err(ConfigError::new(format!(
                "{variable}, named by {option}, has {} bytes: a key has exactly 32",
                key.len()
            )));
        }
        Ok(Self { variable: variable.to_owned(), key: Secret::new(key) })
    }
}

fn origins(options: &ServeOptions, env: &Environment) -> Result<Vec<String>, ConfigError> {
    let given = match options.origins.is_empty() {
        true => {
            env.find("GREENROOM_ORIGINS")?.unwrap_or("*").split(',').map(str::to_owned).collect()
        }
        false => options.origins.clone(),
    };
    let origins: Vec<String> =
        given.iter().map(|o| o.trim().to_owned()).filter(|o| !o.is_empty()).collect();
    for origin in &origins {
        let has_path = origin.split("://").nth(1).is_some_and(|rest| rest.contains('/'));
        if has_path || !origin.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(ConfigError::new(format!(
                "--origins: '{origin}' is no origin; write scheme://host[:port] without a path"
            )));
        }
    }
    Ok(if origins.is_empty() { vec!["*".to_owned()] } else { origins })
}

fn first_superuser(env: &Environment) -> Result<Option<FirstSuperuser>, ConfigError> {
    const EMAIL: &str = "GREENROOM_SUPERUSER_EMAIL";
    const PASSWORD: &str = "GREENROOM_SUPERUSER_PASSWORD";
    const FILE: &str = "GREENROOM_SUPERUSER_PASSWORD_FILE";
    let Some(email) = env.find(EMAIL)? else {
        return match env.has(PASSWORD) || env.has(FILE) {
            true => Err(ConfigError::new(format!("a superuser password needs {EMAIL} beside it"))),
            false => Ok(None),
        };
    };
    let password = match (env.find(PASSWORD)?, env.find(FILE)?) {
        (Some(_), Some(_)) => {
            return Err(ConfigError::new(format!("set {PASSWORD} or {FILE}, not both")));
        }
        (Some(password), None) => password.to_owned(),
        (None, Some(file)) => std::fs::read_to_string(file)
            .map_err(|e| ConfigError::new(format!("{FILE}: cannot read {file}: {e}")))?
            .trim_end_matches(['\r', '\n'])
            .to_owned(),
        (None, None) => {
            return Err(ConfigError::new(format!("{EMAIL} needs {PASSWORD} or {FILE} beside it")));
        }
    };
    Ok(Some(FirstSuperuser { email: email.to_owned(), password: Secret::new(password) }))
}

/// An address, or `off`.
fn parse_http(text: &str) -> Result<Option<SocketAddr>, String> {
    if text == "off" { Ok(None) } else { parse_address(text).map(Some) }
}

/// `HOST:PORT`; an empty host means every IPv4 address of the machine.
fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let wanted = || format!("'{text}' is no address; write HOST:PORT, such as 127.0.0.1:8090");
    let (host, port) = text.rsplit_once(':').ok_or_else(wanted)?;
    let port: u16 = port.parse().map_err(|_| wanted())?;
    if host.is_empty() {
        return Ok(SocketAddr::from(([0, 0, 0, 0], port)));
    }
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    if bare.contains(':') != host.starts_with('[') {
        return Err(wanted());
    }
    let unknown = |e| format!("cannot find the address of '{host}': {e}");
    let found: Vec<SocketAddr> = (bare, port).to_socket_addrs().map_err(unknown)?.collect();
    // A name may have both kinds of address; clients that say 127.0.0.1 expect the older one.
    let preferred = found.iter().find(|address| address.is_ipv4()).or(found.first());
    preferred.copied().ok_or_else(wanted)
}

fn parse_log_format(text: &str) -> Result<bool, String> {
    match text {
        "json" => Ok(true),
        "human" => Ok(false),
        _ => Err(format!("'{text}' is neither human nor json")),
    }
}
