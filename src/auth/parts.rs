//! What every way of signing in shares.

use std::hash::RandomState;
use std::sync::Arc;

use crate::auth::caller_cache::CallerCache;
use crate::auth::token;
use crate::clock::Clock;
use crate::crypto::PasswordPool;
use crate::records::Records;
use crate::schema::SchemaCache;
use crate::settings::SettingsCache;
use crate::store::Store;

/// What sign-in works with.
#[derive(Clone)]
pub struct AuthParts {
    /// Where the records lie.
    pub store: Store,
    /// The auth collections among others.
    pub schema: Arc<SchemaCache>,
    /// Where the time comes from.
    pub clock: Clock,
    /// Hashes and verifies passwords.
    pub passwords: PasswordPool,
    /// Name and address of the application, and who may come from where.
    pub settings: SettingsCache,
    /// Makes and changes auth records, by their rules.
    pub records: Records,
}

/// Who is calling, and how they prove it. Cheap to clone.
#[derive(Clone)]
pub struct Auth {
    pub(super) store: Store,
    pub(super) schema: Arc<SchemaCache>,
    pub(super) clock: Clock,
    pub(super) passwords: PasswordPool,
    #[expect(dead_code, reason = "the mails of sign-in come next")]
    pub(super) settings: SettingsCache,
    #[expect(dead_code, reason = "sign-up through other services comes next")]
    pub(super) records: Records,
    pub(super) callers: Arc<CallerCache>,
    /// Picks stand-ins for identities that do not exist; differs from start to start.
    pub(super) stand_ins: RandomState,
}

impl Auth {
    /// Sign-in for the auth collections of the schema.
    pub fn new(parts: AuthParts) -> Self {
        token::install_provider();
        let AuthParts { store, schema, clock, passwords, settings, records } = parts;
        let (callers, stand_ins) = (Arc::default(), RandomState::new());
        Self { store, schema, clock, passwords, settings, records, callers, stand_ins }
    }
}
