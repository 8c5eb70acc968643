//! What an auth collection asks of a new password beside what its field says.

use crate::codes::Code;
use crate::crypto;
use crate::error::Issue;
use crate::schema::Collection;

/// What the policy of a collection has against a password, as it was typed.
pub(crate) fn check_policy(collection: &Collection, password: &str) -> Result<(), Issue> {
    let Some(policy) = collection.auth().map(|options| &options.password_policy) else {
        return Ok(());
    };
    let min = usize::try_from(policy.min_length).unwrap_or(0);
    if password.chars().count() < min {
        let message = format!("Must be at least {min} character(s).");
        return Err(Issue::with_message(Code::MinTextConstraint, message).param("min", min));
    }
    if policy.refuse_common && crypto::is_common(password) {
        return Err(Issue::new(Code::PasswordTooCommon));
    }
    Ok(())
}
