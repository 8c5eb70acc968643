//! From an access token to the person it belongs to.

use serde_json::{Value as Json, json};

use crate::auth::oauth2::exchange::{Grant, LIMIT, MAX_ANSWER, Refusal};
use crate::auth::oauth2::id_token;
use crate::auth::oauth2::profile::{Profile, at, text};
use crate::auth::oauth2::provider::{Answered, Emails, Question, When};
use crate::auth::oauth2::setup::Setup;
use crate::clock::Clock;
use crate::outgoing::{Fetch, Outgoing};
use crate::schema::address;

/// Asks the service whose token it gave.
///
/// # Errors
/// The service does not say, or describes nobody who may sign in.
pub async fn user(
    outgoing: &Outgoing,
    clock: &Clock,
    setup: &Setup,
    grant: &Grant,
) -> Result<Profile, Refusal> {
    let provider = setup.provider;
    let by_id_token = match provider.question {
        Question::IdToken => true,
        Question::GetOrIdToken => setup.user_info_url.is_empty(),
        Question::Get(_) | Question::GraphQl(_) => false,
    };
    let user = if by_id_token {
        id_token::claims(outgoing, setup, &grant.id_token, clock.now()).await?
    } else {
        let request = question(setup, grant, &setup.user_info_url);
        ask(outgoing, request).await?
    };
    let profile = provider.shape.read(&user);
    let mut profile = profile.ok_or_else(|| Refusal::new("the account may not be used"))?;
    if let Some(emails) = &provider.emails {
        add_email(&mut profile, outgoing, setup, grant, emails).await?;
    }
    if let Some(tune) = provider.tune {
        tune(&mut profile, &Answered { user: &user, grant, setup });
    }
    if profile.id.is_empty() {
        return Err(Refusal::new("the service names no id"));
    }
    if !address::is_email(&profile.email) {
        profile.email.clear();
    }
    Ok(profile)
}

fn question(setup: &Setup, grant: &Grant, url: &str) -> Fetch {
    let bearer = format!("Bearer {}", grant.access_token.reveal());
    let mut headers = vec![
        ("Accept".to_owned(), "application/json".to_owned()),
        ("Authorization".to_owned(), bearer),
    ];
    let mut body = None;
    match setup.provider.question {
        Question::Get(own) => {
            headers.extend(own(setup).into_iter().map(|(name, value)| (name.to_owned(), value)));
        }
        Question::GraphQl(query) => {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
            body = Some(json!({ "query": query }).to_string());
        }
        Question::IdToken | Question::GetOrIdToken => {}
    }
    Fetch { url: url.to_owned(), headers, body, limit: LIMIT, max_size: MAX_ANSWER }
}

async fn ask(outgoing: &Outgoing, request: Fetch) -> Result<Json, Refusal> {
    let answer = outgoing.fetch(request).await.map_err(Refusal::new)?;
    if !(200..300).contains(&answer.status) {
        return Err(Refusal(format!("the user endpoint answered {}", answer.status)));
    }
    serde_json::from_slice(&answer.bytes)
        .map_err(|_| Refusal::new("the user endpoint did not answer with JSON"))
}

/// Looks for the address that counts in the list of all.
async fn add_email(
    profile: &mut Profile,
    outgoing: &Outgoing,
    setup: &Setup,
    grant: &Grant,
    emails: &Emails,
) -> Result<(), Refusal> {
    if emails.when == When::Missing && address::is_email(&profile.email) {
        return Ok(());
    }
    profile.email.clear();
    let (end, ending) = emails.ending;
    let base = setup.user_info_url.strip_suffix(end).unwrap_or(&setup.user_info_url);
    let request = question(setup, grant, &format!("{base}{ending}"));
    let answer = match ask(outgoing, request).await {
        Ok(answer) => answer,
        Err(error) if emails.is_needed => return Err(error),
        Err(_) => return Ok(()),
    };
    let list = at(&answer, emails.list).and_then(Json::as_array);
    let Some(list) = list else {
        let reason = "the endpoint of addresses did not answer with a list";
        return if emails.is_needed { Err(Refusal::new(reason)) } else { Ok(()) };
    };
    let found = list.iter().find(|item| (emails.is_proved)(item));
    profile.email = found.map(|item| text(item, "email")).unwrap_or_default();
    Ok(())
}
