//! Rows out of a stream of bytes, one at a time.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead as _, BufReader, Read};
use std::rc::Rc;

use serde::de::{Deserializer as _, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};

use crate::imports::{Format, ImportOrder};
use crate::json;

/// Bytes of one row.
const MAX_ROW: usize = 16 << 20;
/// Columns of a file of cells.
const MAX_COLUMNS: usize = 2000;
/// Bytes of an unreadable row that are told.
const SHOWN: usize = 500;

/// What a row holds.
#[derive(Debug, Clone)]
pub(super) enum Cells {
    /// One text for each column.
    Texts(csv::StringRecord),
    /// Values by name.
    Object(Map<String, Json>),
}

/// What could not be read as a row.
#[derive(Debug)]
pub(super) struct Broken {
    pub reason: String,
    pub text: String,
}

/// What takes the rows.
pub(super) trait Sink {
    /// Why it takes no more.
    type End;
    /// The columns of a file of cells, before its rows.
    fn columns(&mut self, names: Vec<String>) -> Result<(), Self::End>;
    /// A row.
    fn row(&mut self, row: Result<Cells, Broken>) -> Result<(), Self::End>;
}

/// Why there are no more rows.
pub(super) enum Unread<E> {
    /// The rest of the file cannot be read.
    File(String),
    /// The sink takes no more.
    Sink(E),
}

/// Reads all rows of `input`.
pub(super) fn read<S: Sink>(
    order: &ImportOrder,
    input: impl Read,
    sink: &mut S,
) -> Result<(), Unread<S::End>> {
    let since = Rc::new(Cell::new(0));
    let limited = Limited { input, since: Rc::clone(&since) };
    let input = without_mark(limited).map_err(|e| Unread::File(e.to_string()))?;
    match order.format {
        Format::Csv | Format::Tsv => cells(order, input, &since, sink),
        Format::Ndjson => lines(input, &since, sink),
        Format::Json => list(input, &since, sink),
    }
}

/// Counts the bytes of a row, and ends one that is too long.
struct Limited<R> {
    input: R,
    since: Rc<Cell<usize>>,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since.get() > MAX_ROW {
            return Err(io::Error::other("a row is longer than 16 MiB"));
        }
        let count = self.input.read(buffer)?;
        self.since.set(self.since.get() + count);
        Ok(count)
    }
}

/// The same without the mark that some programs put before text in UTF-8.
fn without_mark<R: Read>(mut input: R) -> io::Result<impl Read> {
    let mut first = Vec::with_capacity(3);
    (&mut input).take(3).read_to_end(&mut first)?;
    if first.starts_with(b"\xff\xfe") || first.starts_with(b"\xfe\xff") {
        return Err(io::Error::other("the file is UTF-16; save it as UTF-8"));
    }
    if first == b"\xef\xbb\xbf" {
        first.clear();
    }
    Ok(io::Cursor::new(first).chain(input))
}

