//! R14 without a server: tokens that race, that come again, and that were stolen.

use super::*;
use crate::auth::auth_record::StoredAuth;
use crate::crypto::Secret;
use crate::schema::Collection;

const NOW: DateTime = DateTime::from_unix_ms(1_700_000_000_000);

struct Case {
    session: Session,
    options: SessionOptions,
    now: DateTime,
}

impl Case {
    /// A session that began now, and its first token.
    fn begin() -> (Self, RefreshToken) {
        let record = StoredAuth {
            id: "record000000001".into(),
            email: String::new(),
            email_visibility: false,
            verified: false,
            token_key: Secret::new("key"),
            password_hash: Secret::default(),
        };
        let (options, device) = (SessionOptions::default(), crate::auth::Device::default());
        let collection = Collection::scaffold("auth");
        let (session, key) = Session::begin(&collection, &record, &options, &device, NOW);
        let token = session.token(key);
        (Self { session, options, now: NOW }, token)
    }

    fn later(&mut self, secs: i64) {
        self.now = plus_secs(self.now, secs);
    }

    /// What a client gets for a token: the next one, or why not.
    fn refresh(&mut self, shown: &RefreshToken) -> Result<RefreshToken, &'static str> {
        match self.session.judge(shown, &self.options, self.now) {
            Verdict::Rotate => {
                let device = Device::default();
                let key = self.session.rotate(shown, &self.options, &device, self.now);
                Ok(self.session.token(key))
            }
            Verdict::Repeat(key) => Ok(self.session.token(key)),
            Verdict::Refused => Err("refused"),
            Verdict::Reused => Err("reused"),
        }
    }
}

fn is_same(one: &RefreshToken, other: &RefreshToken) -> bool {
    one.to_text() == other.to_text()
}

#[test]
fn r14_ten_tabs_get_the_same_token_and_a_lost_answer_is_given_again() {
    let (mut case, first) = Case::begin();
    let second = case.refresh(&first).unwrap();
    assert!(!is_same(&first, &second));
    for _ in 0..9 {
        case.later(3);
        assert!(is_same(&case.refresh(&first).unwrap(), &second));
    }
    let third = case.refresh(&second).unwrap();
    assert_eq!(third.generation, 2);
    case.later(2);
    assert!(is_same(&case.refresh(&first).unwrap(), &third), "29 seconds after it was spent");
}

#[test]
fn r14_a_token_that_was_spent_long_ago_is_told_from_a_made_up_one() {
    let (mut case, first) = Case::begin();
    let second = case.refresh(&first).unwrap();
    case.later(30);
    assert_eq!(case.refresh(&first).err(), Some("reused"));
    let third = case.refresh(&second).unwrap();
    assert_eq!(case.refresh(&first).err(), Some("reused"));
    let made_up = |generation, key| RefreshToken::new(&case.session.id, &[9; 32], generation, key);
    let forged = made_up(0, first.key.clone());
    assert_eq!(case.refresh(&forged).err(), Some("refused"));
    let future = RefreshToken::new(&case.session.id, &case.session.salt, 9, third.key.clone());
    assert_eq!(case.refresh(&future).err(), Some("refused"));
    // Whoever reads the table can make a tag, but no key that leads to the stored hash.
    let read = RefreshToken::new(&case.session.id, &case.session.salt, 1, third.key.clone());
    assert_eq!(case.refresh(&read).err(), Some("refused"));
    assert!(case.refresh(&third).is_ok());
}

#[test]
fn many_refreshes_within_the_grace_neither_fail_nor_grow_the_row() {
    let (mut case, first) = Case::begin();
    let mut last = case.refresh(&first).unwrap();
    for _ in 0..500 {
        last = case.refresh(&last).unwrap();
    }
    assert_eq!(case.session.spent.len(), MAX_SPENT);
    assert!(is_same(&case.refresh(&first).unwrap(), &last));
    case.later(31);
    assert!(!is_same(&case.refresh(&last).unwrap(), &last));
    assert_eq!(case.session.spent.len(), 1);
}

#[test]
fn without_grace_a_token_is_good_once() {
    let (mut case, first) = Case::begin();
    case.options.grace = 0;
    let second = case.refresh(&first).unwrap();
    assert_eq!(case.refresh(&first).err(), Some("reused"));
    assert!(case.refresh(&second).is_ok());
}

#[test]
fn a_session_ends_when_it_idles_and_after_its_longest_life() {
    let (mut case, mut token) = Case::begin();
    let day = 86_400;
    for _ in 0..4 {
        case.later(20 * day);
        assert!(!case.session.is_over(&case.options, case.now));
        token = case.refresh(&token).unwrap();
    }
    assert_eq!(case.session.ends, plus_secs(NOW, 90 * day), "80 days in, ten are left");
    assert_eq!(case.session.access_until(&case.options, case.now), plus_secs(case.now, 900));
    case.later(10 * day);
    assert!(case.session.is_over(&case.options, case.now));
    let (mut case, _) = Case::begin();
    case.later(30 * day - 60);
    let end = plus_secs(NOW, 30 * day);
    assert_eq!(case.session.access_until(&case.options, case.now), end);
    case.later(60);
    assert!(case.session.is_over(&case.options, case.now));
    case.options.idle_duration *= 2;
    assert!(case.session.is_over(&case.options, case.now), "what is over stays so");
}
