//! Password hashes: argon2id for new ones, bcrypt for those that were made elsewhere.
//!
//! Both are slow on purpose; [`crate::crypto::PasswordPool`] decides where they run.

use std::time::Duration;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;

use crate::clock::Stopwatch;
use crate::crypto::Secret;
use crate::crypto::random::random_bytes;

/// Memory of one hash in KiB, fewest passes, lanes: what OWASP recommends for argon2id.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const OUTPUT_BYTES: usize = 32;
/// The most passes that new hashes take.
const MOST_PASSES: u32 = 8;
/// How long a hash should take at least: a fast machine makes more passes in it.
const TARGET: Duration = Duration::from_millis(25);
/// A stored hash may ask for this much at most; one that asks for more fits no password.
const MAX_MEMORY_KIB: u32 = 262_144;
const MAX_PASSES: u32 = 16;
/// bcrypt takes 2^cost rounds: about eight seconds here, with each step twice the one before.
const MAX_BCRYPT_COST: u32 = 17;
/// bcrypt looks at no more than this.
const BCRYPT_BYTES: usize = 72;

/// The memory argon2 works in, kept from hash to hash so that a login does not allocate 19 MiB.
#[derive(Default)]
pub(super) struct Scratch {
    blocks: Vec<Block>,
}

impl Scratch {
    fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.blocks.len() < count {
            self.blocks.resize(count, Block::new());
        }
        &mut self.blocks[..count]
    }

    /// Gives back what an unusually hungry hash made it grow to.
    fn trim(&mut self) {
        let usual = Cost::default().params().block_count();
        if self.blocks.len() > usual {
            self.blocks.truncate(usual);
            self.blocks.shrink_to_fit();
        }
    }
}

/// Hashes a password with argon2id and a salt of its own, as a PHC string.
pub(super) fn hash_password(
    password: &Secret,
    cost: Cost,
    scratch: &mut Scratch,
) -> Result<String, HashError> {
    let salt: [u8; Salt::RECOMMENDED_LENGTH] = random_bytes();
    let mut output = [0_u8; OUTPUT_BYTES];
    argon2id(cost.params(), password, &salt, &mut output, scratch)?;
    phc(cost, &salt, &output)
}

/// A hash no password fits, which takes as long to refuse as a true one.
pub(super) fn unmatchable_hash(cost: Cost) -> Result<String, HashError> {
    phc(cost, &random_bytes::<{ Salt::RECOMMENDED_LENGTH }>(), &random_bytes::<OUTPUT_BYTES>())
}

/// Whether `password` is the one that `hash` was made from. What is no hash fits no password.
pub(super) fn verify_password(password: &Secret, hash: &str, scratch: &mut Scratch) -> bool {
    match hash.get(..4) {
        Some("$2a$" | "$2b$" | "$2y$") => verify_bcrypt(password, hash),
        _ => verify_argon2id(password, hash, scratch).unwrap_or(false),
    }
}

/// True for a hash that is not argon2id, or one that costs less than `cost`.
pub(super) fn needs_rehash(hash: &str, cost: Cost) -> bool {
    let Ok(parsed) = PasswordHash::new(hash) else { return true };
    let Ok(params) = Params::try_from(&parsed) else { return true };
    parsed.algorithm != ARGON2ID_IDENT
        || params.m_cost() < MEMORY_KIB
        || params.t_cost() < cost.0
        || parsed.version != Some(Version::V0x13.into())
}

/// A hash could not be made: the parameters do not suit the library, or memory ran out.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct HashError(&'static str);

/// What a new hash costs, in passes over its memory: never less than OWASP recommends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost(u32);

impl Default for Cost {
    fn default() -> Self {
        Self(PASSES)
    }
}

impl Cost {
    /// So many passes, within the bounds.
    pub fn of_passes(passes: u32) -> Self {
        Self(passes.clamp(PASSES, MOST_PASSES))
    }

    /// How many passes.
    pub fn passes(self) -> u32 {
        self.0
    }

    /// As many passes as fit into the time that a hash should take, given that those of the least
    /// cost took `least`.
    fn fitting(least: Duration) -> Self {
        let pass = least / PASSES;
        let passes = TARGET.as_micros() / pass.as_micros().max(1);
        Self::of_passes(passes.try_into().unwrap_or(MOST_PASSES))
    }

    /// What this machine can afford: measured, on the thread that asks.
    pub fn measured(scratch: &mut Scratch) -> Result<Self, HashError> {
        let password = Secret::new("measured");
        let mut fastest = Duration::MAX;
        // The first one also takes the memory from the system.
        for _ in 0..3 {
            let watch = Stopwatch::start();
            hash_password(&password, Self::default(), scratch)?;
            fastest = fastest.min(watch.elapsed());
        }
        Ok(Self::fitting(fastest))
    }

    fn params(self) -> Params {
        Params::new(MEMORY_KIB, self.0, LANES, Some(OUTPUT_BYTES))
            .expect("invariant: the constants above are within argon2's bounds")
    }
}

fn phc(cost: Cost, salt: &[u8], output: &[u8]) -> Result<String, HashError> {
    let hash = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&cost.params()).map_err(|_| HashError("parameters"))?,
        salt: Some(Salt::new(salt).map_err(|_| HashError("salt"))?),
        hash: Some(Output::new(output).map_err(|_| HashError("output"))?),
    };
    Ok(hash.to_string())
}

fn argon2id(
    params: Params,
    password: &Secret,
    salt: &[u8],
    output: &mut [u8],
    scratch: &mut Scratch,
) -> Result<(), HashError> {
    let blocks = params.block_count();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let password = password.reveal().as_bytes();
    let done =
        argon2.hash_password_into_with_memory(password, salt, output, scratch.blocks(blocks));
    scratch.trim();
    done.map_err(|_| HashError("argon2id"))
}

