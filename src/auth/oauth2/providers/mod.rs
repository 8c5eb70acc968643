//! The table of services: a row is all that one of them needs. Facts are from their public
//! documentation; names for people and signs are in `schema/oauth2_services.rs`.

mod code;
mod leisure;
mod open_id;
mod people;
mod work;

use crate::auth::oauth2::profile::Shape;
use crate::auth::oauth2::provider::{Provider, Question};

/// What most rows share.
pub(super) const PLAIN: Provider = Provider {
    name: "",
    auth_url: "",
    token_url: "",
    user_info_url: "",
    scopes: &[],
    pkce: true,
    question: Question::Get(|_| Vec::new()),
    shape: Shape::EMPTY,
    tune: None,
    emails: None,
};

/// Every service, in the order of the list for people.
pub static PROVIDERS: &[Provider] = &[
    people::APPLE,
    people::GOOGLE,
    people::MICROSOFT,
    people::YANDEX,
    people::FACEBOOK,
    people::INSTAGRAM2,
    code::GITHUB,
    code::GITLAB,
    code::BITBUCKET,
    code::GITEE,
    code::GITEA,
    people::DISCORD,
    people::TWITTER,
    people::KAKAO,
    people::VK,
    work::LINEAR,
    work::NOTION,
    work::MONDAY,
    work::LARK,
    work::BOX,
    leisure::SPOTIFY,
    leisure::TRAKT,
    leisure::TWITCH,
    leisure::PATREON,
    leisure::STRAVA,
    work::WAKATIME,
    work::LIVECHAT,
    work::MAILCOW,
    work::PLANNINGCENTER,
    open_id::OIDC,
    open_id::OIDC2,
    open_id::OIDC3,
];

/// The service of this exact name.
pub fn find(name: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|provider| provider.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::oauth2_services::SERVICES;

    #[test]
    fn every_service_that_can_be_chosen_has_its_row() {
        let rows: Vec<&str> = PROVIDERS.iter().map(|row| row.name).collect();
        let services: Vec<&str> = SERVICES.iter().map(|service| service.name).collect();
        assert_eq!(rows, services);
    }

    #[test]
    fn addresses_are_encrypted_and_whole() {
        for row in PROVIDERS {
            for url in [row.auth_url, row.token_url, row.user_info_url] {
                assert!(url.is_empty() || url.starts_with("https://"), "{}: {url}", row.name);
                assert!(!url.contains(' '), "{}: {url}", row.name);
            }
        }
    }
}
