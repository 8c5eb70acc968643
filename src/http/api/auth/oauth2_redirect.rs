//! `GET` and `POST /api/oauth2-redirect`: where services send people back to. What they bring goes
//! to the page that waits for it; the window goes to one of two pages of ours, never elsewhere.

use actix_web::http::StatusCode;
use serde::Deserialize;

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

const SUCCESS: &str = "../_/#/auth/oauth2-redirect-success";
const FAILURE: &str = "../_/#/auth/oauth2-redirect-failure";

/// What a service sends back.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Brought {
    /// Names the client that waits.
    state: String,
    code: String,
    error: String,
    /// Apple's only word on the name.
    user: String,
}

/// From a service that redirects.
pub async fn get(request: Request) -> Result<Reply> {
    let text = |name: &str| request.query.text(name).to_owned();
    let brought = Brought {
        state: text("state"),
        code: text("code"),
        error: text("error"),
        user: String::new(),
    };
    Ok(Reply::Redirect(StatusCode::TEMPORARY_REDIRECT, hand_over(&request, &brought)))
}

/// From a service that posts a form.
pub async fn post(mut request: Request) -> Result<Reply> {
    let form = request.form().await;
    let brought = form.and_then(|form| form.read(&["state", "code", "error", "user"]));
    let brought: Brought = brought.unwrap_or_default();
    Ok(Reply::Redirect(StatusCode::SEE_OTHER, hand_over(&request, &brought)))
}

fn hand_over(request: &Request, brought: &Brought) -> &'static str {
    let Brought { state, code, error, user } = brought;
    if state.is_empty() || request.is_head() {
        return FAILURE;
    }
    let (realtime, address) = (&request.app.realtime, request.real_ip());
    let was_awaited = realtime.hand_over(state, &address, code, error);
    if !was_awaited || code.is_empty() || !error.is_empty() {
        return FAILURE;
    }
    if !user.is_empty() {
        request.app.auth.keep_apple_name(code, user);
    }
    SUCCESS
}
