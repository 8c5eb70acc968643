//! A session as it is stored, and how long it lives.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::auth::auth_record::StoredAuth;
use crate::auth::sessions::refresh_token::{self, Key, Salt};
use crate::clock::DateTime;
use crate::crypto;
use crate::schema::{Collection, SessionOptions};

/// A row of the table of sessions.
#[derive(Clone)]
pub(super) struct Session {
    pub id: String,
    pub collection_id: String,
    pub record_id: String,
    /// Stands for the keys that sign the record's tokens.
    pub proof: String,
    pub salt: Salt,
    /// How many refresh tokens came before the one that is good now.
    pub generation: u32,
    /// The hash of that one.
    pub current: String,
    /// When those before it were spent, the last one last.
    pub spent: Vec<DateTime>,
    pub device: Device,
    pub created: DateTime,
    /// When it was last refreshed.
    pub used: DateTime,
    /// When it is over unless it is refreshed, as its collection said then.
    pub ends: DateTime,
}

/// Who is at the other end, as far as that is kept.
#[derive(Clone, Default, PartialEq, Debug)]
pub(super) struct Device {
    pub ip: String,
    pub user_agent: String,
}

/// Characters of a user agent that are kept.
const MAX_USER_AGENT: usize = 255;

impl Device {
    pub fn of(device: &crate::auth::Device) -> Self {
        let user_agent = device.user_agent.chars().take(MAX_USER_AGENT).collect();
        Self { ip: device.ip.clone(), user_agent }
    }
}

impl Session {
    /// A session that begins now, and its first key.
    pub fn begin(
        collection: &Collection,
        record: &StoredAuth,
        options: &SessionOptions,
        device: &crate::auth::Device,
        now: DateTime,
    ) -> (Self, Key) {
        let key = refresh_token::first_key();
        let mut session = Self {
            id: crypto::ordered_id(now),
            collection_id: collection.id.clone(),
            record_id: record.id.clone(),
            proof: proof(collection, record),
            salt: crypto::random_bytes(),
            generation: 0,
            current: refresh_token::hash(&key),
            spent: Vec::new(),
            device: Device::of(device),
            created: now,
            used: now,
            ends: now,
        };
        session.ends = session.end(options);
        (session, key)
    }

    /// When it is over by these options, unless it is refreshed.
    pub fn end(&self, options: &SessionOptions) -> DateTime {
        let idle = plus_secs(self.used, options.idle_duration);
        idle.min(plus_secs(self.created, options.absolute_duration))
    }

    /// Whether it is over.
    pub fn is_over(&self, options: &SessionOptions, now: DateTime) -> bool {
        now >= self.ends.min(self.end(options))
    }

    /// Until when an access token lives that is made now.
    pub fn access_until(&self, options: &SessionOptions, now: DateTime) -> DateTime {
        plus_secs(now, options.access_duration).min(self.ends.min(self.end(options)))
    }

    /// Whether it belongs to this record, with the keys that the record has now.
    pub fn is_of(&self, collection: &Collection, record: &StoredAuth) -> bool {
        self.collection_id == collection.id
            && self.record_id == record.id
            && crypto::is_equal(self.proof.as_bytes(), proof(collection, record).as_bytes())
    }
}

/// This moment and so many seconds more.
pub(super) fn plus_secs(moment: DateTime, secs: i64) -> DateTime {
    DateTime::from_unix_ms(moment.unix_ms().saturating_add(secs.saturating_mul(1000)))
}

/// A digest of the keys that sign the sign-in tokens of a record; it changes with either of them.
fn proof(collection: &Collection, record: &StoredAuth) -> String {
    let secret = collection.auth().map_or("", |options| options.auth_token.secret.reveal());
    let parts: [&[u8]; 2] = [b"session", secret.as_bytes()];
    URL_SAFE_NO_PAD.encode(crypto::authenticate(record.token_key.reveal().as_bytes(), &parts))
}
