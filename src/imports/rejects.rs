//! The rows that were refused, in a file: what they held and why.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::error::Error;

/// Bytes of refused rows that are kept; more are counted only.
const MAX_BYTES: u64 = 64 << 20;

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reject {
    /// Its place in the file, from 1; a line of names does not count.
    pub row: u64,
    /// Why, in words.
    pub message: String,
    /// Why, by field, as an answer to a create has it.
    pub data: Json,
    /// What it held, by column; text that could not be read as a row stands alone.
    pub values: Json,
}

impl Reject {
    pub(super) fn new(row: u64, error: &Error, values: Json) -> Self {
        let data = serde_json::to_value(error.data()).unwrap_or_default();
        let mut reasons = Vec::new();
        collect("", &data, &mut reasons);
        let message =
            if reasons.is_empty() { error.message().to_owned() } else { reasons.join(" ") };
        Self { row, message, data, values }
    }
}

/// `title: Cannot be blank.` of every leaf.
fn collect(path: &str, tree: &Json, reasons: &mut Vec<String>) {
    let Json::Object(object) = tree else { return };
    if let (Some(Json::String(_)), Some(Json::String(message))) =
        (object.get("code"), object.get("message"))
    {
        return reasons.push(format!("{path}: {message}"));
    }
    for (key, item) in object {
        let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        collect(&inner, item, reasons);
    }
}

/// Takes refused rows while an import runs.
pub(super) struct RejectWriter {
    path: PathBuf,
    out: Option<BufWriter<File>>,
    columns: Vec<String>,
    bytes: u64,
    count: u64,
}

impl RejectWriter {
    pub fn new(path: PathBuf) -> Self {
        Self { path, out: None, columns: Vec::new(), bytes: 0, count: 0 }
    }

    /// The columns of the file that is read, in their order.
    pub fn name_columns(&mut self, columns: Vec<String>) {
        self.columns = columns;
    }

    pub fn add(&mut self, reject: &Reject) -> io::Result<()> {
        let mut line = serde_json::to_vec(reject)?;
        line.push(b'\n');
        self.bytes += line.len() as u64;
        if self.bytes > MAX_BYTES {
            return Ok(());
        }
        self.count += 1;
        if self.out.is_none() {
            self.out = Some(BufWriter::new(File::create(&self.path)?));
        }
        self.out.as_mut().map_or(Ok(()), |out| out.write_all(&line))
    }

    pub fn end(mut self) -> io::Result<Rejects> {
        if let Some(out) = &mut self.out {
            out.flush()?;
        }
        let path = self.out.is_some().then_some(self.path);
        Ok(Rejects(Arc::new(Kept { path, columns: self.columns, count: self.count })))
    }
}

/// How refused rows are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectFormat {
    /// The columns of the file, then `_row` and `_error`.
    Csv,
    /// An object for each line.
    Ndjson,
}

/// The refused rows of an import that ended; the file goes with the last of these.
#[derive(Clone)]
pub struct Rejects(Arc<Kept>);

struct Kept {
    path: Option<PathBuf>,
    columns: Vec<String>,
    count: u64,
}

impl Rejects {
    /// None at all.
    pub(super) fn none() -> Self {
        Self(Arc::new(Kept { path: None, columns: Vec::new(), count: 0 }))
    }

    /// How many are kept.
    pub fn count(&self) -> u64 {
        self.0.count
    }

    /// Writes them to `out`. Blocks.
    ///
    /// # Errors
    /// The disk or `out` fails.
    pub fn write_to(&self, format: RejectFormat, mut out: impl Write) -> io::Result<()> {
        let file = self.0.path.as_ref().map(File::open).transpose()?;
        let lines = file.into_iter().flat_map(|file| BufReader::new(file).lines());
        if format == RejectFormat::Ndjson {
            for line in lines {
                writeln!(out, "{}", line?)?;
            }
            return out.flush();
        }
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(out);
        let columns = self.0.columns.iter().map(String::as_str);
        let no_columns = ["_values"].into_iter().filter(|_| self.0.columns.is_empty());
        writer.write_record(columns.chain(no_columns).chain(["_row", "_error"]))?;
        for line in lines {
            let reject: Reject = serde_json::from_str(&line?)?;
            writer.write_record(self.cells(&reject))?;
        }
        writer.flush()
    }

    fn cells(&self, reject: &Reject) -> Vec<String> {
        let text = |value: &Json| match value {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        let none = Map::new();
        let values = reject.values.as_object().unwrap_or(&none);
        let mut cells: Vec<String> = if self.0.columns.is_empty() {
            vec![text(&reject.values)]
        } else {
            let cell = |column: &String| values.get(column).map(text).unwrap_or_default();
            self.0.columns.iter().map(cell).collect()
        };
        cells.extend([reject.row.to_string(), reject.message.clone()]);
        cells
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // What stays is removed at the next start.
            let _ = fs::remove_file(path);
        }
    }
}
