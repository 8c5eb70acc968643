//! Both loops on their thread, with a clock that is moved by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::store;
use crate::clock::Clock;
use crate::error::Error;
use crate::jobs::{Background, Cron, Crons, JobError, JobKind, Jobs, NewJob};
use crate::logs::heard;
use crate::store::Store;

const HOUR: Duration = Duration::from_secs(3600);
/// A test that waits longer has failed.
const LIMIT: Duration = Duration::from_secs(20);

struct Bench {
    jobs: Jobs,
    clock: Clock,
    store: Store,
    _dir: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let (store, dir) = store();
        let clock = Clock::system();
        Self { jobs: Jobs::new(store.clone(), clock.clone()), clock, store, _dir: dir }
    }

    fn start(&self, kinds: Vec<JobKind>, crons: &[Cron]) -> (Background, Crons) {
        let crons = Crons::new(self.clock.clone(), crons.to_vec());
        (Background::start(self.jobs.clone(), kinds, crons.clone()).unwrap(), crons)
    }

    fn queue(&self, job: NewJob) {
        let jobs = self.jobs.clone();
        self.store.write_blocking(move |tx| jobs.enqueue(tx, job)).unwrap();
    }
}

fn job(payload: &str) -> NewJob {
    NewJob::new("test", payload.to_owned())
}

/// What handlers tell, in the order they tell it.
fn told() -> (flume::Sender<String>, impl Fn() -> String) {
    let (sender, receiver) = flume::unbounded();
    (sender, move || receiver.recv_timeout(LIMIT).expect("a handler runs"))
}

#[test]
fn a_job_runs_right_after_its_commit() {
    let bench = Bench::new();
    let (sender, next) = told();
    let kind = JobKind::new("test", 2, move |job| {
        let sender = sender.clone();
        async move {
            sender.send(job.payload).unwrap();
            Ok(())
        }
    });
    let _running = bench.start(vec![kind], &[]);
    for payload in ["one", "two", "three"] {
        bench.queue(job(payload).in_order_of("k"));
        assert_eq!(next(), payload);
    }
}

#[test]
fn s3_a_panic_of_a_job_is_told_and_the_job_comes_back() {
    heard::listen();
    let bench = Bench::new();
    let (sender, next) = told();
    let kind = JobKind::new("test", 2, move |job| {
        sender.send(format!("{} {}", job.payload, job.attempt)).unwrap();
        assert!(job.attempt != 1, "as a test of panics");
        async move {
            match job.attempt {
                2 => panic!("as another"),
                3 => Err(JobError::Failed("not yet".to_owned())),
                _ => Ok(()),
            }
        }
    });
    let _running = bench.start(vec![kind], &[]);
    bench.queue(job("a"));
    for attempt in 1..=4 {
        assert_eq!(next(), format!("a {attempt}"));
        // Its end may not be written down yet; the loop looks again by itself then.
        bench.clock.advance(HOUR);
        bench.jobs.0.woken.notify_one();
    }
    bench.queue(job("b"));
    assert_eq!(next(), "b 1", "the loop outlives panics");
    heard::wait_for("The handler panicked.");
}

#[test]
fn a_kind_that_hangs_leaves_room_to_others() {
    let bench = Bench::new();
    let (sender, next) = told();
    let hangs = JobKind::new("hangs", 3, |_| std::future::pending());
    let quick = JobKind::new("test", 1, move |job| {
        let sender = sender.clone();
        async move {
            sender.send(job.payload).unwrap();
            Ok(())
        }
    });
    let (background, _) = bench.start(vec![hangs, quick], &[]);
    for _ in 0..10 {
        bench.queue(NewJob::new("hangs", String::new()));
    }
    bench.queue(job("quick"));
    assert_eq!(next(), "quick");
    // The stop waits its time, and what was cut short runs again after the next start.
    background.close();
    let again = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&again);
    let (sender, next) = told();
    let works = JobKind::new("hangs", 3, move |job| {
        count.fetch_add(usize::from(job.attempt == 2), Ordering::SeqCst);
        sender.send(String::new()).unwrap();
        async { Ok(()) }
    });
    let _running = bench.start(vec![works], &[]);
    (0..10).for_each(|_| drop(next()));
    assert_eq!(again.load(Ordering::SeqCst), 3);
}

#[test]
fn s3_a_panic_of_a_cron_is_told_and_the_others_run_on() {
    heard::listen();
    let bench = Bench::new();
    let (sender, next) = told();
    let cron = |id: &'static str, fails: bool| {
        let sender = sender.clone();
        let work = move || {
            sender.send(id.to_owned()).unwrap();
            assert!(!fails, "as a test of panics");
            async { Ok(()) }
        };
        Cron::new(id, "0 0 30 2 *", work).unwrap()
    };
    let (_background, crons) = bench.start(Vec::new(), &[cron("bad", true), cron("good", false)]);
    for id in ["bad", "good", "bad"] {
        crons.run(id).unwrap();
        assert_eq!(next(), id);
    }
    heard::wait_for("a cron panicked");
}

#[test]
fn a_cron_runs_when_due_and_when_asked_and_never_twice_at_once() {
    let bench = Bench::new();
    let (sender, next) = told();
    let (open, gate) = flume::unbounded::<()>();
    let asked = sender.clone();
    let slow = Cron::new("slow", "0 * * * *", move || {
        let (sender, gate) = (asked.clone(), gate.clone());
        async move {
            sender.send("slow begins".to_owned()).unwrap();
            gate.recv_async().await.map_err(Error::internal)
        }
    });
    let panics = Cron::new("panics", "0 0 30 2 *", move || {
        sender.send("panics".to_owned()).unwrap();
        assert!(sender.is_disconnected(), "as a test of panics");
        async { Ok(()) }
    });
    let crons = [slow.unwrap(), panics.unwrap()];
    let (_background, crons) = bench.start(Vec::new(), &crons);
    bench.clock.advance(HOUR);
    crons.run("panics").unwrap();
    let mut both = [next(), next()];
    both.sort();
    assert_eq!(both, ["panics", "slow begins"]);
    // It runs again after its end, not beside itself.
    crons.run("slow").unwrap();
    crons.run("panics").unwrap();
    assert_eq!(next(), "panics");
    open.send(()).unwrap();
    assert_eq!(next(), "slow begins");
    assert_eq!(crons.run("none").unwrap_err().message(), "Missing or invalid cron job.");
    open.send(()).unwrap();
}

#[test]
fn own_crons_are_listed_last() {
    let cron = |id| Cron::new(id, "@daily", || async { Ok(()) }).unwrap();
    let crons = Crons::new(Clock::system(), vec![cron("__pbA__"), cron("b"), cron("__pbC__")]);
    let shown = serde_json::to_value(crons.list()).unwrap();
    let ids: Vec<&str> = shown.as_array().unwrap().iter().flat_map(|c| c["id"].as_str()).collect();
    assert_eq!(ids, ["b", "__pbA__", "__pbC__"]);
}
