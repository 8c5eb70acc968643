//! A service as a collection set it up: its row with the overrides, and the address to send people
//! to.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use url::form_urlencoded;

use crate::auth::oauth2::provider::{Provider, Question};
use crate::auth::oauth2::{microsoft, providers};
use crate::crypto::{KEY_ALPHABET, Secret, random_text};
use crate::schema::{OAuth2Provider, oauth2_services};

/// Characters of a state.
const STATE_LENGTH: usize = 30;
/// Characters of a verifier (<https://www.rfc-editor.org/rfc/rfc7636#section-4.1>).
const VERIFIER_LENGTH: usize = 43;

/// What is in force for one service of one collection.
pub struct Setup {
    /// The service's row.
    pub provider: &'static Provider,
    /// Its name for people.
    pub display_name: String,
    /// Given by the service.
    pub client_id: String,
    /// Given by the service.
    pub client_secret: Secret,
    /// Where people agree.
    pub auth_url: String,
    /// Where a code becomes an access token.
    pub token_url: String,
    /// Who the access token belongs to, or nothing.
    pub user_info_url: String,
    /// Whether PKCE is used.
    pub pkce: bool,
    /// What only this service knows.
    pub extra: Map<String, Json>,
}

/// A service as `auth-methods` shows it, in the contract's order.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderOffer {
    name: &'static str,
    display_name: String,
    logo: String,
    state: String,
    #[serde(rename = "authURL")]
    auth_url: String,
    /// As older clients read it.
    #[serde(rename = "authUrl")]
    legacy_auth_url: String,
    code_verifier: String,
    code_challenge: String,
    code_challenge_method: &'static str,
}

impl Setup {
    /// What `options` make of their service; `None` for one that is not known or not set up.
    pub fn new(options: &OAuth2Provider) -> Option<Self> {
        let provider = providers::find(&options.name)?;
        let service = oauth2_services::find(&options.name)?;
        if options.client_id.is_empty() || options.client_secret.is_empty() {
            return None;
        }
        let or = |own: &str, default: &str| {
            if own.is_empty() { default.to_owned() } else { own.to_owned() }
        };
        Some(Self {
            provider,
            display_name: or(&options.display_name, service.display_name),
            client_id: options.client_id.clone(),
            client_secret: options.client_secret.clone(),
            auth_url: or(&options.auth_url, provider.auth_url),
            token_url: or(&options.token_url, provider.token_url),
            user_info_url: or(&options.user_info_url, provider.user_info_url),
            pkce: options.pkce.unwrap_or(provider.pkce),
            extra: options.extra.clone(),
        })
    }

    /// A text of the extra options, or nothing.
    pub fn extra(&self, name: &str) -> &str {
        self.extra.get(name).and_then(Json::as_str).unwrap_or_default()
    }

    /// What a client needs to send somebody to the service. Each call draws anew.
    pub fn offer(&self) -> ProviderOffer {
        let state = random_text(STATE_LENGTH, KEY_ALPHABET);
        let (mut verifier, mut challenge, mut method) = (String::new(), String::new(), "");
        if self.pkce {
            verifier = random_text(VERIFIER_LENGTH, KEY_ALPHABET);
            challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
            method = "S256";
        }
        let auth_url = self.address(&state, &challenge);
        let logo = oauth2_services::find(self.provider.name).map(oauth2_services::Service::logo);
        ProviderOffer {
            name: self.provider.name,
            display_name: self.display_name.clone(),
            logo: logo.unwrap_or_default(),
            state,
            legacy_auth_url: auth_url.clone(),
            auth_url,
            code_verifier: verifier,
            code_challenge: challenge,
            code_challenge_method: method,
        }
    }

