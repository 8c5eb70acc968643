//! Services where people have their account.

use crate::auth::oauth2::microsoft;
use crate::auth::oauth2::profile::{Profile, Shape, at, is_true, text};
use crate::auth::oauth2::provider::{Answered, Provider, Question};
use crate::auth::oauth2::providers::PLAIN;

/// Apple.
pub const APPLE: Provider = Provider {
    name: "apple",
    auth_url: "https://appleid.apple.com/auth/authorize",
    token_url: "https://appleid.apple.com/auth/token",
    scopes: &["name", "email"],
    question: Question::IdToken,
    shape: Shape {
        id: "sub",
        name: &["name"],
        email: "email",
        proofs: &["email_verified"],
        ..Shape::EMPTY
    },
    ..PLAIN
};

/// Google.
pub const GOOGLE: Provider = Provider {
    name: "google",
    auth_url: "https://accounts.google.com/o/oauth2/v2/auth",
    token_url: "https://oauth2.googleapis.com/token",
    user_info_url: "https://www.googleapis.com/oauth2/v3/userinfo",
    scopes: &[
        "https://www.googleapis.com/auth/userinfo.profile",
        "https://www.googleapis.com/auth/userinfo.email",
    ],
    shape: Shape {
        id: "sub",
        name: &["name"],
        avatar: "picture",
        email: "email",
        proofs: &["email_verified"],
        ..Shape::EMPTY
    },
    ..PLAIN
};

/// Microsoft.
pub const MICROSOFT: Provider = Provider {
    name: "microsoft",
    auth_url: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
    token_url: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
    user_info_url: "https://graph.microsoft.com/v1.0/me",
    scopes: &["User.Read"],
    shape: Shape { id: "id", name: &["displayName"], email: "mail", ..Shape::EMPTY },
    tune: Some(microsoft::pick_email),
    ..PLAIN
};

/// Yandex.
pub const YANDEX: Provider = Provider {
    name: "yandex",
    auth_url: "https://oauth.yandex.com/authorize",
    token_url: "https://oauth.yandex.com/token",
    user_info_url: "https://login.yandex.ru/info",
    scopes: &["login:email", "login:avatar", "login:info"],
    shape: Shape {
        id: "id",
        name: &["real_name"],
        username: "login",
        email: "default_email",
        ..Shape::EMPTY
    },
    tune: Some(|profile, answered| {
        let avatar = text(answered.user, "default_avatar_id");
        if !is_true(at(answered.user, "is_avatar_empty")) && !avatar.is_empty() {
            profile.avatar_url =
                format!("https://avatars.yandex.net/get-yapic/{avatar}/islands-200");
        }
    }),
    ..PLAIN
};

/// Facebook.
pub const FACEBOOK: Provider = Provider {
    name: "facebook",
    auth_url: "https://www.facebook.com/v3.2/dialog/oauth",
    token_url: "https://graph.facebook.com/v3.2/oauth/access_token",
    user_info_url: "https://graph.facebook.com/me?fields=name,email,picture.type(large)",
    scopes: &["email"],
    shape: Shape {
        id: "id",
        name: &["name"],
        avatar: "picture.data.url",
        email: "email",
        ..Shape::EMPTY
    },
    ..PLAIN
};

/// Instagram.
pub const INSTAGRAM2: Provider = Provider {
    name: "instagram2",
    auth_url: "https://www.instagram.com/oauth/authorize",
    token_url: "https://api.instagram.com/oauth/access_token",
    user_info_url: "https://graph.instagram.com/me?fields=id,username,account_type,user_id,\
                    name,profile_picture_url,followers_count,follows_count,media_count",
    scopes: &["instagram_business_basic"],
    shape: Shape {
        id: "user_id",
        name: &["name"],
        username: "username",
        avatar: "profile_picture_url",
        ..Shape::EMPTY
    },
    ..PLAIN
};

/// Discord.
pub const DISCORD: Provider = Provider {
    name: "discord",
    auth_url: "https://discord.com/api/oauth2/authorize",
    token_url: "https://discord.com/api/oauth2/token",
    user_info_url: "https://discord.com/api/users/@me",
    scopes: &["identify", "email"],
    shape: Shape {
        id: "id",
        name: &["global_name"],
        username: "username",
        email: "email",
        proofs: &["verified"],
        ..Shape::EMPTY
    },
    tune: Some(discord),
    ..PLAIN
};

/// X.
pub const TWITTER: Provider = Provider {
    name: "twitter",
    auth_url: "https://x.com/i/oauth2/authorize",
    token_url: "https://api.x.com/2/oauth2/token",
    user_info_url: "https://api.x.com/2/users/me?user.fields=id,name,username,\
                    profile_image_url,confirmed_email",
    scopes: &["users.read", "users.email", "tweet.read"],
    shape: Shape {
        id: "data.id",
        name: &["data.name"],
        username: "data.username",
        avatar: "data.profile_image_url",
        email: "data.confirmed_email",
        ..Shape::EMPTY
    },
    ..PLAIN
};

/// Kakao.
pub const KAKAO: Provider = Provider {
    name: "kakao",
    auth_url: "https://kauth.kakao.com/oauth/authorize",
    token_url: "https://kauth.kakao.com/oauth/token",
    user_info_url: "https://kapi.kakao.com/v2/user/me",
    scopes: &["account_email", "profile_nickname", "profile_image"],
    shape: Shape {
        id: "id",
        username: "properties.nickname",
        avatar: "properties.profile_image",
        email: "kakao_account.email",
        proofs: &["kakao_account.is_email_valid", "kakao_account.is_email_verified"],
        ..Shape::EMPTY
    },
    ..PLAIN
};

/// VK.
pub const VK: Provider = Provider {
    name: "vk",
    auth_url: "https://oauth.vk.com/authorize",
    token_url: "https://oauth.vk.com/access_token",
    user_info_url: "https://api.vk.com/method/users.get?fields=photo_max,screen_name&v=5.131",
    scopes: &["email"],
    pkce: false,
    shape: Shape {
        id: "response.0.id",
        name: &["response.0.first_name", "response.0.last_name"],
        username: "response.0.screen_name",
        avatar: "response.0.photo_max",
        ..Shape::EMPTY
    },
    // The address comes with the token.
    tune: Some(|profile, answered| profile.email = text(&answered.grant.raw, "email")),
    ..PLAIN
};

/// Older accounts have a number beside their name, and a picture is a hash.
fn discord(profile: &mut Profile, answered: &Answered<'_>) {
    let avatar = text(answered.user, "avatar");
    if !avatar.is_empty() {
        let id = &profile.id;
        profile.avatar_url = format!("https://cdn.discordapp.com/avatars/{id}/{avatar}.png");
    }
    if profile.name.is_empty() {
        let number = text(answered.user, "discriminator");
        profile.name.clone_from(&profile.username);
        if !matches!(number.as_str(), "" | "0") {
            profile.name = format!("{}#{number}", profile.username);
        }
    }
}
