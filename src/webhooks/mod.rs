//! Webhooks: committed changes of records, posted to other servers.
//!
//! # Invariants
//! - The job that delivers a change is queued in the transaction of the change: every change that
//!   is committed is delivered at least once, or given up and told so.
//! - Messages about one record reach one webhook in the order of the commits.
//! - A webhook cannot fail a write, nor make it wait: what cannot be queued is told in the log.
//! - Hidden fields, passwords and token keys leave by no webhook.
//! - Each message is signed (Standard Webhooks 1.0), its id is the same in every attempt.

mod check;
mod collection;
mod deliveries;
mod deliver;
mod hook;
mod service;
mod sink;

pub use collection::COLLECTION;
pub use deliveries::{Delivery, DeliveryPage};
pub use service::{Parts, Webhooks};
