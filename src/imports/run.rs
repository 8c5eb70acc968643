//! One import from its first byte to its last: rows are prepared here while those before them are
//! written on the writer's thread.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Map, Value as Json};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::error::{Error, FieldErrors, Kind, Result};
use crate::imports::progress::{Progress, State};
use crate::imports::rejects::{Reject, RejectWriter, Rejects};
use crate::imports::rows::{self, Broken, Cells, Sink, Unread};
use crate::imports::{ImportOrder, values};
use crate::records::{BulkRow, Records, Rehearsed, Target, Unknown, Written};
use crate::schema::FieldType;
use crate::store::Tx;

/// Rows of one transaction.
const ROWS: usize = 1000;
/// Bytes of one transaction's rows.
const BYTES: usize = 4 << 20;
/// How long one transaction may take.
const LIMIT: Duration = Duration::from_secs(60);
/// Between two tries of a writer whose queue is full.
const PAUSE: Duration = Duration::from_millis(100);
/// Tries of a writer whose queue is full.
const TRIES: usize = 100;
const FAILED: &str = "Failed to import the row.";

/// Why an import ends before its file does.
pub(super) enum End {
    Stopped(String),
    Cancelled,
    Failed(String),
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        tracing::warn!(%error, "an import failed");
        Self::Failed(match (error.kind(), std::error::Error::source(&error)) {
            (Kind::Internal, Some(_)) | (_, None) => error.message().to_owned(),
            (_, Some(cause)) => format!("{} ({cause})", error.message()),
        })
    }
}

/// A row that waits for its transaction.
struct Pending {
    number: u64,
    cells: Cells,
    row: BulkRow,
}

/// What became of the rows of one transaction, as far as it came.
type Outcome = Vec<Result<Written>>;

/// A transaction on its way.
struct InFlight {
    rows: Vec<(u64, Cells)>,
    outcome: JoinHandle<Result<Outcome>>,
}

pub(super) struct Run {
    records: Records,
    target: Target,
    order: ImportOrder,
    progress: Arc<Progress>,
    rejects: RejectWriter,
    runtime: Handle,
    /// The rows of a dry run.
    seen: Option<Arc<Mutex<Rehearsed>>>,
    unknown: Option<Unknown>,
    /// The names of the columns, and the place of the field that each goes to.
    columns: Vec<(String, Option<usize>)>,
    number: u64,
    waiting: Vec<Pending>,
    bytes: usize,
    in_flight: Option<InFlight>,
}

impl Run {
    pub fn new(
        records: Records,
        target: Target,
        order: ImportOrder,
        progress: Arc<Progress>,
        rejects: RejectWriter,
        runtime: Handle,
    ) -> Self {
        let seen = order.dry_run.then(|| Arc::new(Mutex::new(Rehearsed::new(&target.collection))));
        Self {
            seen,
            records,
            target,
            order,
            progress,
            rejects,
            runtime,
            unknown: None,
            columns: Vec::new(),
            number: 0,
            waiting: Vec::new(),
            bytes: 0,
            in_flight: None,
        }
    }

    /// Reads and writes all rows; how it ended stands in the progress. Blocks.
    pub fn run(mut self, input: impl Read) {
        let order = self.order.clone();
        let read = rows::read(&order, input, &mut self);
        let read = read.map_err(|unread| match unread {
            Unread::File(_) if self.progress.is_cancelled() => End::Cancelled,
            Unread::File(why) => End::Failed(why),
            Unread::Sink(end) => end,
        });
        // What was read before the end of the file was asked for; after a cancel nothing is.
        let rest = match &read {
            Err(End::Cancelled) => self.settle(),
            _ => self.flush().and_then(|()| self.settle()),
        };
        let (state, message) = match read.and(rest) {
            Ok(()) => (State::Done, String::new()),
            Err(End::Stopped(message)) => (State::Stopped, message),
            Err(End::Cancelled) => (State::Cancelled, "It was cancelled.".to_owned()),
            Err(End::Failed(message)) => (State::Failed, message),
        };
        let rejects = self.rejects.end().unwrap_or_else(|error| {
            tracing::warn!(%error, "the refused rows of an import could not be kept");
            Rejects::none()
        });
        self.progress.end(state, message, rejects, self.records.changes.now());
    }

    /// Refuses a row.
    fn reject(&mut self, number: u64, error: &Error, values: Json) -> Result<(), End> {
        let reject = Reject::new(number, error, values);
        self.progress.reject(&reject);
        self.rejects.add(&reject).map_err(Error::internal)?;
        if self.order.skips {
            return Ok(());
        }
        Err(End::Stopped(format!("Row {number} was refused: {}", reject.message)))
    }

