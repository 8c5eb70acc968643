//! The table of jobs: every step of a job's life, inside the caller's transaction.

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;

use crate::clock::DateTime;
use crate::error::Result;
use crate::jobs::back_off::back_off;
use crate::jobs::job::{JobState, Outcome};
use crate::jobs::{Job, JobError, Kept, NewJob};
use crate::query::Page;
use crate::sql::{Row, Statement, Value, ValueRef};
use crate::store::{StoreError, Tx};

/// Characters of an error that are kept.
const MAX_ERROR: usize = 1000;
/// Bytes of a payload that the history keeps, so that the job can be run again.
const KEPT_PAYLOAD: i64 = 16 << 10;
/// Finished jobs of one state that are kept.
const KEPT_ROWS: i64 = 10_000;
const KEPT_DONE: Duration = Duration::from_secs(7 * 86_400);
const KEPT_DEAD: Duration = Duration::from_secs(30 * 86_400);

const INSERT: &str = "INSERT INTO _gr_jobs \
    (kind, payload, size, order_key, max_attempts, run_at, created, lane, state) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, CASE WHEN ?4 <> '' AND EXISTS \
    (SELECT 1 FROM _gr_jobs WHERE order_key = ?4 AND finished IS NULL) \
    THEN 'waiting' ELSE 'queued' END)";
const READY: &str = "SELECT id, payload, attempts, max_attempts, order_key, size FROM _gr_jobs \
    WHERE state = 'queued' AND kind = ?1 AND lane = ?4 AND run_at <= ?2 \
    ORDER BY run_at, id LIMIT ?3";
// Jumps from lane to lane in the index, however many jobs each has.
const LANES: &str = "WITH RECURSIVE lanes (name) AS (\
    SELECT MIN(lane) FROM _gr_jobs WHERE state = 'queued' AND kind = ?1 UNION ALL \
    SELECT (SELECT MIN(lane) FROM _gr_jobs WHERE state = 'queued' AND kind = ?1 AND lane > name) \
    FROM lanes WHERE name IS NOT NULL) \
    SELECT name, (SELECT MIN(run_at) FROM _gr_jobs WHERE state = 'queued' AND kind = ?1 \
    AND lane = name) FROM lanes WHERE name IS NOT NULL";
const CLAIM: &str =
    "UPDATE _gr_jobs SET state = 'running', attempts = attempts + 1, started = ?2 WHERE id = ?1";
const END: &str = "UPDATE _gr_jobs SET state = ?2, finished = ?3, last_error = ?4, \
    payload = CASE WHEN ?2 = 'done' AND size > ?5 THEN '' ELSE payload END WHERE id = ?1";
const AGAIN: &str =
    "UPDATE _gr_jobs SET state = 'queued', run_at = ?2, last_error = ?3 WHERE id = ?1";
// Of a key at most one open job is not waiting.
const PROMOTE: &str = "UPDATE _gr_jobs SET state = 'queued' WHERE state = 'waiting' AND id = \
    (SELECT MIN(id) FROM _gr_jobs WHERE order_key = ?1 AND finished IS NULL) AND NOT EXISTS \
    (SELECT 1 FROM _gr_jobs WHERE order_key = ?1 AND finished IS NULL AND state <> 'waiting')";
const LEFT_RUNNING: &str = "SELECT id, order_key, attempts >= max_attempts, size FROM _gr_jobs \
    WHERE finished IS NULL AND state = 'running'";
const LOAD: &str = "SELECT COUNT(*), COALESCE(SUM(size), 0) FROM _gr_jobs WHERE finished IS NULL";
const OPEN: &str = "SELECT kind, COUNT(*) FROM _gr_jobs WHERE finished IS NULL GROUP BY kind";
const FIND: &str = "SELECT state, order_key, size, payload = '' AND size > 0 FROM _gr_jobs \
    WHERE id = ?1";
const REVIVE: &str = "UPDATE _gr_jobs SET attempts = 0, run_at = ?2, finished = NULL, state = \
    CASE WHEN order_key <> '' AND EXISTS (SELECT 1 FROM _gr_jobs AS other WHERE \
    other.order_key = _gr_jobs.order_key AND other.finished IS NULL AND other.id <> ?1) \
    THEN 'waiting' ELSE 'queued' END WHERE id = ?1";
