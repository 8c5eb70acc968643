//! What is read when somebody asks: queues, files, connections, the process.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::app::App;
use crate::clock::DateTime;
use crate::error::Result;
use crate::http::metrics::process::Process;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Queue {
    queue: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Part {
    database: &'static str,
    part: &'static str,
}

type Seconds = Gauge<f64, AtomicU64>;

/// The figures that are set at each look.
#[derive(Default)]
pub(super) struct State {
    queues: Family<Queue, Gauge>,
    databases: Family<Part, Gauge>,
    commits: Counter,
    realtime: Gauge,
    hash_threads: Gauge,
    hash_passes: Gauge,
    resident: Gauge,
    cpu: Counter<f64, AtomicU64>,
    files: Gauge,
    threads: Gauge,
    now: Seconds,
}

impl State {
    pub fn register(registry: &mut Registry) -> Self {
        let this = Self::default();
        let mut add = |name: &str, help: &str, gauge: &Gauge| {
            registry.register(name, help, gauge.clone());
        };
        add("realtime_connections", "Open realtime connections", &this.realtime);
        add("password_threads", "Threads that hash passwords", &this.hash_threads);
        add("password_passes", "Passes that a new password hash takes", &this.hash_passes);
        add("process_resident_memory_bytes", "Memory of the process", &this.resident);
        add("process_open_files", "Files and sockets of the process", &this.files);
        add("process_threads", "Threads of the process", &this.threads);
        registry.register("queue_length", "What waits, in each queue", this.queues.clone());
        let help = "Bytes of a database: its file and its write-ahead log";
        registry.register("database_bytes", help, this.databases.clone());
        registry.register("database_commits", "Transactions of data.db", this.commits.clone());
        registry.register("process_cpu_seconds", "Processor time of the process", this.cpu.clone());
        registry.register("clock_seconds", "The time of the server", this.now.clone());
        this
    }

    /// Looks at everything.
    pub async fn read(&self, app: &App) -> Result<()> {
        let load = app.store.load();
        let jobs = app.jobs.open_by_kind().await?;
        let of_kind = |kind| jobs.iter().filter(|(name, _)| name == kind).map(|(_, n)| n).sum();
        let all: i64 = jobs.iter().map(|(_, count)| count).sum();
        let mail: i64 = of_kind(crate::mail::JOB_KIND);
        for (queue, length) in [
            ("writer", count(load.waiting_writes)),
            ("readers", count(load.waiting_reads)),
            ("passwords", count(app.passwords.waiting())),
            ("logs", count(app.activity.waiting())),
            ("jobs", all),
            ("mail", mail),
        ] {
            self.queues.get_or_create(&Queue { queue }).set(length);
        }
        // While the log is off it has no size.
        let logs = app.activity.store().map(|store| store.load()).unwrap_or_default();
        for (database, load) in [("data", load), ("auxiliary", logs)] {
            for (part, bytes) in [("file", load.file_bytes), ("log", load.log_bytes)] {
                let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
                self.databases.get_or_create(&Part { database, part }).set(bytes);
            }
        }
        raise(&self.commits, app.store.commits());
        self.realtime.set(count(app.realtime.clients()));
        self.hash_threads.set(count(app.passwords.threads()));
        self.hash_passes.set(app.passwords.passes().into());
        let process = Process::now();
        self.resident.set(process.resident_bytes);
        self.files.set(process.open_files);
        self.threads.set(process.threads);
        self.cpu.inc_by((process.cpu_seconds - self.cpu.get()).max(0.0));
        self.now.set(seconds(app.clock.now()));
        Ok(())
    }
}

/// Lets a counter follow one that is kept elsewhere.
fn raise(counter: &Counter, to: u64) {
    counter.inc_by(to.saturating_sub(counter.get()));
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds stay exact for longer than dates")]
fn seconds(moment: DateTime) -> f64 {
    moment.unix_ms() as f64 / 1000.0
}
