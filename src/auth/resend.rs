//! [`ResendGuard`]: so that nobody's letter box is filled by whoever knows the address.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;

use crate::auth::claims::TokenType;
use crate::clock::DateTime;

/// For so long a second letter of the same kind is not sent.
const PAUSE: Duration = Duration::from_secs(120);
/// Letters that are remembered.
const MAX_KEPT: usize = 10_000;

/// Who was sent what lately: the id of the collection and of the record, and the kind of letter.
type Key = (String, String, TokenType);

/// See the module.
#[derive(Default)]
pub(super) struct ResendGuard(Mutex<HashMap<Key, DateTime>>);

impl ResendGuard {
    /// True when the letter may go out now, and then it counts as sent.
    pub fn pass(&self, key: &Key, now: DateTime) -> bool {
        let mut sent = self.0.lock();
        let is_recent = |at: DateTime| at <= now && now < at.after(PAUSE);
        if sent.get(key).is_some_and(|at| is_recent(*at)) {
            return false;
        }
        if sent.len() >= MAX_KEPT {
            sent.retain(|_, at| is_recent(*at));
        }
        if sent.len() >= MAX_KEPT
            && let Some(oldest) = sent.iter().min_by_key(|(_, at)| **at).map(|(key, _)| key.clone())
        {
            sent.remove(&oldest);
        }
        sent.insert(key.clone(), now);
        true
    }

    /// The letter did not go out after all.
    pub fn undo(&self, key: &Key) {
        self.0.lock().remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: usize, kind: TokenType) -> Key {
        ("c".to_owned(), id.to_string(), kind)
    }

    #[test]
    fn a_letter_goes_once_in_two_minutes_to_each() {
        let (guard, start) = (ResendGuard::default(), DateTime::from_unix_ms(0));
        let mine = key(1, TokenType::Verification);
        assert!(guard.pass(&mine, start));
        assert!(!guard.pass(&mine, start.after(PAUSE - Duration::from_millis(1))));
        assert!(guard.pass(&key(1, TokenType::PasswordReset), start));
        assert!(guard.pass(&key(2, TokenType::Verification), start));
        assert!(guard.pass(&mine, start.after(PAUSE)));
        guard.undo(&mine);
        assert!(guard.pass(&mine, start.after(PAUSE)));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let guard = ResendGuard::default();
        for n in 0..MAX_KEPT + 10 {
            let now = DateTime::from_unix_ms(i64::try_from(n).unwrap());
            assert!(guard.pass(&key(n, TokenType::PasswordReset), now));
        }
        assert_eq!(guard.0.lock().len(), MAX_KEPT);
        let now = DateTime::from_unix_ms(20_000);
        assert!(!guard.pass(&key(MAX_KEPT, TokenType::PasswordReset), now));
    }
}
