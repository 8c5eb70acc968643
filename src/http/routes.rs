//! THE URL MAP: every route, who may call it, and the handler behind it.

use actix_web::http::Method;
use futures_util::future::LocalBoxFuture;

use crate::error::Result;
use crate::http::api::{
    auth, backups, batch, checks, collections, crons, files, health, info, jobs, logs, mails,
    realtime, records, rules, search, settings, sql, transfers, webhooks,
};
use crate::http::guard::Guard::{self, Anyone, SignedIn, Superuser};
use crate::http::metrics::Asked;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Routes whose successes are not worth a row of the activity log, of one method or of all.
const QUIET: [(&str, Option<Method>); 4] = [
    ("/api/logs", None),
    ("/api/gr/logs", None),
    ("/api/realtime", Some(Method::GET)),
    ("/api/oauth2-redirect", None),
];

/// What runs behind a route.
pub type Handler = fn(Request) -> LocalBoxFuture<'static, Result<Reply>>;

/// One line of the map.
pub struct Route {
    /// `GET` also answers `HEAD`.
    pub method: Method,
    /// With `{name}` for a segment that varies.
    pub path: &'static str,
    /// Who may call it.
    pub guard: Guard,
    /// What runs.
    pub handler: Handler,
    /// The method's name.
    name: &'static str,
}

impl Route {
    /// As figures name it.
    pub fn asked(&self) -> Asked {
        Asked::of(self.name, self.path)
    }

    /// Whether only its failures are logged.
    pub fn is_quiet(&self) -> bool {
        QUIET.iter().any(|(path, method)| {
            self.path.starts_with(path) && method.as_ref().is_none_or(|quiet| *quiet == self.method)
        })
    }
}

macro_rules! routes {
    ($($method:ident $path:literal $guard:ident $($handler:ident)::+;)*) => {
        /// All routes.
        pub fn all() -> Vec<Route> {
            vec![$(Route {
                method: Method::$method,
                path: $path,
                guard: $guard,
                name: stringify!($method),
                handler: |request| Box::pin($($handler)::+(request)),
            },)*]
        }
    };
}

