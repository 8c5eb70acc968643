//! The options of the command line, before they are checked. Every option is absent unless given,
//! so that the environment and the defaults can stand in ([`crate::config::Config::check`]).

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

/// What a power loss may cost; a crash of the process alone costs nothing either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Durability {
    /// Forced to the disk at most 100 ms after the commit.
    #[default]
    Flushed,
    /// Forced to the disk before the answer.
    Full,
}

/// What the SQL console may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum SqlConsoleMode {
    /// Nothing.
    Off,
    /// Read.
    Read,
    /// Read and write.
    #[default]
    Write,
}

/// Options of every command. Hidden names are the reference's spellings.
#[derive(Debug, Default, Clone, Args)]
pub struct GlobalOptions {
    /// Folder of all data, made when missing [env: GREENROOM_DIR] [default: gr_data]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub dir: Option<PathBuf>,

    /// Say more: debug messages and every request [env: GREENROOM_DEV]
    #[arg(long, global = true, value_name = "BOOL", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "true", value_parser = parse_bool)]
    pub dev: Option<bool>,

    /// Variable that holds the 32-byte key of the settings [env: GREENROOM_ENCRYPTION_ENV]
    #[arg(long, alias = "encryptionEnv", global = true, value_name = "NAME")]
    pub encryption_env: Option<String>,

    /// File of settings that go before the stored ones [env: GREENROOM_CONFIG]
    /// [default: greenroom.toml beside the data folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Seconds until a read is given up [env: GREENROOM_QUERY_TIMEOUT] [default: 30]
    #[arg(long, alias = "queryTimeout", global = true, value_name = "SECONDS")]
    #[arg(value_parser = parse_seconds)]
    pub query_timeout: Option<u64>,

    /// What a power loss may cost [env: GREENROOM_DURABILITY] [default: flushed]
    #[arg(long, global = true, value_name = "LEVEL")]
    pub durability: Option<Durability>,

    /// Days for which changes are kept for replay [env: GREENROOM_CHANGES_DAYS] [default: 7]
    #[arg(long, global = true, value_name = "DAYS", value_parser = parse_days)]
    pub changes_days: Option<u64>,

    /// Changes that are kept at most [env: GREENROOM_CHANGES_ROWS] [default: 1000000]
    #[arg(long, global = true, value_name = "COUNT")]
    pub changes_rows: Option<u64>,

    /// Passes of a password hash, 2 to 8 [env: GREENROOM_HASH_PASSES] [default: measured]
    #[arg(long, global = true, value_name = "COUNT", value_parser = parse_passes)]
    pub hash_passes: Option<u32>,

    /// Let webhooks reach private networks [env: GREENROOM_ALLOW_PRIVATE_WEBHOOKS]
    #[arg(long, global = true, value_name = "BOOL", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "true", value_parser = parse_bool)]
    pub allow_private_webhooks: Option<bool>,

    /// What superusers may do in the SQL console [env: GREENROOM_SQL_CONSOLE] [default: write]
    #[arg(long, global = true, value_name = "MODE")]
    pub sql_console: Option<SqlConsoleMode>,

    /// Folder of files served at / [env: GREENROOM_PUBLIC] [default: gr_public]
    #[arg(long, alias = "publicDir", global = true, value_name = "FOLDER")]
    pub public: Option<PathBuf>,

    /// Answer unknown paths with index.html [env: GREENROOM_INDEX_FALLBACK] [default: true]
    #[arg(long, alias = "indexFallback", global = true, value_name = "BOOL")]
    #[arg(num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "true", value_parser = parse_bool)]
    pub index_fallback: Option<bool>,

    /// Lines of the console: for people, or JSON [env: GREENROOM_LOG_FORMAT] [default: human]
    #[arg(long, global = true, value_name = "FORMAT", value_parser = ["human", "json"])]
    pub log_format: Option<String>,

    /// Show figures for Prometheus at this path, to superusers [env: GREENROOM_METRICS]
    #[arg(long, global = true, value_name = "PATH", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "/metrics")]
    pub metrics: Option<String>,

    /// Show them at an address of their own, to everybody [env: GREENROOM_METRICS_ADDR]
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub metrics_addr: Option<String>,

    /// What the reference knows and this program does not.
    #[command(flatten)]
    pub foreign: ForeignOptions,
}

