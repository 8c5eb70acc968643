//! `GET /api/gr/search?id=`: whose id is this?

use serde_json::json;

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Characters of an id at most.
const MAX_ID: usize = 255;

/// The records and collections that have this id.
pub async fn find(request: Request) -> Result<Reply> {
    let id = request.query.text("id");
    let mut items = Vec::new();
    if !id.is_empty() && id.len() <= MAX_ID {
        for collection in request.schema.collections() {
            let (name, own) = (&collection.name, &collection.id);
            let shown =
                |record: &str| json!({"collection": name, "collectionId": own, "record": record});
            if collection.id == id {
                items.push(shown(""));
            }
            if !collection.is_view() && request.app.records.is_there(collection, id).await? {
                items.push(shown(id));
            }
        }
    }
    let body = json!({ "items": items });
    Ok(Reply::json(crate::json::to_string(&body).into_bytes()))
}
