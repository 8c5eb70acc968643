//! Who may call a route at all, before any rule of a collection is asked.

use crate::error::{Error, Result};
use crate::query::Caller;

/// Stands beside each route in the URL map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Rules, or nothing, decide.
    Anyone,
    /// Any record that signed in.
    SignedIn,
    /// A record of `_superusers`.
    Superuser,
}

impl Guard {
    /// # Errors
    /// 401 without a valid token, 403 with one of the wrong kind.
    pub fn check(self, caller: &Caller) -> Result<()> {
        match (self, caller) {
            (Self::Anyone, _) | (_, Caller::Superuser(_)) | (Self::SignedIn, Caller::Record(_)) => {
                Ok(())
            }
            (_, Caller::Guest) => Err(Error::sign_in_required()),
            (Self::Superuser, Caller::Record(_)) => Err(Error::forbidden(
                "The authorized record is not allowed to perform this action.",
            )),
        }
    }
}
