//! Who is calling, and how they prove it.
//!
//! # Invariants
//! - A token is accepted for one purpose, one collection and one record, and is signed with a key
//!   whose two halves can each be changed to revoke it. The store knows of a sign-in only where
//!   it began a session.
//! - A bad token makes a guest; it never fails a request.
//! - Whether an identity exists shows neither in an answer nor in the time it takes.
//! - No password, hash, token or code reaches a log or an error.

mod attempts;
mod auth_record;
mod brake;
mod caller;
mod caller_cache;
pub mod claims;
mod conclude;
mod email_change;
mod errands;
mod expired;
mod file_token;
mod letters;
mod mailed;
pub mod methods;
mod mfa;
pub mod oauth2;
mod offer;
mod one_time_code;
mod origins;
mod otp_request;
mod parts;
mod password_reset;
mod resend;
mod sessions;
mod sign_in;
mod standing;
mod superuser;
mod test_letter;
pub mod token;
mod totp;
mod verification;

pub use email_change::{EmailChangeForm, NewEmailForm};
pub use mailed::EmailForm;
pub use methods::oauth2::{Meta as OAuth2Meta, OAuth2Form};
pub use methods::otp::OtpForm;
pub use methods::password::PasswordForm;
pub use oauth2::apple::SecretForm as AppleSecretForm;
pub use offer::AuthOffer;
pub use parts::{Auth, AuthParts};
pub use password_reset::PasswordResetForm;
pub use sessions::{SessionEntry, SessionPage};
pub use sign_in::{Attempt, Device, SignIn, SignedIn};
pub use standing::Standing;
pub use superuser::{OneTimePassword, Superusers};
pub use test_letter::TestLetterForm;
pub use totp::{Drawn, ProofForm, TotpState};
pub use verification::VerificationForm;

#[cfg(test)]
mod testing;
