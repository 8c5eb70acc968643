//! `GET /api/gr/checks`: what an operator should look at.

use crate::checks::Live;
use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Looks at the folder, the settings, the rules and the tables.
pub async fn show(request: Request) -> Result<Reply> {
    let app = &request.app;
    let live = Live {
        store: app.store.clone(),
        settings: app.settings.clone(),
        clock: app.clock.clone(),
        dir: app.config.dir.clone(),
    };
    let report = live.look(request.schema.collections().to_vec()).await?;
    Ok(Reply::json(report.to_json()))
}
