//! The log of deliveries: one row an attempt.

use std::time::Duration;

use serde::Serialize;

use crate::clock::DateTime;
use crate::error::Result;
use crate::query::Page;
use crate::sql::{Row, Statement, Value, ValueRef};
use crate::store::Tx;

/// Rows that are kept at most.
const KEPT_ROWS: i64 = 20_000;
const KEPT: Duration = Duration::from_secs(7 * 86_400);
/// A look at what is too much comes once in so many rows.
const TRIM_EVERY: i64 = 1000;

const INSERT: &str = "INSERT INTO _gr_deliveries \
    (webhook, message, job, attempt, status, took_ms, error, answer, at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING id";
const LIST: &str = "SELECT id, message, job, attempt, status, took_ms, error, answer, at \
    FROM _gr_deliveries WHERE webhook = ?1 ORDER BY id DESC LIMIT ?2 OFFSET ?3";
const COUNT: &str = "SELECT COUNT(*) FROM _gr_deliveries WHERE webhook = ?1";
const JOB: &str = "SELECT job FROM _gr_deliveries WHERE id = ?1";
// Ids grow with time.
const TRIM: &str = "DELETE FROM _gr_deliveries WHERE id <= MAX(\
    COALESCE((SELECT MAX(id) FROM _gr_deliveries), 0) - ?1, \
    COALESCE((SELECT MAX(id) FROM _gr_deliveries WHERE at < ?2), 0))";

/// One attempt that was made.
pub(super) struct Attempt {
    pub webhook: String,
    pub message: String,
    pub job: i64,
    pub attempt: u32,
    /// 0 when there was no answer.
    pub status: i64,
    pub took_ms: i64,
    pub error: String,
    pub answer: String,
}

/// An attempt as superusers see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    id: i64,
    message: String,
    job: i64,
    attempt: i64,
    status: i64,
    took_ms: i64,
    error: String,
    answer: String,
    created: String,
}

/// A page of attempts, the newest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryPage {
    items: Vec<Delivery>,
    page: u64,
    per_page: u64,
    total_items: i64,
}

pub(super) fn insert(tx: &Tx<'_>, attempt: Attempt, now: DateTime) -> Result<()> {
    let params = vec![
        attempt.webhook.into(),
        attempt.message.into(),
        attempt.job.into(),
        i64::from(attempt.attempt).into(),
        attempt.status.into(),
        attempt.took_ms.into(),
        attempt.error.into(),
        attempt.answer.into(),
        now.unix_ms().into(),
    ];
    let id = tx.query_one(&Statement::new(INSERT, params), |row| Ok(int(row, 0)))?;
    if id.unwrap_or_default() % TRIM_EVERY == 0 {
        trim(tx, now)?;
    }
    Ok(())
}

/// Forgets what is too old, or more than is kept.
pub(super) fn trim(tx: &Tx<'_>, now: DateTime) -> Result<()> {
    let kept_ms = i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX);
    let oldest = now.unix_ms().saturating_sub(kept_ms);
    tx.execute(&Statement::new(TRIM, vec![KEPT_ROWS.into(), oldest.into()]))?;
    Ok(())
}

/// The job that made an attempt.
pub(super) fn job(tx: &Tx<'_>, delivery: i64) -> Result<Option<i64>> {
    tx.query_one(&Statement::new(JOB, vec![delivery.into()]), |row| Ok(int(row, 0)))
}

pub(super) fn list(tx: &Tx<'_>, webhook: &str, page: Page) -> Result<DeliveryPage> {
    let signed = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
    let params = vec![webhook.into(), signed(page.per_page), signed(page.offset())];
    let mut items = Vec::new();
    tx.query(&Statement::new(LIST, params), |row| {
        let text = |index: usize| row.get(index).text().to_owned();
        items.push(Delivery {
            id: int(row, 0),
            message: text(1),
            job: int(row, 2),
            attempt: int(row, 3),
            status: int(row, 4),
            took_ms: int(row, 5),
            error: text(6),
            answer: text(7),
            created: DateTime::from_unix_ms(int(row, 8)).to_string(),
        });
        Ok(())
    })?;
    let count = Statement::new(COUNT, vec![webhook.into()]);
    let total = tx.query_one(&count, |row| Ok(int(row, 0)))?;
    let Page { page, per_page, .. } = page;
    Ok(DeliveryPage { items, page, per_page, total_items: total.unwrap_or(0) })
}

fn int(row: &dyn Row, index: usize) -> i64 {
    match row.get(index) {
        ValueRef::Int(int) => int,
        _ => 0,
    }
}
