//! Figures for Prometheus: what was asked and how long it took, what waits, and what the process
//! takes. Opt-in; labels are routes, statuses and names of this program, never a client's text.

mod listener;
mod process;
mod state;

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::app::App;
use crate::clock::Stopwatch;
use crate::error::{Error, Result};

pub use listener::Listener;
use state::State;

/// Seconds up to which answers are counted together.
const BUCKETS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What no route answers.
const ELSEWHERE: Asked = Asked { method: "*", route: "*" };

/// A line of the URL map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Asked {
    method: &'static str,
    route: &'static str,
}

impl Asked {
    /// That of a route; both texts are of the URL map.
    pub fn of(method: &'static str, route: &'static str) -> Self {
        Self { method, route }
    }
}

/// How a request of a route ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: &'static str,
    status: u16,
}

#[derive(Clone)]
struct Durations;

impl MetricConstructor<Histogram> for Durations {
    fn new_metric(&self) -> Histogram {
        Histogram::new(BUCKETS)
    }
}

/// All figures; clones share them.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    answers: Family<Answered, Counter>,
    durations: Family<Asked, Histogram, Durations>,
    in_flight: Gauge,
    state: State,
}

impl Metrics {
    /// All of them at zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("greenroom");
        let answers = Family::default();
        let durations = Family::new_with_constructor(Durations);
        let in_flight = Gauge::default();
        registry.register("http_requests", "Requests that were answered", answers.clone());
        let help = "Seconds from the head of a request to that of its answer";
        registry.register("http_request_duration_seconds", help, durations.clone());
        registry.register("http_requests_in_flight", "Requests at work", in_flight.clone());
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program", build);
        let state = State::register(&mut registry);
        Self(Arc::new(Inner { registry, answers, durations, in_flight, state }))
    }

    /// Counts a request from now to its answer.
    pub fn begin(&self) -> Counted {
        self.0.in_flight.inc();
        Counted { metrics: self.clone(), watch: Stopwatch::start() }
    }

    /// All figures as of now, in the text of OpenMetrics.
    ///
    /// # Errors
    /// The store fails.
    pub async fn answer(&self, app: &App) -> Result<HttpResponse> {
        self.0.state.read(app).await?;
        let mut body = String::new();
        text::encode(&mut body, &self.0.registry).map_err(Error::internal)?;
        Ok(HttpResponse::Ok().content_type(CONTENT_TYPE).body(body))
    }
}

/// A request that is being answered; dropped without an end, its client was gone.
pub struct Counted {
    metrics: Metrics,
    watch: Stopwatch,
}

impl Counted {
    /// Notes how it ended. Requests that no route fits are one.
    pub fn end(self, asked: Option<Asked>, status: StatusCode) {
        let asked = asked.unwrap_or(ELSEWHERE);
        let Asked { method, route } = asked;
        let answered = Answered { method, route, status: status.as_u16() };
        let inner = &self.metrics.0;
        inner.answers.get_or_create(&answered).inc();
        inner.durations.get_or_create(&asked).observe(self.watch.elapsed().as_secs_f64());
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.metrics.0.in_flight.dec();
    }
}
