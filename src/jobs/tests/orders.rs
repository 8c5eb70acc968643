//! What superusers and services ask of the queue.

use std::time::Duration;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::store;
use crate::clock::Clock;
use crate::error::{Error, Kind, Result};
use crate::jobs::table::{self, Claimed, Ended, Room};
use crate::jobs::{JobError, Jobs, Kept, NewJob};
use crate::query::Page;

const KIND: &str = "test";

struct Bench {
    jobs: Jobs,
    clock: Clock,
    _dir: TempDir,
}

impl Bench {
    fn new() -> Self {
        let (store, dir) = store();
        let clock = Clock::system();
        Self { jobs: Jobs::new(store, clock.clone()), clock, _dir: dir }
    }

    async fn queue(&self, job: NewJob) -> Result<()> {
        let jobs = self.jobs.clone();
        self.jobs.0.store.write(move |tx| jobs.enqueue(tx, job)).await
    }

    /// Takes what is due; the ids.
    async fn claim(&self) -> Vec<i64> {
        let claimed = self.claim_within(100, 100, &[]).await;
        claimed.into_iter().map(|claimed| claimed.job.id).collect()
    }

    async fn claim_within(
        &self,
        places: usize,
        per_lane: usize,
        running: &[(&str, usize)],
    ) -> Vec<Claimed> {
        let now = self.clock.now();
        let running = running.iter().map(|(lane, count)| ((*lane).to_owned(), *count)).collect();
        let room = Room { kind: KIND, places, per_lane, running };
        self.jobs.0.store.write(move |tx| table::claim(tx, &room, now)).await.unwrap()
    }

    async fn end(&self, id: i64, key: &str, outcome: std::result::Result<(), JobError>) {
        let (now, key) = (self.clock.now(), key.to_owned());
        let kept = Kept::Payload;
        let ended = Ended { id, key, size: 0, attempt: 1, is_last: false, kept, outcome };
        self.jobs.0.store.write(move |tx| table::end(tx, &ended, now)).await.unwrap();
    }

    /// Id and state of all jobs, oldest first.
    async fn states(&self) -> Json {
        let page = self.jobs.list("", "", Page::default()).await.unwrap();
        let page = serde_json::to_value(page).unwrap();
        let items = page["items"].as_array().unwrap().iter().rev();
        items.map(|item| json!([item["id"], item["state"]])).collect()
    }
}

fn job() -> NewJob {
    NewJob::new(KIND, "{}".to_owned())
}

fn hopeless() -> std::result::Result<(), JobError> {
    Err(JobError::Hopeless("no".to_owned()))
}

#[tokio::test]
async fn a_job_is_gone_with_the_write_it_follows() {
    let bench = Bench::new();
    let jobs = bench.jobs.clone();
    let refused = bench.jobs.0.store.write(move |tx| {
        jobs.enqueue(tx, job())?;
        Err::<(), _>(Error::bad_request("no"))
    });
    assert!(refused.await.is_err());
    assert_eq!(bench.states().await, json!([]));
}

#[tokio::test]
async fn too_much_is_refused() {
    let bench = Bench::new();
    let large = NewJob::new(KIND, "x".repeat((1 << 20) + 1));
    assert_eq!(bench.queue(large).await.unwrap_err().kind(), Kind::TooLarge);
    bench.jobs.count(100_000, 0);
    assert_eq!(bench.queue(job()).await.unwrap_err().kind(), Kind::Busy);
    bench.jobs.count(-1, 256 << 20);
    assert_eq!(bench.queue(job()).await.unwrap_err().kind(), Kind::Busy);
    bench.jobs.count(0, -1);
    bench.queue(job()).await.unwrap();
}

#[tokio::test]
async fn a_delayed_job_waits_for_its_time() {
    let bench = Bench::new();
    bench.queue(job().after(Duration::from_secs(60))).await.unwrap();
    assert!(bench.claim().await.is_empty());
    bench.clock.advance(Duration::from_secs(61));
    assert_eq!(bench.claim().await, [1]);
}

