//! The whole backend over a real socket and a fresh data folder, asked through HTTP.

mod auth;
mod backups;
mod batch;
mod bodies;
mod changes;
mod checks;
mod collections;
mod files;
mod jobs;
mod lists;
mod mail;
mod metrics;
mod realtime;
mod safety;
mod settings;
mod sql;
mod support;
mod transfer;
mod webhooks;
