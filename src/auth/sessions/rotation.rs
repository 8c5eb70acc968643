//! What becomes of a session when one of its refresh tokens comes. Pure.

use crate::auth::sessions::refresh_token::{Key, RefreshToken, hash, next_key};
use crate::auth::sessions::session::{Device, Session, plus_secs};
use crate::clock::DateTime;
use crate::crypto;
use crate::schema::SessionOptions;

/// The most tokens of a session that are spent within its grace. Beyond, the good one stays.
const MAX_SPENT: usize = 64;

/// What a refresh token asks of its session.
pub(super) enum Verdict {
    /// It is the good one: it is spent for the next one.
    Rotate,
    /// It was spent a moment ago, or too many were: the good one is this.
    Repeat(Key),
    /// It is no token of the session.
    Refused,
    /// It was spent long ago: somebody else has it, or had it.
    Reused,
}

impl Session {
    /// Judges a token.
    pub fn judge(&self, shown: &RefreshToken, options: &SessionOptions, now: DateTime) -> Verdict {
        if !shown.is_of(&self.salt) {
            return Verdict::Refused;
        }
        let Some(age) = self.generation.checked_sub(shown.generation) else {
            // The store was set back: what it does not know it cannot trust.
            return Verdict::Refused;
        };
        if age == 0 {
            if !self.is_current(&shown.key) {
                return Verdict::Refused;
            }
            let is_full = self.graced(options, now).len() >= MAX_SPENT;
            return if is_full { Verdict::Repeat(shown.key.clone()) } else { Verdict::Rotate };
        }
        let at = usize::try_from(age).ok().and_then(|age| self.spent.len().checked_sub(age));
        let spent = at.and_then(|at| self.spent.get(at));
        if spent.is_none_or(|spent| now >= plus_secs(*spent, options.grace)) {
            return Verdict::Reused;
        }
        let newest = (0..age).fold(shown.key.clone(), |key, _| next_key(&self.salt, &key));
        if self.is_current(&newest) { Verdict::Repeat(newest) } else { Verdict::Refused }
    }

    /// Spends the good token for the next one, which is returned.
    pub fn rotate(
        &mut self,
        shown: &RefreshToken,
        options: &SessionOptions,
        device: &Device,
        now: DateTime,
    ) -> Key {
        let next = next_key(&self.salt, &shown.key);
        self.spent = self.graced(options, now).to_vec();
        self.spent.push(now);
        self.generation = self.generation.saturating_add(1);
        self.current = hash(&next);
        self.device.clone_from(device);
        self.used = now;
        self.ends = self.end(options);
        next
    }

    /// The token of a key that is good now.
    pub fn token(&self, key: Key) -> RefreshToken {
        RefreshToken::new(&self.id, &self.salt, self.generation, key)
    }

    fn is_current(&self, key: &Key) -> bool {
        crypto::is_equal(self.current.as_bytes(), hash(key).as_bytes())
    }

    /// When the tokens were spent that may still come again.
    fn graced(&self, options: &SessionOptions, now: DateTime) -> &[DateTime] {
        let from = self.spent.iter().position(|spent| now < plus_secs(*spent, options.grace));
        from.map_or(&[], |from| &self.spent[from..])
    }
}

#[cfg(test)]
mod tests;
