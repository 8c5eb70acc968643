//! The front: bytes to requests, answers to bytes. Only this module knows actix and status codes.
//!
//! A request passes [`dispatch`]: route, caller, guard, handler, answer. The URL map is
//! [`routes`]; a handler parses, calls one service method, and presents.
//!
#![doc = include_str!("EXTENSIONS.md")]

mod activity;
mod api;
mod backup_upload;
mod body;
mod client_ip;
mod cors;
mod dispatch;
mod error;
mod fallback;
mod file_reply;
mod guard;
mod headers;
mod in_flight;
mod intake;
pub mod limits;
mod metrics;
mod multipart;
mod notes;
mod public;
mod ranges;
mod rate_limit;
mod reply;
mod request;
mod routes;
mod secure;
mod server;
mod session_cookie;
mod ui;

pub use in_flight::InFlight;
pub use secure::Secure;
pub use server::{Listeners, Server, bind, bind_within};
