//! `GET /api/collections/meta/oauth2-providers`.

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::json;
use crate::schema::oauth2_services::SERVICES;

/// The services that a collection can let people sign in with.
pub async fn list(_: Request) -> Result<Reply> {
    let mut body = Vec::with_capacity(16 * 1024);
    for (i, service) in SERVICES.iter().enumerate() {
        body.extend_from_slice(if i == 0 { b"[" } else { b"," });
        body.extend_from_slice(b"{\"name\":");
        json::write_str(&mut body, service.name);
        body.extend_from_slice(b",\"displayName\":");
        json::write_str(&mut body, service.display_name);
        body.extend_from_slice(b",\"logo\":");
        json::write_str(&mut body, &service.logo());
        body.push(b'}');
    }
    body.push(b']');
    Ok(Reply::json(body))
}
