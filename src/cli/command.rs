//! What can be typed: commands, their arguments and their help. It decides nothing.

use clap::builder::styling::{AnsiColor, Styles};
use clap::{ArgAction, ArgGroup, Args, Parser, Subcommand};

use crate::config::{GlobalOptions, ServeOptions};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default())
    .placeholder(AnsiColor::Cyan.on_default());

const EXAMPLES: &str = "\
Examples:
  greenroom serve                                  start on 127.0.0.1:8090 with data in gr_data
  greenroom serve --http 0.0.0.0:80 --public site  serve a site and its backend to everybody
  greenroom serve example.com                      the same with TLS, certificate included
  greenroom serve --dir pb_data                    open an existing PocketBase folder
  greenroom superuser create ada@example.com       make a superuser; asks for the password

Options may stand before or after the command. An option given on the command line goes before
its variable. NO_COLOR turns colours off; GREENROOM_LOG sets levels, such as greenroom=debug.";

const SERVE_EXAMPLES: &str = "\
Examples:
  greenroom serve
  greenroom serve --http 127.0.0.1:3000 --origins https://example.com,http://localhost:*
  greenroom serve --public dist --index-fallback=false --no-open
  greenroom serve example.com --acme-email ada@example.com
  greenroom serve --https 0.0.0.0:443 --tls-cert fullchain.pem --tls-key privkey.pem

With TLS, what comes to the --http address is led to HTTPS. Fetched certificates lie in the data
folder and are renewed; files of your own are read again when they change. To fetch one, the domain
must lead to this machine, to port 443 or 80.

While there is no superuser, GREENROOM_SUPERUSER_EMAIL with GREENROOM_SUPERUSER_PASSWORD (or
GREENROOM_SUPERUSER_PASSWORD_FILE) makes the first one; otherwise a set-up link is printed.";

const ROTATE_EXAMPLES: &str = "\
Examples:
  greenroom settings rotate-key --to-env NEW                   begin to encrypt
  greenroom settings rotate-key --from-env OLD --to-env NEW    change the key
  greenroom settings rotate-key --from-env OLD --to-plain      stop to encrypt

A key has exactly 32 characters, such as: NEW=$(openssl rand -hex 16). Backups made before keep
the old key.";

const DOCTOR_EXIT: &str = "\
Exit code: 0 when nothing but notes was found, 1 for warnings, 2 for errors.
It changes nothing, and works beside a running server.";

/// A whole backend in one file: data, sign-in, rules and a dashboard over SQLite.
#[derive(Debug, Parser)]
#[command(name = "greenroom", version, styles = STYLES, after_help = EXAMPLES)]
#[command(args_override_self = true, disable_version_flag = true, max_term_width = 100)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: GlobalOptions,

    /// Print the version
    #[arg(short = 'v', short_alias = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,

    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the server
    #[command(args_override_self = true, after_help = SERVE_EXAMPLES)]
    Serve(ServeOptions),

    /// Look for what should be changed: folder, database, settings, rules
    #[command(args_override_self = true, after_help = DOCTOR_EXIT)]
    Doctor(DoctorOptions),

    /// Manage superusers: who may do everything
    #[command(subcommand, arg_required_else_help = true)]
    Superuser(SuperuserCommand),

    /// Manage how the settings lie on disk
    #[command(subcommand, arg_required_else_help = true)]
    Settings(SettingsCommand),
}

/// What can be done to the settings.
#[derive(Debug, Subcommand)]
pub enum SettingsCommand {
    /// Encrypt the settings and other secrets with another key; the server must be stopped
    #[command(args_override_self = true, after_help = ROTATE_EXAMPLES)]
    #[command(group = ArgGroup::new("to").required(true))]
    RotateKey {
        /// Variable that holds the present key [default: what --encryption-env names]
        #[arg(long, value_name = "NAME")]
        from_env: Option<String>,
        /// Variable that holds the new key
        #[arg(long, value_name = "NAME", group = "to")]
        to_env: Option<String>,
        /// Use no key from now on: secrets lie in the data folder as they are
        #[arg(long, group = "to")]
        to_plain: bool,
    },
}

/// Options of `doctor`.
#[derive(Debug, Default, Clone, Args)]
pub struct DoctorOptions {
    /// Look at every index and every file, however long it takes
    #[arg(long)]
    pub full: bool,

    /// One JSON object instead of text
    #[arg(long)]
    pub json: bool,
}

/// What can be done to superusers.
#[derive(Debug, Subcommand)]
pub enum SuperuserCommand {
    /// Make a superuser
    #[command(args_override_self = true)]
    Create {
        /// The address to sign in with
        email: String,
        /// The password; asked for when left out
        password: Option<String>,
    },
    /// Make a superuser, or change the password of an existing one
    #[command(args_override_self = true)]
    Upsert {
        /// The address to sign in with
        email: String,
        /// The password; asked for when left out
        password: Option<String>,
    },
    /// Change a superuser's password
    #[command(args_override_self = true)]
    Update {
        /// The address to sign in with
        email: String,
        /// The new password; asked for when left out
        password: Option<String>,
    },
    /// Delete a superuser
    #[command(args_override_self = true)]
    Delete {
        /// The address to sign in with
        email: String,
    },
    /// Make a one-time password for a superuser
    #[command(args_override_self = true)]
    Otp {
        /// The address to sign in with
        email: String,
    },
    /// Remove a superuser's authenticator app, for the day it is lost
    #[command(args_override_self = true)]
    TotpOff {
        /// The address to sign in with
        email: String,
    },
    /// Set from where superusers may come; nothing lifts the restriction
    #[command(args_override_self = true)]
    Ips {
        /// Addresses and networks, such as 192.168.1.7 or 10.0.0.0/8
        #[arg(value_name = "IP|CIDR")]
        networks: Vec<String>,
    },
}
