//! What every way of signing in shares.

use std::hash::RandomState;
use std::sync::Arc;

use crate::auth::caller_cache::CallerCache;
use crate::auth::token;
use crate::clock::Clock;
use crate::crypto::PasswordPool;
use crate::schema::SchemaCache;
use crate::store::Store;

/// Who is calling, and how they prove it. Cheap to clone.
#[derive(Clone)]
pub struct Auth {
    pub(super) store: Store,
    pub(super) schema: Arc<SchemaCache>,
    pub(super) clock: Clock,
    pub(super) passwords: PasswordPool,
    pub(super) callers: Arc<CallerCache>,
    /// Picks stand-ins for identities that do not exist; differs from start to start.
    pub(super) stand_ins: RandomState,
}

impl Auth {
    /// Sign-in for the auth collections of `schema`, whose records lie in `store`.
    pub fn new(
        store: Store,
        schema: Arc<SchemaCache>,
        clock: Clock,
        passwords: PasswordPool,
    ) -> Self {
        token::install_provider();
        let callers = Arc::default();
        Self { store, schema, clock, passwords, callers, stand_ins: RandomState::new() }
    }
}
