//! Collection routes, for superusers.

pub mod create;
pub mod delete;
pub mod dry_run_view;
pub mod import;
pub mod list;
pub mod providers;
pub mod scaffolds;
pub mod truncate;
pub mod update;
pub mod view;

use crate::http::reply::Reply;
use crate::schema::Collection;

/// One collection as the answer.
fn reply(collection: &Collection) -> Reply {
    let mut body = Vec::with_capacity(4096);
    collection.write_json(&mut body);
    Reply::json(body)
}