fn verify_argon2id(password: &Secret, hash: &str, scratch: &mut Scratch) -> Option<bool> {
    let parsed = PasswordHash::new(hash).ok()?;
    let params = Params::try_from(&parsed).ok()?;
    let own = parsed.algorithm == ARGON2ID_IDENT
        && parsed.version == Some(Version::V0x13.into())
        && params.m_cost() <= MAX_MEMORY_KIB
        && params.t_cost() <= MAX_PASSES;
    if !own {
        return None;
    }
    let (salt, expected) = (parsed.salt?, parsed.hash?);
    let mut output = vec![0_u8; expected.len()];
    argon2id(params, password, &salt, &mut output, scratch).ok()?;
    Some(output.ct_eq(expected.as_bytes()).into())
}

/// bcrypt cuts a password at 72 bytes; here a longer one never fits, but costs the same time.
fn verify_bcrypt(password: &Secret, hash: &str) -> bool {
    let cost = hash.get(4..6).and_then(|cost| cost.parse::<u32>().ok());
    if cost.is_none_or(|cost| cost > MAX_BCRYPT_COST) {
        return false;
    }
    let fits = bcrypt::verify(password.reveal(), hash).unwrap_or(false);
    fits && password.reveal().len() <= BCRYPT_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(password: &str, hash: &str) -> bool {
        verify_password(&Secret::new(password), hash, &mut Scratch::default())
    }

    #[test]
    fn a_hash_fits_its_own_password_only() {
        let mut scratch = Scratch::default();
        let hash =
            hash_password(&Secret::new("correct horse"), Cost::default(), &mut scratch).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify_password(&Secret::new("correct horse"), &hash, &mut scratch));
        assert!(!verify_password(&Secret::new("Correct horse"), &hash, &mut scratch));
        assert!(!verify_password(&Secret::new(""), &hash, &mut scratch));
        assert!(!needs_rehash(&hash, Cost::default()));
        let again =
            hash_password(&Secret::new("correct horse"), Cost::default(), &mut scratch).unwrap();
        assert_ne!(hash, again, "each hash has a salt of its own");
    }

    #[test]
    fn argon2id_vectors_of_other_makers_fit() {
        // From the reference implementation: echo -n password | argon2 somesalt -id -t 2 -m 8.
        let hash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$\
                    nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        assert!(fits("password", hash));
        assert!(!fits("passwore", hash));
        assert!(needs_rehash(hash, Cost::default()), "weaker than ours");
    }

    #[test]
    fn bcrypt_of_each_prefix_fits_and_wants_a_new_hash() {
        let tail = "$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        for prefix in ["$2a", "$2b", "$2y"] {
            let hash = format!("{prefix}{tail}");
            assert!(fits("U*U", &hash), "{hash}");
            assert!(!fits("U*", &hash), "{hash}");
            assert!(needs_rehash(&hash, Cost::default()));
        }
        assert!(!fits("U*U", &format!("$2x{tail}")), "the variant with the sign mistake");
    }

    #[test]
    fn bcrypt_takes_72_bytes_and_no_more() {
        let longest = "x".repeat(BCRYPT_BYTES);
        let hash = bcrypt::hash(&longest, 4).unwrap();
        assert!(fits(&longest, &hash));
        assert!(!fits(&"x".repeat(BCRYPT_BYTES - 1), &hash));
        assert!(!fits(&"x".repeat(BCRYPT_BYTES + 1), &hash), "the cut must not let it in");
    }

    #[test]
    fn what_is_no_hash_or_asks_too_much_fits_nothing() {
        let output = "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        let hungry = format!("$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ${output}");
        let endless = format!("$argon2id$v=19$m=256,t=9999999,p=1$c29tZXNhbHQ${output}");
        for hash in [
            "",
            "plain",
            "$2a$",
            "$2a$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY",
            hungry.as_str(),
            endless.as_str(),
        ] {
            assert!(!fits("password", hash), "{hash}");
        }
    }

    #[test]
    fn the_unmatchable_hash_costs_the_same_and_fits_nothing() {
        let hash = unmatchable_hash(Cost::default()).unwrap();
        assert!(!needs_rehash(&hash, Cost::default()), "same parameters, so the same work");
        assert!(!fits("password", &hash));
        assert!(!fits("", &hash));
    }

    #[test]
    fn a_fast_machine_makes_more_passes_and_none_makes_too_few() {
        for (ms, passes) in [(1000, 2), (26, 2), (25, 2), (16, 3), (10, 5), (1, 8), (0, 8)] {
            assert_eq!(Cost::fitting(Duration::from_millis(ms)).passes(), passes, "{ms} ms");
        }
        for (asked, passes) in [(0, 2), (1, 2), (3, 3), (u32::MAX, 8)] {
            assert_eq!(Cost::of_passes(asked).passes(), passes);
        }
        let mut scratch = Scratch::default();
        let measured = Cost::measured(&mut scratch).unwrap();
        assert!((PASSES..=MOST_PASSES).contains(&measured.passes()));
        let password = Secret::new("correct horse");
        let dear = hash_password(&password, Cost::of_passes(3), &mut scratch).unwrap();
        assert!(dear.starts_with("$argon2id$v=19$m=19456,t=3,p=1$"), "{dear}");
        assert!(verify_password(&password, &dear, &mut scratch));
        assert!(!needs_rehash(&dear, Cost::default()), "dearer is good enough");
        assert!(needs_rehash(&dear, Cost::of_passes(4)));
    }
}
