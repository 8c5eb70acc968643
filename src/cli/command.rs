//! What can be typed: commands, their arguments and their help. It decides nothing.

use std::path::PathBuf;

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

const IMPORT_EXAMPLES: &str = "\
Examples:
  greenroom import posts posts.csv --dry-run       see which rows would be refused
  greenroom import posts posts.csv --skip-errors --errors refused.csv
  greenroom import users people.csv --upsert email --mapping '{\"Full name\":\"name\"}'
  greenroom import pocketbase pb_data              make gr_data of a folder of PocketBase

A folder of PocketBase is copied with accounts, password hashes, files, settings and rules into a
new data folder (--dir); nothing is written to it, and PocketBase may go on meanwhile.";

const EXPORT_EXAMPLES: &str = "\
Examples:
  greenroom export posts posts.csv
  greenroom export posts --format ndjson --filter 'public = true' | gzip > posts.ndjson.gz
  greenroom export posts posts.json --expand author --fields id,title,expand.author.name";

const BACKUP_EXAMPLES: &str = "\
Examples:
  greenroom backup create
  greenroom backup create monday.zip --dir pb_data
  greenroom backup verify monday.zip
  greenroom backup restore monday.zip
  greenroom backup restore ./downloads/monday.zip --dir gr_data

Backups lie in the folder backups of the data folder, or in the bucket of the settings.";

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

    /// Make, list, verify and restore backups of the data folder
    #[command(subcommand, arg_required_else_help = true, after_help = BACKUP_EXAMPLES)]
    Backup(BackupCommand),

    /// Manage superusers: who may do everything
    #[command(subcommand, arg_required_else_help = true)]
    Superuser(SuperuserCommand),

    /// Make records of a file, or a data folder of one of PocketBase
    #[command(args_override_self = true, after_help = IMPORT_EXAMPLES)]
    Import(ImportOptions),

    /// Write the records of a collection to a file
    #[command(args_override_self = true, after_help = EXPORT_EXAMPLES)]
    Export(ExportOptions),

    /// Manage how the settings lie on disk
    #[command(subcommand, arg_required_else_help = true)]
    Settings(SettingsCommand),
}

/// Options of `import`.
#[derive(Debug, Clone, Args)]
pub struct ImportOptions {
    /// The collection that takes the records; pocketbase for a whole folder
    pub collection: String,
    /// A CSV, TSV, NDJSON or JSON file, - for standard input; or a folder of PocketBase
    pub source: PathBuf,
    /// csv, tsv, ndjson or json [default: by the name of the file]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Which column goes where, such as {"Full name":"name","Notes":null}
    #[arg(long, value_name = "JSON")]
    pub mapping: Option<String>,
    /// What stands between the cells [default: ,]
    #[arg(long, value_name = "CHARACTER", allow_hyphen_values = true)]
    pub delimiter: Option<String>,
    /// What stands between the items of a cell that holds several
    #[arg(long, value_name = "CHARACTER", allow_hyphen_values = true)]
    pub separator: Option<String>,
    /// The first line holds no names: give a mapping by place, such as ["name",null]
    #[arg(long)]
    pub no_header: bool,
    /// Change the records that have the same value in this field: id, or a unique one
    #[arg(long, value_name = "FIELD")]
    pub upsert: Option<String>,
    /// Say what would happen, and keep nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Leave out rows that are refused instead of ending with the first
    #[arg(long)]
    pub skip_errors: bool,
    /// Write rows that are refused to this file, .csv or .ndjson
    #[arg(long, value_name = "FILE")]
    pub errors: Option<PathBuf>,
}

/// Options of `export`.
#[derive(Debug, Clone, Args)]
pub struct ExportOptions {
    /// The collection
    pub collection: String,
    /// Where to; it must not exist [default: standard output]
    pub file: Option<PathBuf>,
    /// csv, ndjson or json [default: by the name of the file, else csv]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Only these records, such as "created > '2026-01-01'"
    #[arg(long, default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    pub filter: String,
    /// In this order, such as -created,title
    #[arg(long, default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    pub sort: String,
    /// Only these fields, such as id,title,expand.author.name
    #[arg(long, default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    pub fields: String,
    /// Relations to bring along
    #[arg(long, default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    pub expand: String,
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

/// What can be done with backups.
#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Make a backup; a server may go on meanwhile
    #[command(args_override_self = true)]
    Create {
        /// What to call it, such as monday.zip; made of the time when left out
        name: Option<String>,
    },
    /// List the backups
    #[command(args_override_self = true)]
    List,
    /// Read all of a backup and check its database
    #[command(args_override_self = true)]
    Verify {
        /// The backup
        name: String,
    },
    /// Put a backup in the place of the data; no server may have the folder
    #[command(args_override_self = true)]
    Restore {
        /// The backup, or the path of a zip
        name: String,
    },
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