    /// The values that a row has for the fields, and moments that the server sets otherwise.
    fn values_of(&self, cells: &Cells) -> Result<(Map<String, Json>, Moments)> {
        let (mut out, mut moments) = (Map::new(), Vec::new());
        let mut errors = FieldErrors::default();
        let mut take = |at: usize, value: Result<Option<Json>, _>| {
            let field = &self.target.collection.fields[at];
            match value {
                Err(issue) => errors.add(field.name.clone(), issue),
                Ok(None) => {}
                Ok(Some(value)) if matches!(field.kind, FieldType::Autodate(_)) => {
                    let moment = field.kind.cast(&value);
                    if !moment.text().is_empty() {
                        moments.push((at, moment));
                    }
                }
                Ok(Some(value)) => drop(out.insert(field.name.clone(), value)),
            }
        };
        match cells {
            Cells::Texts(texts) => {
                for (cell, (_, at)) in texts.iter().zip(&self.columns) {
                    let Some(at) = *at else { continue };
                    let field = &self.target.collection.fields[at];
                    take(at, values::of_cell(field, cell, self.order.separator));
                }
            }
            Cells::Object(object) => {
                for (name, value) in object {
                    let Some(at) = self.field_of(0, name) else { continue };
                    take(at, values::of_json(&self.target.collection.fields[at], value.clone()));
                }
            }
        }
        errors.into_result(FAILED)?;
        Ok((out, moments))
    }

    /// Where a column goes; what no field takes is noted.
    fn field_of(&self, at: usize, column: &str) -> Option<usize> {
        const OURS: [&str; 3] = ["collectionId", "collectionName", "expand"];
        let collection = &self.target.collection;
        let found = self.order.mapping.field_of(collection, at, column);
        // The files themselves are not in the file.
        let found = found.filter(|&at| !matches!(collection.fields[at].kind, FieldType::File(_)));
        if found.is_none() && !OURS.contains(&column) {
            self.progress.ignore(column);
        }
        found
    }

