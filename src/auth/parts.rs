//! What every way of signing in shares.

use std::hash::RandomState;
use std::sync::Arc;

use crate::auth::attempts::Attempts;
use crate::auth::brake::Brake;
use crate::auth::caller_cache::CallerCache;
use crate::auth::oauth2::apple::Names;
use crate::auth::resend::ResendGuard;
use crate::auth::sessions::Ended;
use crate::auth::token;
use crate::clock::Clock;
use crate::crypto::PasswordPool;
use crate::jobs::Jobs;
use crate::mail::Mail;
use crate::outgoing::Outgoing;
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
    /// Does what a request does not wait for.
    pub jobs: Jobs,
    /// Carries letters to them.
    pub mail: Mail,
}

/// Who is calling, and how they prove it. Cheap to clone.
#[derive(Clone)]
pub struct Auth {
    pub(super) store: Store,
    pub(super) schema: Arc<SchemaCache>,
    pub(super) clock: Clock,
    pub(super) passwords: PasswordPool,
    pub(super) settings: SettingsCache,
    pub(super) records: Records,
    pub(super) jobs: Jobs,
    pub(super) mail: Mail,
    /// Which letters were sent lately.
    pub(super) letters: Arc<ResendGuard>,
    pub(super) callers: Arc<CallerCache>,
    /// Slows down who guesses passwords.
    pub(super) brake: Arc<Brake>,
    /// Tells open connections of the end of their session.
    pub(super) ended: Arc<Ended>,
    /// Tries to guess codes.
    pub(super) attempts: Arc<Attempts>,
    /// Picks stand-ins for identities that do not exist; differs from start to start.
    pub(super) stand_ins: RandomState,
    /// Asks services at the addresses that superusers set, private ones too.
    pub(super) outgoing: Outgoing,
    /// Fetches pictures from addresses that services tell.
    pub(super) avatars: Outgoing,
    pub(super) apple_names: Arc<Names>,
}

impl Auth {
    /// Sign-in for the auth collections of the schema.
    pub fn new(parts: AuthParts) -> Self {
        token::install_provider();
        let AuthParts { store, schema, clock, passwords, settings, records, jobs, mail } = parts;
        Self {
            store,
            schema,
            clock,
            passwords,
            settings,
            records,
            jobs,
            mail,
            letters: Arc::default(),
            callers: Arc::default(),
            brake: Arc::default(),
            ended: Arc::default(),
            attempts: Arc::default(),
            stand_ins: RandomState::new(),
            outgoing: Outgoing::new(true),
            avatars: Outgoing::new(false),
            apple_names: Arc::default(),
        }
    }
}