const HASTEN: &str = "UPDATE _gr_jobs SET run_at = ?2 WHERE id = ?1";
const DELETE: &str = "DELETE FROM _gr_jobs WHERE id = ?1";
const TRIM: &str = "DELETE FROM _gr_jobs WHERE state = ?1 AND finished IS NOT NULL AND \
    finished < MAX(?2, COALESCE((SELECT finished FROM _gr_jobs WHERE state = ?1 AND \
    finished IS NOT NULL ORDER BY finished DESC LIMIT 1 OFFSET ?3), 0))";
const LIST: &str = "SELECT id, kind, state, order_key, attempts, max_attempts, run_at, created, \
    started, finished, last_error FROM _gr_jobs WHERE (?1 = '' OR state = ?1) \
    AND (?2 = '' OR kind = ?2) ORDER BY id DESC LIMIT ?3 OFFSET ?4";
const COUNT: &str = "SELECT COUNT(*) FROM _gr_jobs WHERE (?1 = '' OR state = ?1) \
    AND (?2 = '' OR kind = ?2)";
const WITH_PAYLOAD: &str = "SELECT id FROM _gr_jobs WHERE kind = ?1 AND payload <> ''";
const PAYLOAD: &str = "SELECT payload FROM _gr_jobs WHERE id = ?1";
const SET_PAYLOAD: &str = "UPDATE _gr_jobs SET payload = ?2, size = ?3 WHERE id = ?1";

/// How much is open: not finished yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Load {
    pub jobs: i64,
    pub bytes: i64,
}

/// Room for jobs of one kind.
#[derive(Debug, Clone)]
pub(super) struct Room {
    pub kind: &'static str,
    pub places: usize,
    pub per_lane: usize,
    /// How many of each lane are running.
    pub running: HashMap<String, usize>,
}

/// A lane that has queued jobs.
struct Lane {
    name: String,
    /// When its next job is due.
    due: i64,
    running: usize,
}

/// A job that was claimed, with what its end will need.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Claimed {
    pub job: Job,
    pub key: String,
    pub lane: String,
    pub size: i64,
}

/// A job that came back from its handler.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ended {
    pub id: i64,
    pub key: String,
    pub size: i64,
    pub attempt: u32,
    pub is_last: bool,
    pub kept: Kept,
    pub outcome: Outcome,
}

/// A job as superusers see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobEntry {
    id: i64,
    kind: String,
    state: String,
    key: String,
    attempts: i64,
    max_attempts: i64,
    run_at: String,
    created: String,
    started: String,
    finished: String,
    last_error: String,
}

/// A page of jobs, the newest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobPage {
    pub(super) items: Vec<JobEntry>,
    page: u64,
    per_page: u64,
    total_items: i64,
}

/// What an order of a superuser finds.
pub(super) struct Found {
    pub state: JobState,
    pub key: String,
    pub size: i64,
    /// The history did not keep its payload.
    pub is_empty: bool,
}

fn run(
    tx: &Tx<'_>,
    text: &'static str,
    params: impl IntoIterator<Item = Value>,
) -> Result<usize, StoreError> {
    tx.execute(&Statement::new(text, params.into_iter().collect()))
}

pub(super) fn insert(tx: &Tx<'_>, job: NewJob, size: i64, now: DateTime) -> Result<()> {
    let run_at = now.after(job.delay).unix_ms();
    let params = [
        job.kind.into(),
        job.payload.into(),
        size.into(),
        job.key.into(),
        i64::from(job.max_attempts).into(),
        run_at.into(),
        now.unix_ms().into(),
        job.lane.into(),
    ];
    run(tx, INSERT, params)?;
    Ok(())
}

/// The jobs of a kind whose payload is there.
pub(super) fn with_payload(tx: &Tx<'_>, kind: &str) -> Result<Vec<i64>> {
    let mut ids = Vec::new();
    tx.query(&Statement::new(WITH_PAYLOAD, vec![kind.into()]), |row| {
        ids.push(int(row, 0));
        Ok(())
    })?;
    Ok(ids)
}

pub(super) fn payload(tx: &Tx<'_>, id: i64) -> Result<Option<String>> {
    tx.query_one(&Statement::new(PAYLOAD, vec![id.into()]), |row| Ok(text(row, 0)))
}

pub(super) fn set_payload(tx: &Tx<'_>, id: i64, payload: String) -> Result<()> {
    let size = i64::try_from(payload.len()).unwrap_or(i64::MAX);
    run(tx, SET_PAYLOAD, [id.into(), payload.into(), size.into()])?;
    Ok(())
}

