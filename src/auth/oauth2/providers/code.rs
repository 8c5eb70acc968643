//! Services where code is kept.

use serde_json::Value as Json;

use crate::auth::oauth2::profile::{Demand, Shape, at, is_true, text};
use crate::auth::oauth2::provider::{Emails, Provider, When};
use crate::auth::oauth2::providers::PLAIN;

/// GitHub.
pub const GITHUB: Provider = Provider {
    name: "github",
    auth_url: "https://github.com/login/oauth/authorize",
    token_url: "https://github.com/login/oauth/access_token",
    user_info_url: "https://api.github.com/user",
    scopes: &["read:user", "user:email"],
    // The address of the public profile need not be proved: it is not looked at.
    shape: Shape {
        id: "id",
        name: &["name"],
        username: "login",
        avatar: "avatar_url",
        ..Shape::EMPTY
    },
    emails: Some(Emails {
        ending: ("", "/emails"),
        list: "",
        is_proved: |item| is_true(at(item, "primary")) && is_true(at(item, "verified")),
        when: When::Always,
        is_needed: true,
    }),
    ..PLAIN
};

/// GitLab.
pub const GITLAB: Provider = Provider {
    name: "gitlab",
    auth_url: "https://gitlab.com/oauth/authorize",
    token_url: "https://gitlab.com/oauth/token",
    user_info_url: "https://gitlab.com/api/v4/user",
    scopes: &["read_user"],
    shape: Shape {
        id: "id",
        name: &["name"],
        username: "username",
        avatar: "avatar_url",
        email: "email",
        proofs: &["confirmed_at"],
        ..Shape::EMPTY
    },
    ..PLAIN
};

/// Bitbucket.
pub const BITBUCKET: Provider = Provider {
    name: "bitbucket",
    auth_url: "https://bitbucket.org/site/oauth2/authorize",
    token_url: "https://bitbucket.org/site/oauth2/access_token",
    user_info_url: "https://api.bitbucket.org/2.0/user",
    scopes: &["account"],
    pkce: false,
    shape: Shape {
        id: "uuid",
        name: &["display_name"],
        username: "username",
        avatar: "links.avatar.href",
        demands: &[("account_status", Demand::Text("active"))],
        ..Shape::EMPTY
    },
    emails: Some(Emails {
        ending: ("", "/emails"),
        list: "values",
        is_proved: |item| is_true(at(item, "is_primary")) && is_true(at(item, "is_confirmed")),
        when: When::Always,
        is_needed: true,
    }),
    ..PLAIN
};

/// Gitee.
pub const GITEE: Provider = Provider {
    name: "gitee",
    auth_url: "https://gitee.com/oauth/authorize",
    token_url: "https://gitee.com/oauth/token",
    user_info_url: "https://gitee.com/api/v5/user",
    scopes: &["user_info", "emails"],
    shape: Shape {
        id: "id",
        name: &["name"],
        username: "login",
        avatar: "avatar_url",
        email: "email",
        ..Shape::EMPTY
    },
    emails: Some(Emails {
        ending: ("/user", "/emails"),
        list: "",
        is_proved: |item| {
            let scopes = item.get("scope").and_then(Json::as_array);
            text(item, "state") == "confirmed"
                && scopes.is_some_and(|scopes| scopes.iter().any(|scope| scope == "primary"))
        },
        when: When::Missing,
        is_needed: false,
    }),
    ..PLAIN
};

/// Gitea and Forgejo.
pub const GITEA: Provider = Provider {
    name: "gitea",
    auth_url: "https://gitea.com/login/oauth/authorize",
    token_url: "https://gitea.com/login/oauth/access_token",
    user_info_url: "https://gitea.com/api/v1/user",
    scopes: &["read:user", "user:email"],
    shape: Shape {
        id: "id",
        name: &["full_name"],
        username: "login",
        avatar: "avatar_url",
        demands: &[("active", Demand::True)],
        ..Shape::EMPTY
    },
    emails: Some(Emails {
        ending: ("", "/emails"),
        list: "",
        is_proved: |item| is_true(at(item, "primary")) && is_true(at(item, "verified")),
        when: When::Always,
        is_needed: true,
    }),
    ..PLAIN
};
