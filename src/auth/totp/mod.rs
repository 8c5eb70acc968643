//! Authenticator apps (RFC 6238): a secret that app and server share, and a code of it every half
//! minute. Whoever confirmed one must show a code at each sign-in, whatever came first.
//!
//! # Invariants
//! - A secret leaves once, when it is made. On disk it is sealed with the key of the settings, if
//!   there is one.
//! - No code is accepted twice, nor one that is older than the last.
//! - Codes for the day the app is lost are kept as hashes, and each works once.

mod enrolment;
mod recovery;
mod stored;

use totp_rs::{Algorithm, Builder, Totp};

use crate::clock::DateTime;
use crate::error::{Error, Result};

pub use enrolment::{Drawn, ProofForm, TotpState};
pub(super) use enrolment::{attempts_of, refused};
pub(super) use stored::Stored;

/// Digits of a code.
pub const DIGITS: u8 = 6;
/// Seconds a code is shown.
pub const PERIOD: u64 = 30;
/// Steps by which the clocks of app and server may differ.
const SKEW: u16 = 1;

/// What shows that somebody has the app, or had it once.
#[derive(Clone, Copy)]
pub(super) enum Proof<'a> {
    /// The code it shows.
    App(&'a str),
    /// A code that was kept for the day it is lost.
    Recovery(&'a str),
}

/// The app of a secret in base32.
fn app(secret: &str, issuer: &str, account: &str) -> Result<Totp> {
    let secret = totp_rs::Secret::try_from_base32(secret)
        .map_err(|_| Error::internal("a secret of an authenticator app is damaged"))?;
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_skew(SKEW)
        .with_step_duration(PERIOD)
        .with_secret(secret)
        .with_issuer(Some(issuer))
        .with_account_name(account)
        .build()
        .map_err(|error| Error::internal(error.to_string()))
}

/// The step that `code` belongs to, if it is one of about now.
fn step_of(secret: &str, code: &str, now: DateTime) -> Result<Option<i64>> {
    // People type what they read, and apps show a gap in the middle.
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != usize::from(DIGITS) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let seconds = u64::try_from(now.unix_secs()).unwrap_or(0);
    let step = app(secret, "", "")?.check(&digits, seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

#[cfg(test)]
mod tests;