/// Takes as many jobs that are due as there is room for. The lane that has the fewest at work comes
/// first, so that what one lane holds is not taken from the others.
pub(super) fn claim(tx: &Tx<'_>, room: &Room, now: DateTime) -> Result<Vec<Claimed>> {
    let now = now.unix_ms();
    let mut lanes = open_lanes(tx, room)?;
    lanes.retain(|lane| lane.due <= now);
    lanes.sort_by_key(|lane| (lane.running, lane.due));
    let mut claimed = Vec::new();
    for lane in lanes {
        let most = (room.per_lane - lane.running).min(room.places - claimed.len());
        if most == 0 {
            break;
        }
        read_ready(tx, room.kind, &lane.name, most, now, &mut claimed)?;
    }
    for taken in &claimed {
        run(tx, CLAIM, [taken.job.id.into(), now.into()])?;
    }
    Ok(claimed)
}

fn read_ready(
    tx: &Tx<'_>,
    kind: &str,
    lane: &str,
    most: usize,
    now: i64,
    claimed: &mut Vec<Claimed>,
) -> Result<()> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let params = vec![kind.into(), now.into(), most.into(), lane.into()];
    tx.query(&Statement::new(READY, params), |row| {
        let attempt = u32::try_from(int(row, 2)).unwrap_or(u32::MAX).saturating_add(1);
        let is_last = i64::from(attempt) >= int(row, 3);
        let job = Job { id: int(row, 0), payload: text(row, 1), attempt, is_last };
        let (key, lane) = (text(row, 4), lane.to_owned());
        claimed.push(Claimed { job, key, lane, size: int(row, 5) });
        Ok(())
    })?;
    Ok(())
}

/// The lanes of a kind that have queued jobs and may have another at work.
fn open_lanes(tx: &Tx<'_>, room: &Room) -> Result<Vec<Lane>> {
    let mut lanes = Vec::new();
    tx.query(&Statement::new(LANES, vec![room.kind.into()]), |row| {
        let (name, due) = (text(row, 0), int(row, 1));
        let running = room.running.get(&name).copied().unwrap_or(0);
        if running < room.per_lane {
            lanes.push(Lane { name, due, running });
        }
        Ok(())
    })?;
    Ok(lanes)
}

/// When the next job is due that there is room for.
pub(super) fn next_due(tx: &Tx<'_>, room: &Room) -> Result<Option<DateTime>> {
    let next = open_lanes(tx, room)?.into_iter().map(|lane| lane.due).min();
    Ok(next.map(DateTime::from_unix_ms))
}

/// Writes down how an attempt ended. True when the job is finished, for good or for bad.
pub(super) fn end(tx: &Tx<'_>, ended: &Ended, now: DateTime) -> Result<bool> {
    let state = match &ended.outcome {
        Ok(()) => JobState::Done,
        Err(JobError::Failed(reason)) if !ended.is_last => {
            let run_at = now.after(back_off(ended.attempt)).unix_ms();
            run(tx, AGAIN, [ended.id.into(), run_at.into(), shortened(reason).into()])?;
            return Ok(false);
        }
        Err(_) => JobState::Dead,
    };
    let kept_bytes = match ended.kept {
        Kept::Nothing if state == JobState::Done => {
            delete(tx, ended.id, &ended.key)?;
            return Ok(true);
        }
        Kept::Nothing | Kept::Trace => -1,
        Kept::Payload => KEPT_PAYLOAD,
    };
    let reason = ended.outcome.as_ref().err().map(ToString::to_string).unwrap_or_default();
    let params = [
        ended.id.into(),
        state.as_str().into(),
        now.unix_ms().into(),
        shortened(&reason).into(),
        kept_bytes.into(),
    ];
    run(tx, END, params)?;
    promote(tx, &ended.key)?;
    Ok(true)
}

fn give_up(tx: &Tx<'_>, id: i64, key: &str, reason: &str, now: DateTime) -> Result<()> {
    let state = JobState::Dead.as_str();
    let params =
        [id.into(), state.into(), now.unix_ms().into(), reason.into(), KEPT_PAYLOAD.into()];
    run(tx, END, params)?;
    promote(tx, key)
}

fn promote(tx: &Tx<'_>, key: &str) -> Result<()> {
    if !key.is_empty() {
        run(tx, PROMOTE, [key.into()])?;
    }
    Ok(())
}

