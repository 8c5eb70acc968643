//! Realtime: who follows which records, and what they are told after each commit (contract §3.7).
//!
//! # Invariants
//! - Only what is committed is told, in the order of the commits.
//! - What a subscriber is told passed the rules, the filter and the door of `records`, as an answer
//!   to a request would; the check is made once for all who ask alike.
//! - A sign-in that ended is noticed before the next change is told.
//! - A subscription that names a place in the log is told each change behind it, once at least,
//!   or that it must read anew.
//! - Nobody is waited for: a client that does not read is cut off, the writer never stands still.

mod client;
mod compiled;
mod dispatch;
mod eyes;
mod group;
mod guesses;
mod hub;
mod replay;
mod topic;

pub use client::{Client, Connection, Frame};
pub use hub::{Realtime, Refusal};
pub use topic::MAX_TOPICS;
