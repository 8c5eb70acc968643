#![doc = include_str!("ARCHITECTURE.md")]
#![forbid(unsafe_code)]

// Vocabulary: no knowledge of the product.
pub mod faults;
pub mod codes;
pub mod error;
pub mod json;
pub mod clock;
pub mod cron;
pub mod crypto;
pub mod throttle;
pub mod watch;
pub mod config;

// Pure core: values in, values out.
pub mod sql;
pub mod schema;
pub mod query;

// Owns the databases.
pub mod store;
pub mod settings;
pub mod logs;
pub mod outgoing;
pub mod files;
pub mod changes;
pub mod jobs;
pub mod mail;
pub mod tls;

// Services: what the product does.
pub mod collections;
pub mod records;
pub mod webhooks;
pub mod exports;
pub mod imports;
pub mod auth;
pub mod realtime;
pub mod backups;
pub mod sql_console;
pub mod checks;

// Assembly and fronts.
pub mod app;
pub mod http;
pub mod cli;
