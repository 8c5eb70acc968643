//! The whole backend over a real socket and a fresh data folder, asked through HTTP.

mod auth;
mod bodies;
mod files;
mod safety;
mod support;
