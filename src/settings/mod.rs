//! What can be changed while the server runs: one row of `_params`, one file per section.
//!
//! # Invariants
//! - Readers see one immutable snapshot behind a swap; it moves only after the commit.
//! - Secrets are written, never read back by a client; on disk they are encrypted when the
//!   operator gave a key.
//! - What the operator wrote down ([`Overlay`]) goes before what is stored, and is never stored.
//! - What cannot be read at start stops the start: no default stands in for it.

mod backups;
mod batch;
mod cache;
mod check;
mod logs;
mod merge;
mod meta;
mod network;
mod overlay;
mod rate_limits;
mod s3;
mod seal;
mod sections;
mod smtp;
mod stored;
mod trusted_proxy;

pub use backups::Backups;
pub use batch::Batch;
pub use cache::SettingsCache;
pub use logs::Logs;
pub use meta::Meta;
pub use network::{Network, networks_contain};
pub use overlay::{Overlay, OverlayError};
pub use rate_limits::{RateLimitRule, RateLimits};
pub use s3::S3;
pub use seal::Reseal;
pub use sections::Settings;
pub use smtp::Smtp;
pub use stored::SettingsError;
pub use trusted_proxy::TrustedProxy;

#[cfg(test)]
mod tests;