/// Options of the reference that mean nothing here: taken with a notice, so that a start script
/// written for it keeps working.
#[derive(Debug, Default, Clone, Args)]
pub struct ForeignOptions {
    #[arg(long = "hooksDir", global = true, hide = true)]
    hooks_dir: Option<PathBuf>,
    #[arg(long = "hooksWatch", global = true, hide = true, num_args = 0..=1)]
    #[arg(require_equals = true, default_missing_value = "true", value_parser = parse_bool)]
    hooks_watch: Option<bool>,
    #[arg(long = "hooksPool", global = true, hide = true)]
    hooks_pool: Option<u32>,
    #[arg(long = "migrationsDir", global = true, hide = true)]
    migrations_dir: Option<PathBuf>,
    #[arg(long = "automigrate", global = true, hide = true, num_args = 0..=1)]
    #[arg(require_equals = true, default_missing_value = "true", value_parser = parse_bool)]
    automigrate: Option<bool>,
}

impl ForeignOptions {
    /// The names of those that were given.
    pub fn given(&self) -> Vec<&'static str> {
        let options = [
            ("--hooksDir", self.hooks_dir.is_some()),
            ("--hooksWatch", self.hooks_watch.is_some()),
            ("--hooksPool", self.hooks_pool.is_some()),
            ("--migrationsDir", self.migrations_dir.is_some()),
            ("--automigrate", self.automigrate.is_some()),
        ];
        options.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
    }
}

/// Options of `serve`.
#[derive(Debug, Default, Clone, Args)]
pub struct ServeOptions {
    /// Fetch certificates for these and serve TLS [env: GREENROOM_DOMAINS]
    #[arg(value_name = "DOMAIN")]
    pub domains: Vec<String>,

    /// Address to listen on, as HOST:PORT [env: GREENROOM_HTTP] [default: 127.0.0.1:8090, with TLS
    /// 0.0.0.0:80, which leads to HTTPS; "off" for none]
    #[arg(long, value_name = "ADDRESS")]
    pub http: Option<String>,

    /// Address for TLS, as HOST:PORT [env: GREENROOM_HTTPS] [default: 0.0.0.0:443 with a DOMAIN or
    /// --tls-cert]; a HOST that is a name is a DOMAIN
    #[arg(long, value_name = "ADDRESS")]
    pub https: Option<String>,

    /// Certificate chain (PEM) to show instead, followed [env: GREENROOM_TLS_CERT]
    #[arg(long, value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,

    /// Its private key (PEM) [env: GREENROOM_TLS_KEY]
    #[arg(long, value_name = "FILE")]
    pub tls_key: Option<PathBuf>,

    /// Address that the certificate authority may write to [env: GREENROOM_ACME_EMAIL]
    #[arg(long, value_name = "EMAIL")]
    pub acme_email: Option<String>,

    /// URL of another ACME server's directory [env: GREENROOM_ACME_DIRECTORY] [default: Let's
    /// Encrypt]
    #[arg(long, value_name = "URL")]
    pub acme_directory: Option<String>,

    /// Certificate (PEM) that the ACME server's own is signed by [env: GREENROOM_ACME_CA]
    #[arg(long, value_name = "FILE")]
    pub acme_ca: Option<PathBuf>,

    /// Origins that browsers may call from, with * and ? [env: GREENROOM_ORIGINS] [default: *]
    #[arg(long, value_name = "LIST", value_delimiter = ',', action = ArgAction::Append)]
    pub origins: Vec<String>,

    /// Do not open the browser for the first set-up [env: GREENROOM_NO_OPEN]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "true", value_parser = parse_bool)]
    pub no_open: Option<bool>,
}

/// The spellings that start scripts use for yes and no.
pub(super) fn parse_bool(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(format!("'{text}' is neither true nor false")),
    }
}

/// Whole seconds, at least one, at most a day.
pub(super) fn parse_seconds(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(seconds @ 1..=86_400) => Ok(seconds),
        _ => Err(format!("'{text}' is not a number of seconds from 1 to 86400")),
    }
}

/// Whole days, at least one, at most ten years.
pub(super) fn parse_days(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(days @ 1..=3650) => Ok(days),
        _ => Err(format!("'{text}' is not a number of days from 1 to 3650")),
    }
}

/// A whole number.
pub(super) fn parse_count(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("'{text}' is not a whole number"))
}

/// Passes of a password hash: the fewest are what is recommended for this much memory.
pub(super) fn parse_passes(text: &str) -> Result<u32, String> {
    let passes = text.parse().ok().filter(|passes| (2..=8).contains(passes));
    passes.ok_or_else(|| format!("'{text}' is no number from 2 to 8"))
}

/// A durability by its name.
pub(super) fn parse_sql_console(text: &str) -> Result<SqlConsoleMode, String> {
    let known = || format!("'{text}' is none of off, read and write");
    SqlConsoleMode::from_str(text, false).map_err(|_| known())
}

pub(super) fn parse_durability(text: &str) -> Result<Durability, String> {
    let known = || format!("'{text}' is neither flushed nor full");
    Durability::from_str(text, false).map_err(|_| known())
}
