//! The table of sessions: every read and write of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::auth::sessions::refresh_token::Salt;
use crate::auth::sessions::session::{Device, Session};
use crate::clock::DateTime;
use crate::error::{Error, Result};
use crate::schema::system::SESSIONS;
use crate::sql::{Row, Statement, Value, ValueRef, write};
use crate::store::Tx;

/// Sessions a record has at most; past that the one that idles longest ends.
const MAX_OF_RECORD: usize = 100;
/// Rows that go at a time when what is over is swept.
pub(super) const STEP: usize = 1000;

const COLUMNS: &str = "id, collection, record, proof, salt, generation, current, spent, \
    user_agent, ip, created, used, ends";
const IS_OPEN: &str =
    "SELECT 1 FROM _gr_sessions WHERE id = ?1 AND collection = ?2 AND record = ?3";
const OLDEST: &str = "SELECT id FROM _gr_sessions WHERE collection = ?1 AND record = ?2 \
    ORDER BY used DESC, id DESC LIMIT -1 OFFSET ?3";
const PAGE: &str = "WHERE collection = ?1 AND (?2 = '' OR record = ?2) AND ends > ?3";
const OTHERS: &str = "SELECT id FROM _gr_sessions WHERE collection = ?1 AND record = ?2 \
    AND id <> ?3";
const OVER: &str = "DELETE FROM _gr_sessions WHERE id IN \
    (SELECT id FROM _gr_sessions WHERE ends <= ?1 LIMIT ?2)";
const IS_ANY_OVER: &str = "SELECT 1 FROM _gr_sessions WHERE ends <= ?1 LIMIT 1";

/// Whether a record has a session of this id. What else ends a session ends its tokens, too.
pub(in crate::auth) fn is_open(
    tx: &Tx<'_>,
    id: &str,
    collection_id: &str,
    record_id: &str,
) -> Result<bool> {
    let params = vec![id.into(), collection_id.into(), record_id.into()];
    Ok(tx.query_one(&Statement::new(IS_OPEN, params), |_| Ok(()))?.is_some())
}

pub(super) fn find(tx: &Tx<'_>, id: &str) -> Result<Option<Session>> {
    let text = format!("SELECT {COLUMNS} FROM _gr_sessions WHERE id = ?1");
    tx.query_one(&Statement::new(text, vec![id.into()]), read)
}

/// A page of the sessions of a collection, or of one of its records; and how many there are.
pub(super) fn page(
    tx: &Tx<'_>,
    collection_id: &str,
    record_id: &str,
    now: DateTime,
    (limit, offset): (u64, u64),
) -> Result<(Vec<Session>, i64)> {
    let signed = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
    let mut params = vec![collection_id.into(), record_id.into(), now.unix_ms().into()];
    let text = format!("SELECT COUNT(*) FROM _gr_sessions {PAGE}");
    let total = tx.query_one(&Statement::new(text, params.clone()), |row| Ok(int(row, 0)))?;
    params.extend([signed(limit), signed(offset)]);
    let text = format!(
        "SELECT {COLUMNS} FROM _gr_sessions {PAGE} ORDER BY used DESC, id DESC LIMIT ?4 OFFSET ?5"
    );
    let mut sessions = Vec::new();
    tx.query(&Statement::new(text, params), |row| {
        sessions.push(read(row)?);
        Ok(())
    })?;
    Ok((sessions, total.unwrap_or(0)))
}

/// Adds a session; returns the ids of those that had to go for it.
pub(super) fn insert(tx: &Tx<'_>, session: &Session) -> Result<Vec<String>> {
    tx.execute(&write::insert(tx.dialect(), SESSIONS, &row(session)))?;
    let (collection, record) = (session.collection_id.as_str(), session.record_id.as_str());
    let limit = i64::try_from(MAX_OF_RECORD).unwrap_or(i64::MAX);
    let params = vec![collection.into(), record.into(), limit.into()];
    let surplus = ids(tx, &Statement::new(OLDEST, params))?;
    delete_all(tx, &surplus)?;
    Ok(surplus)
}

