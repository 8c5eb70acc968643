//! Refresh tokens: what they look like, and how one leads to the next.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::crypto::{self, Secret};

/// What every refresh token begins with, for those who look for leaked ones.
const PREFIX: &str = "grs_";
/// Bytes of the id of a session.
const ID: usize = 15;
const GENERATION: usize = 4;
const KEY: usize = 32;
const TAG: usize = 16;

/// What is secret in a refresh token.
pub(super) type Key = Zeroizing<[u8; KEY]>;
/// What a session adds to that.
pub(super) type Salt = [u8; 32];

/// A refresh token.
pub(super) struct RefreshToken {
    /// The session it belongs to.
    pub session_id: String,
    /// How many tokens of the session came before it.
    pub generation: u32,
    /// 256 bits that nobody can guess.
    pub key: Key,
    tag: [u8; TAG],
}

impl RefreshToken {
    /// A token of a session.
    pub fn new(session_id: &str, salt: &Salt, generation: u32, key: Key) -> Self {
        let tag = tag(session_id, salt, generation, &key);
        Self { session_id: session_id.to_owned(), generation, key, tag }
    }

    /// Reads a token; `None` for what is none.
    pub fn parse(text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(PREFIX).filter(|rest| rest.len() <= 2 * PARTS)?;
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).ok()?);
        let (id, rest) = bytes.split_at_checked(ID)?;
        let (generation, rest) = rest.split_at_checked(GENERATION)?;
        let (key, tag) = rest.split_at_checked(KEY)?;
        Some(Self {
            session_id: std::str::from_utf8(id).ok()?.to_owned(),
            generation: u32::from_be_bytes(generation.try_into().ok()?),
            key: Zeroizing::new(key.try_into().ok()?),
            tag: tag.try_into().ok()?,
        })
    }

    /// The token as it is sent.
    pub fn to_text(&self) -> Secret {
        let mut bytes = Zeroizing::new(Vec::with_capacity(PARTS));
        bytes.extend_from_slice(self.session_id.as_bytes());
        bytes.extend_from_slice(&self.generation.to_be_bytes());
        bytes.extend_from_slice(&*self.key);
        bytes.extend_from_slice(&self.tag);
        Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&*bytes)))
    }

    /// Whether the session with this salt made it, now or long ago.
    pub fn is_of(&self, salt: &Salt) -> bool {
        let expected = tag(&self.session_id, salt, self.generation, &self.key);
        crypto::is_equal(&self.tag, &expected)
    }
}

const PARTS: usize = ID + GENERATION + KEY + TAG;

/// A key that nobody can guess.
pub(super) fn first_key() -> Key {
    Zeroizing::new(crypto::random_bytes())
}

/// The key that follows `key`: always the same one.
pub(super) fn next_key(salt: &Salt, key: &Key) -> Key {
    Zeroizing::new(crypto::authenticate(salt, &[b"next", &**key]))
}

/// What is stored of a key.
pub(super) fn hash(key: &Key) -> String {
    URL_SAFE_NO_PAD.encode(crypto::sha256(&**key))
}

/// What an old token is told by, whose hash is not stored any more.
fn tag(session_id: &str, salt: &Salt, generation: u32, key: &Key) -> [u8; TAG] {
    let parts: [&[u8]; 4] =
        [b"tag", session_id.as_bytes(), &generation.to_be_bytes(), key.as_slice()];
    let whole = crypto::authenticate(salt, &parts);
    let mut tag = [0; TAG];
    tag.copy_from_slice(&whole[..TAG]);
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: Salt = [7; 32];

    #[test]
    fn a_token_is_read_as_it_was_written_and_known_by_its_session_only() {
        let token = RefreshToken::new("abcdefghijklmno", &SALT, 3, first_key());
        let text = token.to_text();
        assert!(text.reveal().starts_with("grs_") && text.reveal().len() == 94, "{text:?}");
        let read = RefreshToken::parse(text.reveal()).unwrap();
        assert_eq!((read.session_id.as_str(), read.generation), ("abcdefghijklmno", 3));
        assert!(*read.key == *token.key && read.is_of(&SALT) && !read.is_of(&[8; 32]));
    }

    #[test]
    fn what_is_cut_or_changed_is_no_token_of_the_session() {
        let token = RefreshToken::new("abcdefghijklmno", &SALT, 3, first_key()).to_text();
        let text = token.reveal();
        for end in 0..text.len() {
            assert!(RefreshToken::parse(&text[..end]).is_none(), "cut at {end}");
        }
        for at in 0..text.len() {
            let mut changed = text.as_bytes().to_vec();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            let read = RefreshToken::parse(&changed);
            assert!(read.is_none_or(|token| !token.is_of(&SALT)), "changed at {at}");
        }
        assert!(RefreshToken::parse(&format!("{text}A")).is_none());
    }

    #[test]
    fn a_key_has_one_successor_which_needs_the_salt() {
        let key = first_key();
        assert_eq!(*next_key(&SALT, &key), *next_key(&SALT, &key));
        assert_ne!(*next_key(&SALT, &key), *next_key(&[8; 32], &key));
        assert_ne!(*next_key(&SALT, &key), *key);
        assert_ne!(hash(&key), hash(&next_key(&SALT, &key)));
    }
}
