//! Services for leisure.

use crate::auth::oauth2::profile::Shape;
use crate::auth::oauth2::provider::{Provider, Question};
use crate::auth::oauth2::providers::PLAIN;

/// Spotify.
pub const SPOTIFY: Provider = Provider {
    name: "spotify",
    auth_url: "https://accounts.spotify.com/authorize",
    token_url: "https://accounts.spotify.com/api/token",
    user_info_url: "https://api.spotify.com/v1/me",
    // Its addresses are not proved.
    scopes: &["user-read-private"],
    shape: Shape { id: "id", name: &["display_name"], avatar: "images.0.url", ..Shape::EMPTY },
    ..PLAIN
};

/// Trakt.
pub const TRAKT: Provider = Provider {
    name: "trakt",
    auth_url: "https://trakt.tv/oauth/authorize",
    token_url: "https://api.trakt.tv/oauth/token",
    user_info_url: "https://api.trakt.tv/users/settings",
    question: Question::Get(|setup| {
        vec![
            ("Content-Type", "application/json".to_owned()),
            ("trakt-api-key", setup.client_id.clone()),
            ("trakt-api-version", "2".to_owned()),
        ]
    }),
    shape: Shape {
        id: "user.ids.uuid",
        name: &["user.name"],
        username: "user.username",
        avatar: "user.images.avatar.full",
        ..Shape::EMPTY
    },
    ..PLAIN
};

/// Twitch.
pub const TWITCH: Provider = Provider {
    name: "twitch",
    auth_url: "https://id.twitch.tv/oauth2/authorize",
    token_url: "https://id.twitch.tv/oauth2/token",
    user_info_url: "https://api.twitch.tv/helix/users",
    scopes: &["user:read:email"],
    question: Question::Get(|setup| vec![("Client-Id", setup.client_id.clone())]),
    shape: Shape {
        id: "data.0.id",
        name: &["data.0.display_name"],
        username: "data.0.login",
        avatar: "data.0.profile_image_url",
        email: "data.0.email",
        ..Shape::EMPTY
    },
    ..PLAIN
};

/// Patreon.
pub const PATREON: Provider = Provider {
    name: "patreon",
    auth_url: "https://www.patreon.com/oauth2/authorize",
    token_url: "https://www.patreon.com/api/oauth2/token",
    user_info_url: "https://www.patreon.com/api/oauth2/v2/identity?fields%5Buser%5D=\
                    full_name,email,vanity,image_url,is_email_verified",
    scopes: &["identity", "identity[email]"],
    shape: Shape {
        id: "data.id",
        name: &["data.attributes.full_name"],
        username: "data.attributes.vanity",
        avatar: "data.attributes.image_url",
        email: "data.attributes.email",
        proofs: &["data.attributes.is_email_verified"],
        ..Shape::EMPTY
    },
    ..PLAIN
};

/// Strava.
pub const STRAVA: Provider = Provider {
    name: "strava",
    auth_url: "https://www.strava.com/oauth/authorize",
    token_url: "https://www.strava.com/api/v3/oauth/token",
    user_info_url: "https://www.strava.com/api/v3/athlete",
    scopes: &["profile:read_all"],
    shape: Shape {
        id: "id",
        name: &["firstname", "lastname"],
        username: "username",
        avatar: "profile",
        ..Shape::EMPTY
    },
    ..PLAIN
};
