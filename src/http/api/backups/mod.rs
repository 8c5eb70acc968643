//! Backup routes (contract §3.10), for superusers.

pub mod create;
pub mod delete;
pub mod download;
pub mod describe;
pub mod list;
pub mod restore;
pub mod upload;
pub mod verify;

use crate::http::request::Request;

/// The backup in the path. One called as the route of uploads stands in the path as that.
fn key(request: &Request) -> String {
    match request.param("key") {
        "" => "upload".to_owned(),
        key => key.to_owned(),
    }
}
