//! Who is calling, and how they prove it.
//!
//! # Invariants
//! - A token is accepted for one purpose, one collection and one record, and is signed with a key
//!   whose two halves can each be changed to revoke it. There is no session in the store.
//! - A bad token makes a guest; it never fails a request.
//! - Whether an identity exists shows neither in an answer nor in the time it takes.
//! - No password, hash, token or code reaches a log or an error.

pub mod claims;
pub mod token;
