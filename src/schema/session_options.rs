//! Options of an auth collection beyond the contract: sessions and the policy of passwords. They
//! are left out of the JSON while they have their defaults.

use serde::{Deserialize, Serialize};

/// Sessions: a short access token beside a refresh token that is good for one use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SessionOptions {
    /// Every sign-in begins a session, not only one that asks for it.
    pub enabled: bool,
    /// Seconds an access token lives.
    pub access_duration: i64,
    /// Seconds a session lives without a refresh.
    pub idle_duration: i64,
    /// Seconds a session lives at most.
    pub absolute_duration: i64,
    /// Seconds in which a spent refresh token may come again.
    pub grace: i64,
    /// The refresh token travels in a cookie, not only where a sign-in asks for it.
    pub cookie: bool,
}

impl Default for SessionOptions {
    /// Off; a quarter of an hour, thirty days, ninety days, half a minute.
    fn default() -> Self {
        Self {
            enabled: false,
            access_duration: 900,
            idle_duration: 2_592_000,
            absolute_duration: 7_776_000,
            grace: 30,
            cookie: false,
        }
    }
}

impl SessionOptions {
    /// True while nobody changed anything.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What a new password must be, beside what its field says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PasswordPolicy {
    /// The fewest characters; 0 leaves it to the field.
    pub min_length: i64,
    /// Passwords that many people have are refused.
    pub refuse_common: bool,
}

impl PasswordPolicy {
    /// True while nobody changed anything.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
