//! The table of changes: written with them, read by those who were away, trimmed in small steps.

use std::collections::HashSet;

use crate::changes::{Action, row};
use crate::clock::DateTime;
use crate::error::Result;
use crate::schema::Collection;
use crate::sql::{Statement, Value};
use crate::store::Tx;

const INSERT: &str = "INSERT INTO _gr_changes (collection, record, action, at, before) \
                      VALUES (?1, ?2, ?3, ?4, ?5) RETURNING seq";
const BOUNDS: &str = "SELECT MIN(seq), MAX(seq) FROM _gr_changes";
const READ: &str = "SELECT seq, record, action, before FROM _gr_changes \
                    WHERE seq > ?1 AND collection = ?2 ORDER BY seq LIMIT ?3";
// The newest stays whatever happens: its number is where the next one is counted from.
const TRIM: &str = "DELETE FROM _gr_changes WHERE seq IN (SELECT seq FROM _gr_changes \
                    WHERE (at < ?1 OR seq <= (SELECT MAX(seq) FROM _gr_changes) - ?2) \
                    AND seq < (SELECT MAX(seq) FROM _gr_changes) ORDER BY seq LIMIT ?3)";

/// Rows that one step of trimming takes away at most.
pub const STEP: usize = 1000;

/// One change, as the log tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its place in the log.
    pub seq: u64,
    /// What happened.
    pub action: Action,
    /// The record's id.
    pub record: String,
    /// The row that a delete took, in the order of the collection's fields.
    pub before: Option<Vec<Value>>,
}

/// The part of the log that is still there; zeros while nothing happened yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The oldest change that is kept.
    pub oldest: u64,
    /// The newest one.
    pub newest: u64,
}

impl Span {
    /// True when everything after `since` is still there to be told.
    pub fn covers(self, since: u64) -> bool {
        since <= self.newest && (since + 1 >= self.oldest)
    }
}

/// What happened to the records of one collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Since {
    /// The last change of each record, in the order of the log.
    pub changes: Vec<Change>,
    /// Up to where this tells everything.
    pub up_to: u64,
    /// There is more behind `up_to`.
    pub has_more: bool,
}

/// In the place of an action: the log of a collection was switched on again, and knows nothing of
/// what happened to it while it was off.
const BEGINS_ANEW: i64 = 0;

/// Writes a change down and tells its number; nothing where the collection keeps no log.
pub(super) fn append(
    tx: &Tx<'_>,
    collection: &Collection,
    id: &str,
    action: Action,
    before: Option<&[Value]>,
    now: DateTime,
) -> Result<Option<u64>> {
    if !collection.keeps_changes {
        return Ok(None);
    }
    let before = before.map(|values| row::to_json(collection, values));
    let params = vec![
        collection.id.as_str().into(),
        id.into(),
        action.code().into(),
        now.unix_ms().into(),
        before.into(),
    ];
    let seq = tx.query_one(&Statement::new(INSERT, params), |row| Ok(number(row.get(0))))?;
    Ok(seq)
}

/// Notes that the log of a collection is kept from here on, and was not before.
pub fn begin_anew(tx: &Tx<'_>, collection: &Collection, now: DateTime) -> Result<()> {
    let params = vec![
        collection.id.as_str().into(),
        "".into(),
        BEGINS_ANEW.into(),
        now.unix_ms().into(),
        Value::Null,
    ];
    tx.query_one(&Statement::new(INSERT, params), |_| Ok(()))?;
    Ok(())
}

/// What is there to be told.
pub(super) fn span(tx: &Tx<'_>) -> Result<Span> {
    let bounds = tx.query_one(&Statement::new(BOUNDS, Vec::new()), |row| {
        Ok(Span { oldest: number(row.get(0)), newest: number(row.get(1)) })
    })?;
    Ok(bounds.unwrap_or(Span { oldest: 0, newest: 0 }))
}

/// What happened after `since`, told by at most `limit` rows of the log; `None` where it was
/// switched off for a while in between.
pub(super) fn since(
    tx: &Tx<'_>,
    collection: &Collection,
    since: u64,
    limit: usize,
) -> Result<Option<Since>> {
    let newest = span(tx)?.newest;
    let params = vec![signed(since).into(), collection.id.as_str().into(), count(limit).into()];
    let mut rows: Vec<Change> = Vec::new();
    let mut is_whole = true;
    tx.query(&Statement::new(READ, params), |found| {
        if let Some(action) = Action::of_code(signed(number(found.get(2)))) {
            let before = found.get(3).text();
            rows.push(Change {
                seq: number(found.get(0)),
                action,
                record: found.get(1).text().to_owned(),
                before: (!before.is_empty()).then(|| row::from_json(collection, before)),
            });
        } else {
            is_whole = false;
        }
        Ok(())
    })?;
    if !is_whole {
        return Ok(None);
    }
    let has_more = rows.len() >= limit;
    let up_to = if has_more { rows.last().map_or(newest, |last| last.seq) } else { newest };
    Ok(Some(Since { changes: last_of_each(rows), up_to, has_more }))
}

/// Of each record its last change; one that was made meanwhile stays "made".
fn last_of_each(rows: Vec<Change>) -> Vec<Change> {
    let mut made: HashSet<String> = HashSet::new();
    for row in rows.iter().filter(|row| row.action == Action::Create) {
        made.insert(row.record.clone());
    }
    let mut seen = HashSet::new();
    let mut last: Vec<Change> = Vec::new();
    for mut row in rows.into_iter().rev() {
        if seen.insert(row.record.clone()) {
            if row.action == Action::Update && made.contains(&row.record) {
                row.action = Action::Create;
            }
            last.push(row);
        }
    }
    last.reverse();
    last
}

/// Takes away one step of what is older than `before` or beyond `keep` rows; tells how many.
pub(super) fn trim(tx: &Tx<'_>, before: DateTime, keep: u64) -> Result<usize> {
    let params = vec![before.unix_ms().into(), signed(keep).into(), count(STEP).into()];
    Ok(tx.execute(&Statement::new(TRIM, params))?)
}

fn number(value: crate::sql::ValueRef<'_>) -> u64 {
    match value {
        crate::sql::ValueRef::Int(int) => int.try_into().unwrap_or(0),
        _ => 0,
    }
}

fn signed(number: u64) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

fn count(number: usize) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}
