//! `GET /api/health`, for anyone: is the server there?

use serde_json::json;

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Headers that a proxy in front may use, besides the configured ones.
const PROXY_HEADERS: [&str; 3] = ["CF-Connecting-IP", "Fly-Client-IP", "X-Forwarded-For"];

/// Superusers also learn what the server sees of them.
pub async fn show(request: Request) -> Result<Reply> {
    let mut body = br#"{"message":"API is healthy.","code":200,"data":"#.to_vec();
    let data = if request.caller.is_superuser() {
        let settings = request.app.settings.load();
        let configured = settings.trusted_proxy.headers.iter().map(String::as_str);
        let proxy = configured.chain(PROXY_HEADERS).find(|name| request.header(name).is_some());
        json!({
            "canBackup": request.app.backups.is_idle(),
            "realIP": request.real_ip(),
            "possibleProxyHeader": proxy.unwrap_or_default(),
        })
    } else {
        json!({})
    };
    crate::json::write(&mut body, &data);
    body.push(b'}');
    Ok(Reply::json(body))
}
