//! Secrets, randomness and password hashes: the only module with a random number generator.

mod ec_key;
mod mac;
mod password;
mod password_pool;
mod popular_passwords;
mod random;
mod sealed;
mod secret;

pub use ec_key::pkcs8_pem;
pub use mac::{Sha256, authenticate, is_equal, sha256, sign};
pub use password::HashError;
pub use password_pool::{PasswordPool, PoolSize};
pub use popular_passwords::{PopularPasswords, is_common};
pub use random::{
    ID_ALPHABET, KEY_ALPHABET, ordered_id, random_below, random_bytes, random_id, random_text,
};
pub use sealed::{SealError, seal, unseal};
pub use secret::Secret;