    /// Where people agree, but for where they come back to: the client adds that.
    fn address(&self, state: &str, challenge: &str) -> String {
        let mut scopes = self.provider.scopes.to_vec();
        if self.provider.name == microsoft::NAME && microsoft::wants_id_token(self) {
            scopes.push("openid");
        }
        let scopes = scopes.join(" ");
        let is_posted = matches!(self.provider.question, Question::IdToken);
        // Sorted by name.
        let pairs = [
            ("client_id", self.client_id.as_str()),
            ("code_challenge", challenge),
            ("code_challenge_method", if challenge.is_empty() { "" } else { "S256" }),
            ("response_mode", if is_posted { "form_post" } else { "" }),
            ("response_type", "code"),
            ("scope", &scopes),
            ("state", state),
        ];
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
        let mark = if self.auth_url.contains('?') { '&' } else { '?' };
        format!("{}{mark}{}&redirect_uri=", self.auth_url, query.finish())
    }
}

impl ProviderOffer {
    /// As older clients know it: without the sign.
    pub fn without_logo(&self) -> Self {
        Self { logo: String::new(), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(name: &str) -> OAuth2Provider {
        OAuth2Provider {
            name: name.to_owned(),
            client_id: "c id".to_owned(),
            client_secret: Secret::new("secret"),
            ..OAuth2Provider::default()
        }
    }

    #[test]
    fn the_address_has_sorted_parameters_and_ends_where_the_client_goes_on() {
        let offer = Setup::new(&options("google")).unwrap().offer();
        assert_eq!((offer.state.len(), offer.code_verifier.len()), (30, 43));
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, offer.code_verifier.as_bytes()));
        assert_eq!(offer.code_challenge, challenge);
        let (state, scope) = (&offer.state, "https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fuserinfo.");
        assert_eq!(
            offer.auth_url,
            format!(
                "https://accounts.google.com/o/oauth2/v2/auth?client_id=c+id&code_challenge=\
                 {challenge}&code_challenge_method=S256&response_type=code&scope={scope}profile+\
                 {scope}email&state={state}&redirect_uri="
            )
        );
        assert_eq!(offer.auth_url, offer.legacy_auth_url);
    }

    #[test]
    fn what_a_collection_says_overrides_the_row() {
        let mut own = options("gitlab");
        own.auth_url = "https://git.example.com/auth?tenant=1".to_owned();
        own.token_url = "https://git.example.com/token".to_owned();
        own.user_info_url = "https://git.example.com/me".to_owned();
        own.display_name = "Our Git".to_owned();
        own.pkce = Some(false);
        let setup = Setup::new(&own).unwrap();
        assert_eq!(setup.token_url, "https://git.example.com/token");
        assert_eq!(setup.user_info_url, "https://git.example.com/me");
        let offer = setup.offer();
        assert_eq!(offer.display_name, "Our Git");
        assert_eq!(
            offer.auth_url,
            format!(
                "https://git.example.com/auth?tenant=1&client_id=c+id&response_type=code\
                 &scope=read_user&state={}&redirect_uri=",
                offer.state
            )
        );
        assert_eq!((&*offer.code_verifier, &*offer.code_challenge), ("", ""));
        assert_eq!(offer.code_challenge_method, "");
    }

    #[test]
    fn apple_posts_its_answer_and_microsoft_gives_an_id_token_on_demand() {
        let apple = Setup::new(&options("apple")).unwrap().offer();
        assert!(apple.auth_url.contains("&response_mode=form_post&response_type=code&"));
        let mut microsoft = options("microsoft");
        let plain = Setup::new(&microsoft).unwrap().offer();
        assert!(plain.auth_url.contains("&scope=User.Read&"), "{}", plain.auth_url);
        microsoft.extra.insert("idTokenEmailClaim".to_owned(), Json::from("email"));
        let with_token = Setup::new(&microsoft).unwrap().offer();
        assert!(with_token.auth_url.contains("&scope=User.Read+openid&"), "{with_token:?}");
    }

    #[test]
    fn what_is_not_set_up_is_not_offered() {
        for (name, id, secret) in [("nobody", "a", "b"), ("google", "", "b"), ("google", "a", "")] {
            let client_secret = Secret::new(secret);
            let half = OAuth2Provider { client_id: id.into(), client_secret, ..options(name) };
            assert!(Setup::new(&half).is_none(), "{name} {id} {secret}");
        }
    }
}
