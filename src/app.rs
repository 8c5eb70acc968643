//! The assembly: every service, built once from the configuration. No module before this names it.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::Config;
use crate::crypto::PasswordPool;
use crate::logs::ActivityLog;
use crate::records::Records;
use crate::schema::SchemaCache;
use crate::settings::SettingsCache;
use crate::store::Store;

/// A running backend without a socket.
pub struct App {
    /// What was fixed at start.
    pub config: Config,
    /// Where the time comes from.
    pub clock: Clock,
    /// Where rows live.
    pub store: Store,
    /// All collections as of now.
    pub schema: Arc<SchemaCache>,
    /// Settings as of now.
    pub settings: SettingsCache,
    /// What was asked of the server.
    pub activity: ActivityLog,
    /// Hashes passwords.
    pub passwords: PasswordPool,
    /// The records service.
    pub records: Records,
}
