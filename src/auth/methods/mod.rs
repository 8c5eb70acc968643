//! The ways to sign in, one file each.

pub mod oauth2;
pub mod otp;
pub mod password;
pub mod totp;

use crate::schema::AuthOptions;

/// A way to sign in.
pub struct AuthMethod {
    /// As it is kept with a half-done sign-in.
    pub name: &'static str,
    /// Whether a collection lets its records use it.
    pub is_enabled: fn(&AuthOptions) -> bool,
}

/// Every way there is.
pub const AUTH_METHODS: &[AuthMethod] =
    &[password::METHOD, oauth2::METHOD, otp::METHOD, totp::METHOD];
