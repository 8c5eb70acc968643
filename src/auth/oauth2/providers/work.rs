//! Services for work.

use crate::auth::oauth2::profile::{Demand, Shape, at, is_true, text};
use crate::auth::oauth2::provider::{Provider, Question};
use crate::auth::oauth2::providers::PLAIN;

/// Linear.
pub const LINEAR: Provider = Provider {
    name: "linear",
    auth_url: "https://linear.app/oauth/authorize",
    token_url: "https://api.linear.app/oauth/token",
    user_info_url: "https://api.linear.app/graphql",
    scopes: &["read"],
    pkce: false,
    question: Question::GraphQl("{ viewer { id displayName name email avatarUrl active } }"),
    shape: Shape {
        id: "data.viewer.id",
        name: &["data.viewer.name"],
        username: "data.viewer.displayName",
        avatar: "data.viewer.avatarUrl",
        email: "data.viewer.email",
        demands: &[("data.viewer.active", Demand::True)],
        ..Shape::EMPTY
    },
    ..PLAIN
};

/// Notion.
pub const NOTION: Provider = Provider {
    name: "notion",
    auth_url: "https://api.notion.com/v1/oauth/authorize",
    token_url: "https://api.notion.com/v1/oauth/token",
    user_info_url: "https://api.notion.com/v1/users/me",
    question: Question::Get(|_| vec![("Notion-Version", "2022-06-28".to_owned())]),
    shape: Shape {
        id: "bot.owner.user.id",
        name: &["bot.owner.user.name"],
        avatar: "bot.owner.user.avatar_url",
        email: "bot.owner.user.person.email",
        ..Shape::EMPTY
    },
    ..PLAIN
};

/// monday.com.
pub const MONDAY: Provider = Provider {
    name: "monday",
    auth_url: "https://auth.monday.com/oauth2/authorize",
    token_url: "https://auth.monday.com/oauth2/token",
    user_info_url: "https://api.monday.com/v2",
    scopes: &["me:read"],
    question: Question::GraphQl("{ me { id enabled name email is_verified photo_small } }"),
    shape: Shape {
        id: "data.me.id",
        name: &["data.me.name"],
        avatar: "data.me.photo_small",
        email: "data.me.email",
        proofs: &["data.me.is_verified"],
        demands: &[("data.me.enabled", Demand::True)],
        ..Shape::EMPTY
    },
    ..PLAIN
};

/// Lark and Feishu.
pub const LARK: Provider = Provider {
    name: "lark",
    auth_url: "https://accounts.feishu.cn/open-apis/authen/v1/authorize",
    token_url: "https://open.feishu.cn/open-apis/authen/v2/oauth/token",
    user_info_url: "https://open.feishu.cn/open-apis/authen/v1/user_info",
    // Its addresses are not proved. The union id is the same for all apps of a developer.
    shape: Shape {
        id: "data.union_id",
        name: &["data.name"],
        avatar: "data.avatar_url",
        ..Shape::EMPTY
    },
    ..PLAIN
};

/// Box.
pub const BOX: Provider = Provider {
    name: "box",
    auth_url: "https://account.box.com/api/oauth2/authorize",
    token_url: "https://api.box.com/oauth2/token",
    user_info_url: "https://api.box.com/2.0/users/me",
    scopes: &["root_readonly"],
    shape: Shape {
        id: "id",
        name: &["name"],
        avatar: "avatar_url",
        email: "login",
        demands: &[("status", Demand::Text("active"))],
        ..Shape::EMPTY
    },
    ..PLAIN
};

/// WakaTime.
pub const WAKATIME: Provider = Provider {
    name: "wakatime",
    auth_url: "https://wakatime.com/oauth/authorize",
    token_url: "https://wakatime.com/oauth/token",
    user_info_url: "https://wakatime.com/api/v1/users/current",
    scopes: &["email"],
    shape: Shape {
        id: "data.id",
        name: &["data.display_name"],
        username: "data.username",
        email: "data.email",
        proofs: &["data.is_email_confirmed"],
        ..Shape::EMPTY
    },
    tune: Some(|profile, answered| {
        if is_true(at(answered.user, "data.photo_public")) {
            profile.avatar_url = text(answered.user, "data.photo");
        }
    }),
    ..PLAIN
};

/// LiveChat.
pub const LIVECHAT: Provider = Provider {
    name: "livechat",
    auth_url: "https://accounts.livechat.com/",
    token_url: "https://accounts.livechat.com/token",
    user_info_url: "https://accounts.livechat.com/v2/accounts/me",
    shape: Shape {
        id: "account_id",
        name: &["name"],
        avatar: "avatar_url",
        email: "email",
        proofs: &["email_verified"],
        ..Shape::EMPTY
    },
    ..PLAIN
};

/// mailcow.
pub const MAILCOW: Provider = Provider {
    name: "mailcow",
    scopes: &["profile"],
    shape: Shape {
        id: "id",
        name: &["full_name"],
        username: "username",
        email: "email",
        demands: &[("active", Demand::Number(1))],
        ..Shape::EMPTY
    },
    ..PLAIN
};

/// Planning Center.
pub const PLANNINGCENTER: Provider = Provider {
    name: "planningcenter",
    auth_url: "https://api.planningcenteronline.com/oauth/authorize",
    token_url: "https://api.planningcenteronline.com/oauth/token",
    user_info_url: "https://api.planningcenteronline.com/people/v2/me",
    scopes: &["people"],
    shape: Shape {
        id: "data.id",
        name: &["data.attributes.name"],
        avatar: "data.attributes.avatar",
        demands: &[("data.attributes.status", Demand::Text("active"))],
        ..Shape::EMPTY
    },
    ..PLAIN
};
