//! What the program knows of a service that one can sign in with: the shape of a row of the table.

use serde_json::Value as Json;

use crate::auth::oauth2::exchange::Grant;
use crate::auth::oauth2::profile::{Profile, Shape};
use crate::auth::oauth2::setup::Setup;

/// One service. Addresses and PKCE can be overridden per collection.
pub struct Provider {
    /// Its name in options and links.
    pub name: &'static str,
    /// Where people agree.
    pub auth_url: &'static str,
    /// Where a code becomes an access token.
    pub token_url: &'static str,
    /// Who the access token belongs to; empty where an id token says it.
    pub user_info_url: &'static str,
    /// What is asked for.
    pub scopes: &'static [&'static str],
    /// Whether it knows PKCE.
    pub pkce: bool,
    /// How its user is asked for.
    pub question: Question,
    /// Where the answer has what.
    pub shape: Shape,
    /// What no path can say: changes what was read.
    pub tune: Option<fn(&mut Profile, &Answered<'_>)>,
    /// Where its addresses of mail are, when the answer does not have them.
    pub emails: Option<Emails>,
}

/// How the user of an access token is asked for.
pub enum Question {
    /// A GET request, with these headers beside the token.
    Get(fn(&Setup) -> Vec<(&'static str, String)>),
    /// A query in a POST request.
    GraphQl(&'static str),
    /// The id token says it, whatever address is set.
    IdToken,
    /// A GET request where an address is set, else the id token.
    GetOrIdToken,
}

/// A second request for the addresses of mail: its URL is that of the user with an ending.
pub struct Emails {
    /// Replaces the end of the user's URL.
    pub ending: (&'static str, &'static str),
    /// Where the list is in the answer.
    pub list: &'static str,
    /// Whether an item of the list is the address that counts, and is proved.
    pub is_proved: fn(&Json) -> bool,
    /// When it is asked for.
    pub when: When,
    /// Without an answer nobody signs in; else somebody does, without an address.
    pub is_needed: bool,
}

/// See [`Emails::when`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// The user's answer had no address.
    Missing,
}

/// What [`Provider::tune`] may look at.
pub struct Answered<'a> {
    /// The user as the service sent it.
    pub user: &'a Json,
    /// The answer to the code.
    pub grant: &'a Grant,
    /// The addresses and ids in force.
    pub setup: &'a Setup,
}