/// Queues again what was running when the process died, unless that was its last attempt.
pub(super) fn recover(tx: &Tx<'_>, now: DateTime) -> Result<Load> {
    let mut left = Vec::new();
    tx.query(&Statement::new(LEFT_RUNNING, Vec::new()), |row| {
        left.push((int(row, 0), text(row, 1), int(row, 2) != 0));
        Ok(())
    })?;
    const REASON: &str = "The server ended while this job ran.";
    for (id, key, was_last) in left {
        if was_last {
            give_up(tx, id, &key, REASON, now)?;
        } else {
            run(tx, AGAIN, [id.into(), now.unix_ms().into(), REASON.into()])?;
        }
    }
    let load = tx.query_one(&Statement::new(LOAD, Vec::new()), |row| {
        Ok(Load { jobs: int(row, 0), bytes: int(row, 1) })
    })?;
    Ok(load.unwrap_or_default())
}

pub(super) fn open_by_kind(tx: &Tx<'_>) -> Result<Vec<(String, i64)>> {
    let mut found = Vec::new();
    tx.query(&Statement::new(OPEN, Vec::new()), |row| {
        found.push((row.get(0).text().to_owned(), int(row, 1)));
        Ok(())
    })?;
    Ok(found)
}

pub(super) fn find(tx: &Tx<'_>, id: i64) -> Result<Option<Found>> {
    let found = tx.query_one(&Statement::new(FIND, vec![id.into()]), |row| {
        let state = JobState::parse(row.get(0).text());
        let (key, size, is_empty) = (text(row, 1), int(row, 2), int(row, 3) != 0);
        Ok(state.map(|state| Found { state, key, size, is_empty }))
    })?;
    Ok(found.flatten())
}

/// Gives a finished job all its attempts again.
pub(super) fn revive(tx: &Tx<'_>, id: i64, now: DateTime) -> Result<()> {
    run(tx, REVIVE, [id.into(), now.unix_ms().into()])?;
    Ok(())
}

/// Lets a job that waits for its time be due now.
pub(super) fn hasten(tx: &Tx<'_>, id: i64, now: DateTime) -> Result<()> {
    run(tx, HASTEN, [id.into(), now.unix_ms().into()])?;
    Ok(())
}

/// Removes a job that is not running; what stood behind it moves up.
pub(super) fn delete(tx: &Tx<'_>, id: i64, key: &str) -> Result<()> {
    run(tx, DELETE, [id.into()])?;
    promote(tx, key)
}

/// Forgets what is too old, or more than is kept.
pub(super) fn trim(tx: &Tx<'_>, now: DateTime) -> Result<usize> {
    let mut gone = 0;
    for (state, kept) in [(JobState::Done, KEPT_DONE), (JobState::Dead, KEPT_DEAD)] {
        let kept_ms = i64::try_from(kept.as_millis()).unwrap_or(i64::MAX);
        let oldest = now.unix_ms().saturating_sub(kept_ms);
        gone += run(tx, TRIM, [state.as_str().into(), oldest.into(), KEPT_ROWS.into()])?;
    }
    Ok(gone)
}

pub(super) fn list(
    tx: &Tx<'_>,
    state: Option<JobState>,
    kind: &str,
    page: Page,
) -> Result<JobPage> {
    let filter = [Value::from(state.map_or("", JobState::as_str)), Value::from(kind)];
    let mut params = filter.to_vec();
    let signed = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
    params.extend([signed(page.per_page), signed(page.offset())]);
    let mut items = Vec::new();
    tx.query(&Statement::new(LIST, params), |row| {
        items.push(JobEntry {
            id: int(row, 0),
            kind: text(row, 1),
            state: text(row, 2),
            key: text(row, 3),
            attempts: int(row, 4),
            max_attempts: int(row, 5),
            run_at: moment(row, 6),
            created: moment(row, 7),
            started: moment(row, 8),
            finished: moment(row, 9),
            last_error: text(row, 10),
        });
        Ok(())
    })?;
    let total = tx.query_one(&Statement::new(COUNT, filter.to_vec()), |row| Ok(int(row, 0)))?;
    let Page { page, per_page, .. } = page;
    Ok(JobPage { items, page, per_page, total_items: total.unwrap_or(0) })
}

fn shortened(reason: &str) -> String {
    reason.chars().take(MAX_ERROR).collect()
}

fn int(row: &dyn Row, index: usize) -> i64 {
    match row.get(index) {
        ValueRef::Int(int) => int,
        _ => 0,
    }
}

fn text(row: &dyn Row, index: usize) -> String {
    row.get(index).text().to_owned()
}

/// A moment as the wire has it; empty when it has not come.
fn moment(row: &dyn Row, index: usize) -> String {
    match row.get(index) {
        ValueRef::Int(ms) => DateTime::from_unix_ms(ms).to_string(),
        _ => String::new(),
    }
}