    fn prepare(&mut self, cells: Cells) -> Result<(), End> {
        let number = self.number;
        let prepared = self.values_of(&cells).and_then(|(values, moments)| {
            let is_auth = self.target.collection.auth().is_some();
            if is_auth && self.unknown.is_none() && !values.contains_key("password") {
                self.unknown = Some(self.runtime.block_on(self.records.unknown_password())?);
            }
            let unknown = self.unknown.as_ref();
            let row = self.records.bulk_row(&self.target, values, moments, unknown);
            self.runtime.block_on(row)
        });
        match prepared {
            Ok(row) => {
                self.bytes += size_of_cells(&cells);
                self.waiting.push(Pending { number, cells, row });
                Ok(())
            }
            Err(error) if error.kind() == Kind::BadRequest => {
                self.catch_up()?;
                self.reject(number, &error, self.shown(&cells))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What a row held, by column.
    fn shown(&self, cells: &Cells) -> Json {
        match cells {
            Cells::Object(object) => Json::Object(object.clone()),
            Cells::Texts(texts) => {
                let names = self.columns.iter().map(|(name, _)| name.clone());
                Json::Object(names.zip(texts.iter().map(Json::from)).collect())
            }
        }
    }

    /// Where a refused row ends the import, those before it come first.
    fn catch_up(&mut self) -> Result<(), End> {
        if self.order.skips {
            return Ok(());
        }
        self.flush()?;
        self.settle()
    }

    /// Sends what waits to the writer, after what is on its way.
    fn flush(&mut self) -> Result<(), End> {
        self.settle()?;
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.bytes = 0;
        let mut rows = Vec::with_capacity(self.waiting.len());
        let mut ready = Vec::with_capacity(self.waiting.len());
        for Pending { number, cells, row } in self.waiting.drain(..) {
            rows.push((number, cells));
            ready.push(row);
        }
        let (records, target) = (self.records.clone(), self.target.clone());
        let (seen, skips) = (self.seen.clone(), self.order.skips);
        let progress = Arc::clone(&self.progress);
        let write = async move {
            let outcome = write(records, target, ready, seen, skips).await?;
            progress.count(&outcome);
            Ok(outcome)
        };
        self.in_flight = Some(InFlight { rows, outcome: self.runtime.spawn(write) });
        Ok(())
    }

    /// Waits for what is on its way, and tells which rows of it were refused.
    fn settle(&mut self) -> Result<(), End> {
        let Some(InFlight { rows, outcome }) = self.in_flight.take() else { return Ok(()) };
        let outcome = self.runtime.block_on(outcome).map_err(Error::internal)??;
        for ((number, cells), written) in rows.into_iter().zip(outcome) {
            if let Err(error) = written {
                self.reject(number, &error, self.shown(&cells))?;
            }
        }
        Ok(())
    }
}

type Moments = Vec<(usize, crate::sql::Value)>;

impl Sink for Run {
    type End = End;

    fn columns(&mut self, names: Vec<String>) -> Result<(), End> {
        let places = names.iter().enumerate().map(|(at, name)| self.field_of(at, name));
        let places: Vec<Option<usize>> = places.collect();
        for (at, place) in places.iter().enumerate() {
            if place.is_some() && places[..at].contains(place) {
                let why = format!("The column \"{}\" goes to a field that has one.", names[at]);
                return Err(End::Failed(why));
            }
        }
        if places.iter().all(Option::is_none) {
            return Err(End::Failed("No column has the name of a field.".to_owned()));
        }
        self.rejects.name_columns(names.clone());
        self.columns = names.into_iter().zip(places).collect();
        Ok(())
    }

    fn row(&mut self, row: Result<Cells, Broken>) -> Result<(), End> {
        if self.progress.is_cancelled() {
            return Err(End::Cancelled);
        }
        self.number += 1;
        self.progress.rows.store(self.number, Ordering::Relaxed);
        match row {
            Ok(cells) => self.prepare(cells)?,
            Err(Broken { reason, text }) => {
                self.catch_up()?;
                self.reject(self.number, &Error::bad_request(reason), Json::String(text))?;
            }
        }
        if self.waiting.len() >= ROWS || self.bytes >= BYTES { self.flush() } else { Ok(()) }
    }
}

fn size_of_cells(cells: &Cells) -> usize {
    match cells {
        Cells::Texts(texts) => texts.as_slice().len() + texts.len() * size_of::<Json>(),
        Cells::Object(object) => object.values().map(size_of_json).sum(),
    }
}

fn size_of_json(value: &Json) -> usize {
    size_of::<Json>()
        + match value {
            Json::String(text) => text.len(),
            Json::Array(items) => items.iter().map(size_of_json).sum(),
            Json::Object(object) => object.values().map(size_of_json).sum(),
            _ => 0,
        }
}

/// Writes rows in one transaction. Where none may be refused, those behind the first are not
/// looked at.
async fn write(
    records: Records,
    target: Target,
    rows: Vec<BulkRow>,
    seen: Option<Arc<Mutex<Rehearsed>>>,
    skips: bool,
) -> Result<Outcome> {
    let rows = Arc::new(Mutex::new(Some(rows)));
    let tried = Arc::new(Mutex::new(None));
    for _ in 0..TRIES {
        let (rows, tried) = (Arc::clone(&rows), Arc::clone(&tried));
        let (own, target, result) = (records.clone(), target.clone(), Arc::clone(&tried));
        let (taken, seen) = (Arc::clone(&rows), seen.clone());
        let work = move |tx: &Tx<'_>| {
            let rows = taken.lock().take().unwrap_or_default();
            let mut seen = seen.as_ref().map(|seen| seen.lock());
            let outcome = write_all(&own, tx, &target, rows, seen.as_deref_mut(), skips)?;
            if seen.is_some() {
                *result.lock() = Some(outcome);
                return Err(Error::busy("A dry run keeps nothing."));
            }
            Ok(outcome)
        };
        let done = records.store.write_exclusive(LIMIT, work).await;
        match done {
            Err(error) if error.kind() == Kind::Busy => {
                if let Some(outcome) = tried.lock().take() {
                    return Ok(outcome);
                }
                if rows.lock().is_none() {
                    return Err(error);
                }
            }
            done => return done,
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(Error::busy("The database is busy, try again shortly."))
}

fn write_all(
    records: &Records,
    tx: &Tx<'_>,
    target: &Target,
    rows: Vec<BulkRow>,
    mut seen: Option<&mut Rehearsed>,
    skips: bool,
) -> Result<Outcome> {
    if records.schema().version() != target.schema.version() {
        return Err(Error::busy("The collections were changed while rows were written."));
    }
    let mut outcome = Vec::with_capacity(rows.len());
    for row in rows {
        let written = records.write_bulk(tx, target, row, seen.as_deref_mut());
        let is_end = match &written {
            Ok(_) => false,
            Err(error) if error.kind() == Kind::BadRequest => !skips,
            Err(_) => return written.map(|_| Vec::new()),
        };
        outcome.push(written);
        if is_end {
            break;
        }
    }
    Ok(outcome)
}
