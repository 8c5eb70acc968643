//! `POST /api/realtime`: replaces what a client follows, and whom it stands for.

use serde::Deserialize;

use crate::codes::Code;
use crate::error::{Error, FieldErrors, Issue, Kind, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::realtime::{MAX_TOPICS, Refusal};

/// Characters of a client's id.
const MAX_CLIENT_ID: usize = 255;
/// Characters of one subscription.
const MAX_TOPIC: usize = 2500;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Sent {
    client_id: String,
    subscriptions: Vec<String>,
}

/// Takes the place of all earlier subscriptions of the client.
pub async fn run(mut request: Request) -> Result<Reply> {
    let form = request.form().await.map_err(unreadable)?.with_lists(&["subscriptions"]);
    let sent: Sent = form.read(&["clientId", "subscriptions"]).map_err(unreadable)?;
    check(&sent)?;
    let header = request.header("authorization").map(str::to_owned);
    let standing = request.app.auth.standing(header.as_deref()).await;
    let (realtime, address) = (&request.app.realtime, request.real_ip());
    realtime
        .subscribe(&sent.client_id, &address, standing, &sent.subscriptions)
        .map_err(refused)?;
    realtime.look_again(&sent.client_id).await;
    Ok(Reply::Empty)
}

fn unreadable(error: Error) -> Error {
    if error.kind() == Kind::BadRequest { Error::invalid_request() } else { error }
}

fn check(sent: &Sent) -> Result<()> {
    let mut errors = FieldErrors::default();
    let length = sent.client_id.chars().count();
    if length == 0 {
        errors.add("clientId", Issue::new(Code::Required));
    } else if length > MAX_CLIENT_ID {
        let message = format!("The length must be between 1 and {MAX_CLIENT_ID}.");
        let issue = Issue::with_message(Code::LengthOutOfRange, message);
        errors.add("clientId", issue.param("max", MAX_CLIENT_ID).param("min", 1));
    }
    if sent.subscriptions.len() > MAX_TOPICS {
        errors.add("subscriptions", too_long(MAX_TOPICS));
    } else {
        let mut items = FieldErrors::default();
        for (i, topic) in sent.subscriptions.iter().enumerate() {
            if topic.chars().count() > MAX_TOPIC {
                items.add(i.to_string(), too_long(MAX_TOPIC));
            }
        }
        errors.nest("subscriptions", items);
    }
    errors.into_result("Something went wrong while processing your request.")
}

fn too_long(max: usize) -> Issue {
    let message = format!("The length must be no more than {max}.");
    Issue::with_message(Code::LengthTooLong, message).param("max", max).param("min", 0)
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Unknown => Error::new(Kind::NotFound, "Missing or invalid client id."),
        Refusal::OtherAddress => Error::bad_request("Invalid realtime client."),
        Refusal::OtherCaller => {
            Error::forbidden("The current and the previous request authorization don't match.")
        }
        Refusal::Since(i) => {
            let message = "`since` must be the number of a change.";
            let issue = Issue::with_message(Code::InvalidValue, message);
            let mut errors = FieldErrors::default();
            errors.nest("subscriptions", FieldErrors::one(i.to_string(), issue));
            Error::invalid("Something went wrong while processing your request.", errors)
        }
        Refusal::Guessing(retry_after_secs) => {
            Error::new(Kind::TooMany { retry_after_secs }, "Too many client ids were tried.")
        }
        Refusal::Full => Error::busy("There are too many subscriptions."),
    }
}
