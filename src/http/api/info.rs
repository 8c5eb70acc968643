//! `GET /api/gr/info`: which server this is, and what it can do beyond the contract.

use serde_json::json;

use crate::checks::{Surroundings, Volume};
use crate::config::SqlConsoleMode;
use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::http::routes;

/// What stands before the name of a feature.
const PREFIX: &str = "/api/gr/";

/// The version, the features and where the data lies.
pub async fn show(request: Request) -> Result<Reply> {
    let config = &request.app.config;
    let dir = config.dir.canonicalize().unwrap_or_else(|_| config.dir.clone());
    let volume = match Surroundings::of_process().volume_of(&dir) {
        Volume::Kept => "kept",
        Volume::Nameless => "nameless",
        Volume::Memory => "memory",
        Volume::None => "none",
    };
    let sql_console = match config.sql_console {
        SqlConsoleMode::Off => "off",
        SqlConsoleMode::Read => "read",
        SqlConsoleMode::Write => "write",
    };
    let body = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "features": features(),
        "dataFolder": {"path": dir.display().to_string(), "volume": volume},
        "sqlConsole": sql_console,
    });
    Ok(Reply::json(crate::json::to_string(&body).into_bytes()))
}

/// The first segments behind `/api/gr/`, each once.
fn features() -> Vec<String> {
    let routes = routes::all();
    let inside = routes.iter().filter_map(|route| route.path.strip_prefix(PREFIX));
    let mut names: Vec<String> =
        inside.filter_map(|rest| rest.split('/').next()).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}
