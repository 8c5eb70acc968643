//! Tells the activity log what was asked and how it ended; never waits for it.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, REFERER, USER_AGENT};

use crate::app::App;
use crate::clock::{DateTime, Stopwatch};
use crate::error::Error;
use crate::http::client_ip;
use crate::http::metrics::Asked;
use crate::http::notes::Notes;
use crate::logs::{Failure, LEVEL_ERROR, LEVEL_INFO, LEVEL_WARN, RequestEntry, mask_secrets};
use crate::query::Caller;
use crate::store::Meter;

/// What becomes known of a request on its way.
pub struct Trace {
    started: DateTime,
    watch: Stopwatch,
    /// Who asked, once the token was read.
    pub caller: Caller,
    /// True for what is not worth a row when it goes well: pages, streams, the log itself.
    pub is_quiet: bool,
    /// What the request left to be told.
    pub notes: Notes,
    /// What it asks of the store.
    pub meter: Meter,
    /// The line of the URL map that it fits, if any.
    pub asked: Option<Asked>,
}

impl Trace {
    /// Starts with the request.
    pub fn start(app: &App) -> Self {
        let (started, watch) = (app.clock.now(), Stopwatch::start());
        Self {
            started,
            watch,
            caller: Caller::Guest,
            is_quiet: false,
            notes: Notes::default(),
            meter: Meter::default(),
            asked: None,
        }
    }

    /// Hands the finished request over.
    pub fn finish(self, app: &App, http: &HttpRequest, status: StatusCode, failed: Option<&Error>) {
        tracing::debug!(
            status = status.as_u16(),
            took = ?self.watch.elapsed(),
            "{} {}",
            http.method(),
            mask_secrets(http.uri().path_and_query().map_or("", |path| path.as_str())),
        );
        let warnings = self.notes.take();
        let level = match failed {
            Some(_) => LEVEL_ERROR,
            None if warnings.is_empty() => LEVEL_INFO,
            None => LEVEL_WARN,
        };
        if (self.is_quiet && failed.is_none()) || !app.activity.keeps(level) {
            return;
        }
        let header = |name: HeaderName| {
            let bytes = http.headers().get(name).map_or(&b""[..], |value| value.as_bytes());
            String::from_utf8_lossy(bytes).into_owned()
        };
        let trusted = &app.settings.load().trusted_proxy;
        let record = self.caller.record();
        app.activity.record(RequestEntry {
            started: self.started,
            took: self.watch.elapsed(),
            method: http.method().as_str().to_owned(),
            url: http.uri().path_and_query().map(|path| path.to_string()).unwrap_or_default(),
            status: status.as_u16(),
            referer: header(REFERER),
            user_agent: header(USER_AGENT),
            user_ip: client_ip::shown(client_ip::real(http, trusted)),
            remote_ip: client_ip::shown(client_ip::peer(http)),
            auth: record.map(|record| record.collection_name.clone()).unwrap_or_default(),
            auth_id: record.map(|record| record.id.clone()).unwrap_or_default(),
            failure: failed.map(Failure::of),
            warnings,
            sql: self.meter.spent(),
        });
    }
}
