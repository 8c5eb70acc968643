//! `DELETE /api/collections/{collection}/truncate`.

use std::sync::Arc;

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::schema::{Collection, Schema};
use crate::store::Tx;

/// Deletes all records of a collection, with their cascades.
pub async fn run(request: Request) -> Result<Reply> {
    let name = request.param("collection");
    let records = request.app.records.clone();
    let delete_all = move |tx: &Tx<'_>, schema: &Arc<Schema>, collection: &Arc<Collection>| {
        records.delete_all_in(tx, schema, collection)
    };
    request.app.collections.truncate(name, delete_all).await?;
    Ok(Reply::Empty)
}