routes! {
    GET    "/api/health"                                   Anyone    health::show;

    POST   "/api/batch"                                    Anyone    batch::run;

    GET    "/api/collections"                              Superuser collections::list::list;
    POST   "/api/collections"                              Superuser collections::create::create;
    PUT    "/api/collections/import"                       Superuser collections::import::import;
    GET    "/api/collections/meta/scaffolds"               Superuser collections::scaffolds::show;
    GET    "/api/collections/meta/oauth2-providers"        Superuser collections::providers::list;
    POST   "/api/collections/meta/dry-run-view"            Superuser collections::dry_run_view::run;
    GET    "/api/collections/{collection}"                 Superuser collections::view::view;
    PATCH  "/api/collections/{collection}"                 Superuser collections::update::update;
    DELETE "/api/collections/{collection}"                 Superuser collections::delete::delete;
    DELETE "/api/collections/{collection}/truncate"        Superuser collections::truncate::run;

    GET    "/api/collections/{collection}/records"         Anyone    records::list::list;
    POST   "/api/collections/{collection}/records"         Anyone    records::create::create;
    GET    "/api/collections/{collection}/records/{id}"    Anyone    records::view::view;
    PATCH  "/api/collections/{collection}/records/{id}"    Anyone    records::update::update;
    DELETE "/api/collections/{collection}/records/{id}"    Anyone    records::delete::delete;

    GET    "/api/collections/{collection}/changes"         Anyone    records::changes::list;

    GET    "/api/collections/{collection}/auth-methods"    Anyone    auth::methods::list;
    POST   "/api/collections/{collection}/auth-with-password" Anyone auth::with_password::sign_in;
    POST   "/api/collections/{collection}/auth-with-oauth2" Anyone auth::with_oauth2::sign_in;
    POST   "/api/collections/{collection}/request-otp"     Anyone    auth::request_otp::create;
    POST   "/api/collections/{collection}/auth-with-otp"   Anyone    auth::with_otp::sign_in;
    POST   "/api/collections/{collection}/auth-with-totp"  Anyone    auth::with_totp::sign_in;
    GET    "/api/collections/{collection}/totp"            SignedIn  auth::totp::show;
    POST   "/api/collections/{collection}/totp/enroll"     SignedIn  auth::totp::enrol;
    POST   "/api/collections/{collection}/totp/confirm"    SignedIn  auth::totp::confirm;
    POST   "/api/collections/{collection}/totp/recovery-codes" SignedIn auth::totp::renew_codes;
    POST   "/api/collections/{collection}/totp/disable"    SignedIn  auth::totp::disable;
    GET    "/api/collections/{collection}/totp/{id}"       Superuser auth::totp::view;
    DELETE "/api/collections/{collection}/totp/{id}"       Superuser auth::totp::remove;
    POST   "/api/collections/{collection}/auth-refresh"    Anyone    auth::refresh::refresh;
    POST   "/api/collections/{collection}/request-verification" Anyone auth::request_verification;
    POST   "/api/collections/{collection}/request-password-reset" Anyone auth::request_reset;
    POST   "/api/collections/{collection}/confirm-verification" Anyone auth::confirm_verification;
    POST   "/api/collections/{collection}/confirm-password-reset" Anyone auth::confirm_reset;
    POST   "/api/collections/{collection}/request-email-change" Anyone auth::request_email_change;
    POST   "/api/collections/{collection}/confirm-email-change" Anyone auth::confirm_email_change;
    POST   "/api/collections/{collection}/impersonate/{id}" Superuser auth::impersonate::create;

    DELETE "/api/collections/{collection}/auth-refresh"    Anyone    auth::refresh::sign_out;
    GET    "/api/collections/{collection}/sessions"        SignedIn  auth::sessions::list;
    DELETE "/api/collections/{collection}/sessions"        SignedIn  auth::sessions::end_others;
    DELETE "/api/collections/{collection}/sessions/{id}"   SignedIn  auth::sessions::end;

    GET    "/api/oauth2-redirect"                          Anyone    auth::oauth2_redirect::get;
    POST   "/api/oauth2-redirect"                          Anyone    auth::oauth2_redirect::post;

    POST   "/api/files/token"                              SignedIn  files::token::create;
    GET    "/api/files/{collection}/{id}/{filename}"       Anyone    files::serve::serve;

    GET    "/api/realtime"                                 Anyone    realtime::connect::open;
    POST   "/api/realtime"                                 Anyone    realtime::subscribe::run;

    GET    "/api/settings"                                 Superuser settings::view::view;
    PATCH  "/api/settings"                                 Superuser settings::update::update;
    POST   "/api/settings/test/email"                      Superuser settings::test_email::send;
    POST   "/api/settings/test/s3"                         Superuser settings::test_s3::test;
    POST   "/api/settings/apple/generate-client-secret"    Superuser settings::apple_secret::create;

    GET    "/api/logs"                                     Superuser logs::list::list;
    DELETE "/api/logs"                                     Superuser logs::clear::clear;
    GET    "/api/logs/stats"                               Superuser logs::stats::stats;
    GET    "/api/logs/{id}"                                Superuser logs::view::view;

    GET    "/api/backups"                                  Superuser backups::list::list;
    POST   "/api/backups"                                  Superuser backups::create::create;
    POST   "/api/backups/upload"                           Superuser backups::upload::upload;
    GET    "/api/backups/upload"                           Anyone    backups::download::download;
    DELETE "/api/backups/upload"                           Superuser backups::delete::delete;
    GET    "/api/backups/{key}"                            Anyone    backups::download::download;
    DELETE "/api/backups/{key}"                            Superuser backups::delete::delete;
    POST   "/api/backups/{key}/restore"                    Superuser backups::restore::restore;
    POST   "/api/backups/upload/restore"                   Superuser backups::restore::restore;
    GET    "/api/gr/backups/{key}/manifest"                Superuser backups::describe::describe;
    POST   "/api/gr/backups/{key}/verify"                  Superuser backups::verify::verify;

    GET    "/api/gr/logs/facets"                           Superuser logs::facets::facets;

    GET    "/api/crons"                                    Superuser crons::list::list;
    POST   "/api/crons/{id}"                               Superuser crons::run::run;

    POST   "/api/sql"                                      Superuser sql::run;

    GET    "/api/gr/info"                                  Superuser info::show;
    GET    "/api/gr/search"                                Superuser search::find;
    POST   "/api/gr/rules/check"                           Superuser rules::check;
    GET    "/api/gr/checks"                                Superuser checks::show;

    GET    "/api/gr/files/move"                            Superuser files::moves::progress;
    POST   "/api/gr/files/move"                            Superuser files::moves::start;
    GET    "/api/gr/jobs"                                  Superuser jobs::list::list;
    POST   "/api/gr/jobs/{id}/retry"                       Superuser jobs::retry::retry;
    DELETE "/api/gr/jobs/{id}"                             Superuser jobs::discard::discard;

    GET    "/api/gr/collections/{collection}/export"       Superuser transfers::export::export;
    POST   "/api/gr/collections/{collection}/import"       Superuser transfers::import::import;
    GET    "/api/gr/imports"                               Superuser transfers::imports::list;
    GET    "/api/gr/imports/{id}"                          Superuser transfers::imports::view;
    DELETE "/api/gr/imports/{id}"                          Superuser transfers::imports::cancel;
    GET    "/api/gr/imports/{id}/errors"                   Superuser transfers::imports::errors;

    GET    "/api/gr/mails"                                 Superuser mails::list::list;
    DELETE "/api/gr/mails"                                 Superuser mails::clear::clear;
    GET    "/api/gr/mails/{id}"                            Superuser mails::view::view;

    POST   "/api/gr/webhooks/enable"                       Superuser webhooks::enable::enable;
    POST   "/api/gr/webhooks/{id}/test"                    Superuser webhooks::test::test;
    GET    "/api/gr/webhooks/{id}/deliveries"              Superuser webhooks::deliveries::list;
    POST   "/api/gr/deliveries/{id}/redeliver"             Superuser webhooks::redeliver::redeliver;
}

