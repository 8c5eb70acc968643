//! Any service that speaks OpenID Connect, as a collection describes it.

use crate::auth::oauth2::profile::Shape;
use crate::auth::oauth2::provider::{Provider, Question};
use crate::auth::oauth2::providers::PLAIN;

/// A service that speaks OpenID Connect, as a collection describes it.
const ANY: Provider = Provider {
    scopes: &["openid", "email", "profile"],
    question: Question::GetOrIdToken,
    shape: Shape {
        id: "sub",
        name: &["name"],
        username: "preferred_username",
        avatar: "picture",
        email: "email",
        proofs: &["email_verified"],
        demands: &[],
    },
    ..PLAIN
};

/// OpenID Connect.
pub const OIDC: Provider = Provider { name: "oidc", ..ANY };

/// A second one.
pub const OIDC2: Provider = Provider { name: "oidc2", ..ANY };

/// A third one.
pub const OIDC3: Provider = Provider { name: "oidc3", ..ANY };
