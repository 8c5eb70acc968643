//! Sessions: sign-ins that are renewed by refresh tokens, can be seen, and can be ended.
//!
//! # Invariants
//! - Of a refresh token only the SHA-256 is stored. Each one leads to its successor, and only
//!   together with the salt of its session: so a lost answer can be given again, and ten tabs that
//!   refresh at once are all given the same token.
//! - A token that was spent longer ago than the grace of its collection ends its session.
//! - A session is over with the keys that sign the tokens of its record: they are part of it.
//! - An access token that names a session is worthless without it, from the commit of its end on.

mod begin;
mod ended;
mod listing;
mod refresh;
mod refresh_token;
mod rotation;
mod session;
mod table;

pub(super) use ended::{Ended, Watch};
pub use listing::{SessionEntry, SessionPage};
pub(super) use table::is_open;
