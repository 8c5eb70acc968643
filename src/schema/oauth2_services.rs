//! The services one can sign in with, as far as a collection and a form need to know them
//! (contract §13).

/// A service one can sign in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// Its name in options and links.
    pub name: &'static str,
    /// Its name for people.
    pub display_name: &'static str,
    /// The colour people know it by, as six hexadecimal digits.
    color: &'static str,
}

/// All services, in the order they are shown in.
pub const SERVICES: &[Service] = &[
    service("apple", "Apple", "000000"),
    service("google", "Google", "4285f4"),
    service("microsoft", "Microsoft", "00a4ef"),
    service("yandex", "Yandex", "fc3f1d"),
    service("facebook", "Facebook", "0866ff"),
    service("instagram2", "Instagram", "d62976"),
    service("github", "GitHub", "24292f"),
    service("gitlab", "GitLab", "e24329"),
    service("bitbucket", "Bitbucket", "2684ff"),
    service("gitee", "Gitee", "c71d23"),
    service("gitea", "Gitea/Forgejo", "609926"),
    service("discord", "Discord", "5865f2"),
    service("twitter", "X/Twitter", "0f1419"),
    service("kakao", "Kakao", "3c1e1e"),
    service("vk", "ВКонтакте", "0077ff"),
    service("linear", "Linear", "5e6ad2"),
    service("notion", "Notion", "37352f"),
    service("monday", "monday.com", "f62b54"),
    service("lark", "Lark", "3370ff"),
    service("box", "Box", "0061d5"),
    service("spotify", "Spotify", "1db954"),
    service("trakt", "Trakt", "ed1c24"),
    service("twitch", "Twitch", "9146ff"),
    service("patreon", "Patreon", "ff424d"),
    service("strava", "Strava", "fc4c02"),
    service("wakatime", "WakaTime", "1a1a1a"),
    service("livechat", "LiveChat", "ff5100"),
    service("mailcow", "mailcow", "b58a00"),
    service("planningcenter", "Planning Center", "2266f7"),
    service("oidc", "OIDC", "6b7280"),
    service("oidc2", "OIDC", "6b7280"),
    service("oidc3", "OIDC", "6b7280"),
];

const fn service(name: &'static str, display_name: &'static str, color: &'static str) -> Service {
    Service { name, display_name, color }
}

/// The service of this exact name.
pub fn find(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.name == name)
}

impl Service {
    /// A plain sign in SVG: the first letter on the service's colour. The marks of the services
    /// are theirs; nobody's picture is shipped.
    pub fn logo(&self) -> String {
        let letter: String =
            self.display_name.chars().take(1).flat_map(char::to_uppercase).collect();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\">\
             <rect width=\"32\" height=\"32\" rx=\"7\" fill=\"#{}\"/>\
             <text x=\"16\" y=\"22\" text-anchor=\"middle\" font-family=\"sans-serif\" \
             font-size=\"17\" font-weight=\"700\" fill=\"#fff\">{letter}</text></svg>",
            self.color
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_has_a_name_and_a_sign_of_its_own() {
        let names: std::collections::HashSet<&str> = SERVICES.iter().map(|s| s.name).collect();
        assert_eq!(names.len(), SERVICES.len());
        assert_eq!(find("google").map(|google| google.display_name), Some("Google"));
        assert_eq!(find("Google"), None);
        for service in SERVICES {
            let logo = service.logo();
            assert!(logo.starts_with("<svg ") && logo.ends_with("</svg>"), "{logo}");
        }
    }
}
