//! Realtime: one stream a client, and what it wants to follow.

pub mod connect;
pub mod subscribe;