#[tokio::test]
async fn a_retry_gives_a_dead_job_its_attempts_again() {
    let bench = Bench::new();
    bench.queue(job()).await.unwrap();
    bench.claim().await;
    assert!(bench.jobs.retry(1).await.unwrap_err().message().contains("running"));
    bench.end(1, "", hopeless()).await;
    assert_eq!(bench.states().await, json!([[1, "dead"]]));
    bench.jobs.retry(1).await.unwrap();
    assert_eq!(bench.claim().await, [1]);
    assert_eq!(bench.jobs.retry(2).await.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn what_is_retried_or_discarded_keeps_the_line_in_order() {
    let bench = Bench::new();
    for _ in 0..3 {
        bench.queue(job().in_order_of("k")).await.unwrap();
    }
    assert_eq!(bench.claim().await, [1]);
    bench.end(1, "k", hopeless()).await;
    assert_eq!(bench.states().await, json!([[1, "dead"], [2, "queued"], [3, "waiting"]]));
    // Back in line: it may not run beside the second, which is ahead already.
    bench.jobs.retry(1).await.unwrap();
    assert_eq!(bench.states().await, json!([[1, "waiting"], [2, "queued"], [3, "waiting"]]));
    bench.jobs.discard(3).await.unwrap();
    assert_eq!(bench.states().await, json!([[1, "waiting"], [2, "queued"]]));
    assert_eq!(bench.claim().await, [2]);
    assert!(bench.jobs.discard(2).await.is_err());
    bench.end(2, "k", Ok(())).await;
    assert_eq!(bench.claim().await, [1]);
}

#[tokio::test]
async fn a_discarded_head_lets_the_next_move_up() {
    let bench = Bench::new();
    for _ in 0..2 {
        bench.queue(job().in_order_of("k").after(Duration::from_secs(60))).await.unwrap();
    }
    bench.jobs.discard(1).await.unwrap();
    assert_eq!(bench.states().await, json!([[2, "queued"]]));
    bench.jobs.retry(2).await.unwrap();
    assert_eq!(bench.claim().await, [2], "a retry does not wait for the time");
}

#[tokio::test]
async fn the_history_keeps_so_much_and_no_more() {
    let bench = Bench::new();
    let now = bench.clock.now().unix_ms();
    let fill = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10200)
         INSERT INTO _gr_jobs (kind, payload, size, order_key, state, max_attempts, run_at,
         created, finished) SELECT 'test', '', 0, '', 'done', 1, 0, 0, {now} - i FROM n"
    );
    bench.jobs.0.store.write(move |tx| Ok(tx.execute_script(&fill)?)).await.unwrap();
    bench.jobs.trim().await.unwrap();
    let page = serde_json::to_value(bench.jobs.list("done", "", Page::default()).await.unwrap());
    let left = page.unwrap()["totalItems"].as_i64().unwrap();
    assert!((10_000..=10_001).contains(&left), "{left}");
    bench.clock.advance(Duration::from_secs(8 * 86_400));
    bench.jobs.trim().await.unwrap();
    assert_eq!(bench.states().await, json!([]));
    assert!(bench.jobs.list("gone", "", Page::default()).await.is_err());
}

#[tokio::test]
async fn a_lane_takes_its_share_and_the_least_busy_comes_first() {
    let bench = Bench::new();
    for (lane, count) in [("slow", 30), ("quick", 3), ("", 1)] {
        for _ in 0..count {
            bench.queue(NewJob::new(KIND, String::new()).in_lane(lane)).await.unwrap();
        }
    }
    let lanes = |claimed: Vec<Claimed>| {
        let mut lanes: Vec<String> = claimed.into_iter().map(|claimed| claimed.lane).collect();
        lanes.dedup();
        lanes
    };
    let first = bench.claim_within(10, 4, &[("quick", 1), ("", 2)]).await;
    assert_eq!((first.len(), lanes(first)), (8, vec!["slow".into(), "quick".into(), "".into()]));
    // Nothing is left of the others, and the slow one is full.
    let room = Room { kind: KIND, places: 6, per_lane: 4, running: [("slow".into(), 4)].into() };
    let read = move |tx: &crate::store::Tx<'_>| table::next_due(tx, &room);
    let due = bench.jobs.0.store.read(crate::store::Cost::Bounded, read).await.unwrap();
    assert_eq!(due, None);
    assert!(bench.claim_within(6, 4, &[("slow", 4)]).await.is_empty());
    bench.queue(NewJob::new(KIND, String::new()).in_lane("quick")).await.unwrap();
    assert_eq!(lanes(bench.claim_within(6, 4, &[("slow", 4)]).await), ["quick"]);
    assert_eq!(bench.claim_within(6, 4, &[("slow", 1)]).await.len(), 3);
}
