//! `…/totp`: the authenticator app of whoever signed in, and for superusers those of all.

use actix_web::http::header::AUTHORIZATION;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::auth::ProofForm;
use crate::crypto::Secret;
use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;

#[derive(Default, Deserialize)]
#[serde(default)]
struct EnrolForm {
    password: Secret,
}

/// Whether whoever asks has an app.
pub async fn show(request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    request.app.auth.require_totp(&collection)?;
    answer(&request.app.auth.own_totp_state(&collection, &request.caller).await?)
}

/// Draws an app for whoever asks.
pub async fn enrol(mut request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    let EnrolForm { password } = request.form().await?.read(&["password"])?;
    let (device, schema) = (super::device(&request), request.schema.clone());
    let header = request.header(AUTHORIZATION.as_str());
    let auth = &request.app.auth;
    answer(&auth.enrol_totp(&schema, &collection, header, password, &device).await?)
}

/// Confirms it.
pub async fn confirm(mut request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    let form = proof(&mut request).await?;
    let (device, caller) = (super::device(&request), request.caller.clone());
    let auth = &request.app.auth;
    let codes = auth.confirm_totp(&collection, &caller, form, &device).await?;
    answer(&json!({ "recoveryCodes": codes }))
}

/// Gives new recovery codes.
pub async fn renew_codes(mut request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    let form = proof(&mut request).await?;
    let (device, caller) = (super::device(&request), request.caller.clone());
    let auth = &request.app.auth;
    let codes = auth.renew_recovery_codes(&collection, &caller, form, &device).await?;
    answer(&json!({ "recoveryCodes": codes }))
}

/// Removes it.
pub async fn disable(mut request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    let form = proof(&mut request).await?;
    let (device, caller) = (super::device(&request), request.caller.clone());
    request.app.auth.disable_totp(&collection, &caller, form, &device).await?;
    Ok(Reply::Empty)
}

/// Whether a record has an app.
pub async fn view(request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    answer(&request.app.auth.totp_state(&collection, request.param("id")).await?)
}

/// Removes the app of a record.
pub async fn remove(request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    request.app.auth.remove_totp(&collection, request.param("id")).await?;
    Ok(Reply::Empty)
}

async fn proof(request: &mut Request) -> Result<ProofForm> {
    request.form().await?.read(ProofForm::NAMES)
}

fn answer(body: &impl Serialize) -> Result<Reply> {
    Ok(Reply::json(serde_json::to_vec(body).map_err(Error::internal)?))
}