/// The routes, found by path.
pub struct Map {
    paths: matchit::Router<Vec<usize>>,
    routes: Vec<Route>,
}

/// A route and the segments that varied, still encoded.
pub struct Found<'m, 'p> {
    /// The route.
    pub route: &'m Route,
    /// Name and text of each varying segment.
    pub params: Vec<(String, &'p str)>,
}

impl Map {
    /// Builds the table once, at start.
    ///
    /// # Panics
    /// When two routes of the map contradict each other, which a test would have shown.
    pub fn new() -> Self {
        let routes = all();
        let mut by_path: Vec<(&'static str, Vec<usize>)> = Vec::new();
        for (i, route) in routes.iter().enumerate() {
            match by_path.iter_mut().find(|(path, _)| *path == route.path) {
                Some((_, list)) => list.push(i),
                None => by_path.push((route.path, vec![i])),
            }
        }
        let mut paths = matchit::Router::new();
        for (path, list) in by_path {
            paths.insert(path, list).expect("invariant: the URL map does not contradict itself");
        }
        Self { paths, routes }
    }

    /// The route for a method and a path; `None` for a wrong method too, as the contract wants.
    pub fn find<'p>(&self, method: &Method, path: &'p str) -> Option<Found<'_, 'p>> {
        let matched = self.paths.at(path).ok()?;
        let wanted = if method == Method::HEAD { &Method::GET } else { method };
        let route = matched.value.iter().map(|&i| &self.routes[i]).find(|r| r.method == *wanted)?;
        let params: Vec<(String, &str)> =
            matched.params.iter().map(|(name, text)| (name.to_owned(), text)).collect();
        if params.iter().any(|(_, text)| text.is_empty()) {
            return None;
        }
        Some(Found { route, params })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_is_sound_and_finds_its_routes() {
        let map = Map::new();
        let found = map.find(&Method::HEAD, "/api/collections/posts/records/abc").unwrap();
        assert_eq!(found.params[1], ("id".to_owned(), "abc"));
        for (method, path) in [
            (Method::PUT, "/api/health"),
            (Method::GET, "/api/nope"),
            (Method::GET, "/api/health/"),
        ] {
            assert!(map.find(&method, path).is_none(), "{method} {path}");
        }
    }
}
