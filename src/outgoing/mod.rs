//! Requests to other servers: the one client that makes them, and the guard before it.
//!
//! # Invariants
//! - A connection is made to an address that was checked, never to a name that is looked up again.
//! - Addresses of this machine and of private networks are refused unless the operator allows them.
//! - Redirects are followed only where asked for, each to a checked address.
//! - Proxies of the environment are not used, TLS is verified.
//! - Every request has a limit of time, and of the answer that is read.

mod address;
mod client;

pub use address::is_public;
pub use client::{Answer, Fetch, Fetched, Outgoing, OutgoingError, Post};
