//! What the field kinds make of all sorts of input, and the answers of the reference
//! (version 0.40.6).
//!
//! A file of `tests/fields/answers` begins with the options of a field. The lines after that are
//! what was sent, what the reference showed of it later or `!` and the code it refused it with,
//! and, where we differ on purpose, what we answer instead.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::error::{Issue, Result};
use crate::json::{parse, to_string};
use crate::schema::{Draft, Field};
use crate::sql::{Statement, Value, write};
use crate::store::Tx;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fields/answers");

/// A line of such a file.
struct Case {
    sent: String,
    expected: String,
}

fn cases(text: &str) -> (Field, Vec<Case>) {
    let mut lines = text.lines();
    let Json::Object(mut options) = parse(lines.next().unwrap().as_bytes()).unwrap() else {
        panic!("options are an object");
    };
    options.insert("name".to_owned(), json!("f"));
    let body = json!({"name": "stage", "type": "base", "fields": [options]});
    let collection = Draft::create(body.as_object().unwrap()).unwrap().collection;
    let field = collection.fields.iter().find(|field| field.name == "f").unwrap().clone();
    let case = |line: &str| {
        let parts: Vec<&str> = line.split('\t').collect();
        Case { sent: parts[0].to_owned(), expected: (*parts.last().unwrap()).to_owned() }
    };
    (field, lines.map(case).collect())
}

/// What records of `field` show once they are stored, or the codes of the refusals.
fn answers(tx: &Tx<'_>, table: &str, field: &Field, cases: &[Case]) -> Result<Vec<String>> {
    let definition = tx.dialect().column_definition(field.kind.column());
    tx.execute_script(&format!("CREATE TABLE {table} (f {definition})"))?;
    let mut answers = Vec::with_capacity(cases.len());
    for case in cases {
        let value = field.kind.cast(&parse(case.sent.as_bytes()).unwrap());
        answers.push(field.kind.validate(field, &value).err());
        if answers.last().is_some_and(Option::is_none) {
            tx.execute(&write::insert(tx.dialect(), table, &[("f", value)]))?;
        }
    }
    let mut shown = Vec::new();
    let read = Statement::new(format!("SELECT f FROM {table} ORDER BY rowid"), Vec::<Value>::new());
    tx.query(&read, |row| {
        let mut json = Vec::new();
        field.kind.write_json(row.get(0), &mut json);
        shown.push(String::from_utf8(json).unwrap());
        Ok(())
    })?;
    let mut shown = shown.into_iter();
    let of = |issue: Option<Issue>| match issue {
        Some(issue) => format!("!{}", issue.code.as_str()),
        None => shown.next().unwrap(),
    };
    Ok(answers.into_iter().map(of).collect())
}

/// The same JSON, whatever the order of its members and the spelling of its numbers.
fn is_same(found: &str, expected: &str) -> bool {
    let plain = |text: &str| parse(text.as_bytes()).ok().map(|value| to_string(&value));
    found == expected || (plain(found).is_some() && plain(found) == plain(expected))
}

#[test]
fn fields_answer_as_the_reference_does() {
    let (_dir, store) = super::open();
    let mut seen = 0;
    let mut wrong = Vec::new();
    for file in fs::read_dir(Path::new(FOLDER)).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let (field, cases) = cases(&fs::read_to_string(&path).unwrap());
        seen += cases.len();
        let table = format!("of_{name}");
        let work = move |tx: &Tx<'_>| Ok((answers(tx, &table, &field, &cases)?, cases));
        let (found, cases) = store.write_blocking(work).unwrap();
        for (case, found) in cases.iter().zip(found) {
            if !is_same(&found, &case.expected) {
                wrong.push(format!("{name} {}: {found}, not {}", case.sent, case.expected));
            }
        }
    }
    assert!(seen > 5000, "only {seen} answers");
    assert!(wrong.is_empty(), "{} of {seen} differ:\n{}", wrong.len(), wrong.join("\n"));
}