/// Writes what a rotation changed.
pub(super) fn update(tx: &Tx<'_>, session: &Session) -> Result<()> {
    let changing = ["generation", "current", "spent", "user_agent", "ip", "used", "ends"];
    let changes: Vec<(&str, Value)> =
        row(session).into_iter().filter(|(name, _)| changing.contains(name)).collect();
    tx.execute(&write::update(tx.dialect(), SESSIONS, &session.id, &changes))?;
    Ok(())
}

pub(super) fn delete(tx: &Tx<'_>, id: &str) -> Result<bool> {
    Ok(tx.execute(&write::delete(tx.dialect(), SESSIONS, id))? > 0)
}

/// Deletes the sessions of a record but for one; returns their ids.
pub(super) fn delete_others(
    tx: &Tx<'_>,
    collection_id: &str,
    record_id: &str,
    kept: &str,
) -> Result<Vec<String>> {
    let params = vec![collection_id.into(), record_id.into(), kept.into()];
    let others = ids(tx, &Statement::new(OTHERS, params))?;
    delete_all(tx, &others)?;
    Ok(others)
}

/// Deletes some of what is over; tells how many. Nothing is written where nothing is over.
pub(super) fn delete_over(tx: &Tx<'_>, now: DateTime) -> Result<usize> {
    let step = i64::try_from(STEP).unwrap_or(i64::MAX);
    let params = vec![now.unix_ms().into(), step.into()];
    Ok(tx.execute(&Statement::new(OVER, params))?)
}

pub(super) fn is_any_over(tx: &Tx<'_>, now: DateTime) -> Result<bool> {
    let statement = Statement::new(IS_ANY_OVER, vec![now.unix_ms().into()]);
    Ok(tx.query_one(&statement, |_| Ok(()))?.is_some())
}

fn ids(tx: &Tx<'_>, statement: &Statement) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    tx.query(statement, |row| {
        ids.push(row.get(0).text().to_owned());
        Ok(())
    })?;
    Ok(ids)
}

fn delete_all(tx: &Tx<'_>, ids: &[String]) -> Result<()> {
    for id in ids {
        delete(tx, id)?;
    }
    Ok(())
}

fn row(session: &Session) -> [(&'static str, Value); 13] {
    let spent: Vec<String> = session.spent.iter().map(|at| at.unix_ms().to_string()).collect();
    [
        ("id", Value::from(session.id.as_str())),
        ("collection", session.collection_id.as_str().into()),
        ("record", session.record_id.as_str().into()),
        ("proof", session.proof.as_str().into()),
        ("salt", URL_SAFE_NO_PAD.encode(session.salt).into()),
        ("generation", i64::from(session.generation).into()),
        ("current", session.current.as_str().into()),
        ("spent", spent.join(",").into()),
        ("user_agent", session.device.user_agent.as_str().into()),
        ("ip", session.device.ip.as_str().into()),
        ("created", session.created.unix_ms().into()),
        ("used", session.used.unix_ms().into()),
        ("ends", session.ends.unix_ms().into()),
    ]
}

fn read(row: &dyn Row) -> Result<Session> {
    let text = |index: usize| row.get(index).text().to_owned();
    let moment = |index: usize| DateTime::from_unix_ms(int(row, index));
    let broken = || Error::internal("a row of the sessions is broken");
    let salt: Option<Salt> =
        URL_SAFE_NO_PAD.decode(row.get(4).text()).ok().and_then(|salt| salt.try_into().ok());
    let spent = text(7);
    let spent = spent.split(',').filter(|at| !at.is_empty());
    let spent = spent.map(|at| at.parse().map(DateTime::from_unix_ms).map_err(|_| broken()));
    Ok(Session {
        id: text(0),
        collection_id: text(1),
        record_id: text(2),
        proof: text(3),
        salt: salt.ok_or_else(broken)?,
        generation: int(row, 5).try_into().map_err(|_| broken())?,
        current: text(6),
        spent: spent.collect::<Result<_>>()?,
        device: Device { user_agent: text(8), ip: text(9) },
        created: moment(10),
        used: moment(11),
        ends: moment(12),
    })
}

fn int(row: &dyn Row, index: usize) -> i64 {
    match row.get(index) {
        ValueRef::Int(int) => int,
        _ => 0,
    }
}
