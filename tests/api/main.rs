//! The whole backend over a real socket and a fresh data folder, asked through HTTP.

mod auth;
mod files;
mod safety;
mod support;