fn cells<S: Sink>(
    order: &ImportOrder,
    input: impl Read,
    since: &Cell<usize>,
    sink: &mut S,
) -> Result<(), Unread<S::End>> {
    let broken = |e: csv::Error| Unread::File(e.to_string());
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(order.delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(input);
    let mut record = csv::ByteRecord::new();
    let mut width = None;
    while reader.read_byte_record(&mut record).map_err(broken)? {
        since.set(0);
        let row = text_of(&record);
        let Some(width) = width else {
            if record.len() > MAX_COLUMNS {
                return Err(Unread::File("the file has too many columns".to_owned()));
            }
            width = Some(record.len());
            if order.has_header {
                let names = row.map_err(|broken| Unread::File(broken.reason))?;
                let names = names.iter().map(|name| name.trim().to_owned()).collect();
                sink.columns(names).map_err(Unread::Sink)?;
                continue;
            }
            let names = (1..=record.len()).map(|place| place.to_string()).collect();
            sink.columns(names).map_err(Unread::Sink)?;
            sink.row(row.map(Cells::Texts)).map_err(Unread::Sink)?;
            continue;
        };
        let row = row.and_then(|cells| {
            if cells.len() == width {
                return Ok(Cells::Texts(cells));
            }
            let reason =
                format!("The row has {} cells, and there are {width} columns.", cells.len());
            let text = cells.iter().collect::<Vec<_>>().join(",");
            Err(Broken { reason, text: shortened(&text) })
        });
        sink.row(row).map_err(Unread::Sink)?;
    }
    Ok(())
}

fn text_of(record: &csv::ByteRecord) -> Result<csv::StringRecord, Broken> {
    csv::StringRecord::from_byte_record(record.clone()).map_err(|error| Broken {
        reason: "The row is not text in UTF-8.".to_owned(),
        text: shortened(&String::from_utf8_lossy(error.into_byte_record().as_slice())),
    })
}

fn shortened(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

fn lines<S: Sink>(
    input: impl Read,
    since: &Cell<usize>,
    sink: &mut S,
) -> Result<(), Unread<S::End>> {
    let mut reader = BufReader::with_capacity(64 << 10, input);
    let mut line = Vec::new();
    loop {
        line.clear();
        since.set(0);
        let count = reader.read_until(b'\n', &mut line);
        if count.map_err(|e| Unread::File(e.to_string()))? == 0 {
            return Ok(());
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let row = match std::str::from_utf8(&line) {
            Ok(text) => object(text),
            Err(_) => Err(Broken {
                reason: "The row is not text in UTF-8.".to_owned(),
                text: shortened(&String::from_utf8_lossy(&line)),
            }),
        };
        sink.row(row).map_err(Unread::Sink)?;
    }
}

fn object(text: &str) -> Result<Cells, Broken> {
    let broken = |reason: String| Broken { reason, text: shortened(text.trim()) };
    match json::parse_whole(text) {
        Ok(Json::Object(object)) => Ok(Cells::Object(object)),
        Ok(_) => Err(broken("The row is no JSON object.".to_owned())),
        Err(error) => Err(broken(format!("The row is no JSON: {error}."))),
    }
}

fn list<S: Sink>(
    input: impl Read,
    since: &Cell<usize>,
    sink: &mut S,
) -> Result<(), Unread<S::End>> {
    let mut end = None;
    let mut reader = serde_json::Deserializer::from_reader(BufReader::new(input));
    let read = reader.deserialize_seq(Items { since, sink, end: &mut end });
    match (end, read.and_then(|()| reader.end())) {
        (Some(end), _) => Err(Unread::Sink(end)),
        (None, Ok(())) => Ok(()),
        (None, Err(error)) => Err(Unread::File(format!("this is no list of JSON: {error}"))),
    }
}

/// Hands the items of a list on, without keeping them.
struct Items<'a, S: Sink> {
    since: &'a Cell<usize>,
    sink: &'a mut S,
    end: &'a mut Option<S::End>,
}

impl<'de, S: Sink> Visitor<'de> for Items<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(item) = seq.next_element::<Box<RawValue>>()? {
            self.since.set(0);
            if let Err(end) = self.sink.row(object(item.get())) {
                *self.end = Some(end);
                return Err(serde::de::Error::custom("no more is taken"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Notes rows, and takes so many.
    struct Notes(Vec<String>, usize);

    impl Sink for Notes {
        type End = ();

        fn columns(&mut self, names: Vec<String>) -> Result<(), ()> {
            self.0.push(format!("columns {}", names.join("|")));
            Ok(())
        }

        fn row(&mut self, row: Result<Cells, Broken>) -> Result<(), ()> {
            self.0.push(match row {
                Ok(Cells::Texts(texts)) => texts.iter().collect::<Vec<_>>().join("|"),
                Ok(Cells::Object(object)) => Json::Object(object).to_string(),
                Err(broken) => format!("broken: {}", broken.reason),
            });
            if self.0.len() < self.1 { Ok(()) } else { Err(()) }
        }
    }

    fn notes(format: &'static str, text: &[u8]) -> (Vec<String>, Option<String>) {
        let get = |name: &str| (name == "format").then_some(format);
        let order = ImportOrder::parse(get, None).unwrap();
        let mut notes = Notes(Vec::new(), 100);
        let ended = read(&order, text, &mut notes);
        let why = ended.err().map(|unread| match unread {
            Unread::File(why) => why,
            Unread::Sink(()) => "sink".to_owned(),
        });
        (notes.0, why)
    }

    #[test]
    fn cells_are_read_and_bad_lines_stand_alone() {
        let text = b"\xef\xbb\xbfa,b\n1,\"x\ny\"\n\n2\n3,\xff\n4,z\n";
        let (rows, why) = notes("csv", text);
        assert_eq!(why, None);
        let broken = "broken: The row has 1 cells, and there are 2 columns.";
        let not_text = "broken: The row is not text in UTF-8.";
        assert_eq!(rows, ["columns a|b", "1|x\ny", broken, not_text, "4|z"]);
        assert_eq!(notes("tsv", b"a\tb\n1\t2\n").0, ["columns a|b", "1|2"]);
        assert!(notes("csv", b"\xff\xfea\0").1.unwrap().contains("UTF-16"));
    }

    #[test]
    fn objects_are_read_from_lines_and_lists() {
        let (rows, why) = notes("ndjson", b"{\"a\":1}\n\n[1]\n{\"a\":\n{\"a\":1,\"a\":2}\n{}");
        assert_eq!((rows.len(), why), (5, None));
        assert_eq!((rows[0].as_str(), rows[4].as_str()), (r#"{"a":1}"#, "{}"));
        assert!(rows[1..4].iter().all(|row| row.starts_with("broken")), "{rows:?}");
        let (rows, why) = notes("json", b" [ {\"a\":[1,{}]} , 5 ] ");
        assert_eq!((rows.len(), why), (2, None));
        let (rows, why) = notes("json", b"[{\"a\":1},{\"a\"");
        assert_eq!((rows.len(), why.is_some()), (1, true));
        assert!(notes("json", b"{\"a\":1}").1.is_some());
        assert!(notes("json", b"[] 1").1.is_some());
    }

    #[test]
    fn a_row_has_a_limit() {
        let long = format!("[\"{}\"]", "x".repeat(MAX_ROW + 100_000));
        assert!(notes("json", long.as_bytes()).1.unwrap().contains("longer"));
        assert!(notes("ndjson", long.as_bytes()).1.unwrap().contains("longer"));
        assert!(notes("csv", long.as_bytes()).1.unwrap().contains("longer"));
    }
}
