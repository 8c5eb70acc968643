//! The only door through which a record leaves: row or record in, the JSON of the wire out.

use std::collections::HashSet;

use crate::query::Caller;
use crate::records::load::{Expansion, Record};
use crate::records::shape::{Key, Shape};
use crate::sql::ValueRef;

/// Whose e-mail address the caller may see.
#[derive(Debug, Clone, Default)]
pub struct EmailPolicy {
    all: bool,
    own_id: Option<String>,
    managed: HashSet<String>,
}

impl EmailPolicy {
    /// Superusers see all, others their own and what the owner made visible.
    pub fn new(caller: &Caller, collection_id: &str) -> Self {
        let own_id = caller
            .record()
            .filter(|record| record.collection_id == collection_id)
            .map(|record| record.id.clone());
        Self { all: caller.is_superuser(), own_id, managed: HashSet::new() }
    }

    /// Sees all, as in the answer to one's own sign-in.
    pub fn all() -> Self {
        Self { all: true, ..Self::default() }
    }

    /// Adds records that the collection's manage rule opens to the caller.
    #[must_use]
    pub fn with_managed(mut self, ids: HashSet<String>) -> Self {
        self.managed = ids;
        self
    }

    fn shows<'a>(&self, shape: &Shape, get: &impl Fn(usize) -> ValueRef<'a>) -> bool {
        let Some((_, visibility)) = shape.email else { return true };
        if self.all || get(visibility).is_true() {
            return true;
        }
        let id = shape.id(get);
        self.own_id.as_deref() == Some(id) || self.managed.contains(id)
    }
}

/// Appends one record. `get` gives the value of each column of `shape`.
pub fn write_row<'a>(
    out: &mut Vec<u8>,
    shape: &Shape,
    get: impl Fn(usize) -> ValueRef<'a>,
    emails: &EmailPolicy,
) {
    write_object(out, shape, &get, emails.shows(shape, &get), None);
}

/// Appends one record with its expanded relations.
pub fn write_record(out: &mut Vec<u8>, record: &Record, emails: &EmailPolicy) {
    let get = |column: usize| record.values[column].as_ref();
    let shows_email = emails.shows(&record.shape, &get);
    write_object(out, &record.shape, &get, shows_email, Some(record));
}

fn write_object<'a>(
    out: &mut Vec<u8>,
    shape: &Shape,
    get: &impl Fn(usize) -> ValueRef<'a>,
    shows_email: bool,
    record: Option<&Record>,
) {
    let hidden_column = if shows_email { None } else { shape.email.map(|(email, _)| email) };
    out.push(b'{');
    let mut first = true;
    let mut begin = |out: &mut Vec<u8>, name: &[u8]| {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        out.extend_from_slice(name);
    };
    for (name, key) in &shape.keys {
        match key {
            Key::Column(column) if hidden_column == Some(*column) => {}
            Key::Column(column) => {
                begin(out, name);
                shape.field(*column).kind.write_json(get(*column), out);
            }
            Key::Fixed(json) => {
                begin(out, name);
                out.extend_from_slice(json);
            }
            Key::Expand => {
                if let Some(expansions) = record.and_then(|record| record.expand.as_ref()) {
                    begin(out, name);
                    write_expansions(out, expansions);
                }
            }
        }
    }
    out.push(b'}');
}

fn write_expansions(out: &mut Vec<u8>, expansions: &[(String, Expansion)]) {
    out.push(b'{');
    for (i, (name, expansion)) in expansions.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        crate::json::write_str(out, name);
        out.push(b':');
        match expansion {
            Expansion::One(record) => write_record(out, record, &record.emails),
            Expansion::Many(records) => {
                out.push(b'[');
                for (i, record) in records.iter().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    write_record(out, record, &record.emails);
                }
                out.push(b']');
            }
        }
    }
    out.push(b'}');
}
