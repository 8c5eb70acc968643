//! Signing in with an account at another service: from the address people are sent to, over the
//! code they bring back, to who they are there. What becomes of that here is the business of
//! `auth/methods/oauth2.rs`.
//!
//! # Invariants
//! - Every address that is asked is one of the table or of the collection's options; no token, no
//!   answer and no client names another.
//! - An address of mail counts only if the service vouches for it.
//! - Codes, tokens and client secrets reach neither a log nor an error.

pub mod account;
pub mod apple;
pub mod avatar;
pub mod exchange;
mod id_token;
mod microsoft;
pub mod profile;
pub mod provider;
pub mod providers;
pub mod setup;
pub mod user;
