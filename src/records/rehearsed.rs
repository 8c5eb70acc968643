//! What the rows of a dry run would have left behind: each transaction of it is undone, so that the
//! tables cannot tell whether a value comes twice in one file.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};
use crate::records::save::row;
use crate::schema::Collection;
use crate::schema::index::Index;
use crate::sql::Value;

/// Values that are remembered; what comes behind is not held against them.
const MOST: usize = 4_000_000;

/// The unique values of rows, as hashes.
pub struct Rehearsed {
    indexes: Vec<Vec<Part>>,
    hasher: RandomState,
    hashes: HashSet<u64>,
}

/// A column of a unique index.
struct Part {
    name: String,
    ignores_case: bool,
    /// Rows where it is empty are not in the index.
    skips_empty: bool,
}

impl Rehearsed {
    /// Nothing yet of this collection.
    pub fn new(collection: &Collection) -> Self {
        let id = vec![Part { name: "id".to_owned(), ignores_case: false, skips_empty: false }];
        let parsed = collection.indexes.iter().filter_map(|text| Index::parse(text));
        let unique = parsed.filter(|index| index.is_unique);
        let indexes = unique.filter_map(|index| parts(collection, &index));
        let indexes = std::iter::once(id).chain(indexes).collect();
        Self { indexes, hasher: RandomState::new(), hashes: HashSet::new() }
    }

    /// True when a row before had this value in a column that is unique by itself.
    pub(super) fn has(&self, column: &str, value: &str) -> bool {
        let value = Value::from(value);
        let mut indexes = self.indexes.iter().enumerate();
        indexes.any(|(at, parts)| {
            let [part] = parts.as_slice() else { return false };
            part.name == column && self.hashes.contains(&self.hash(at, &[(part, &value)]))
        })
    }

    /// Remembers a row that was written, or tells which of its values came before.
    pub(super) fn add(&mut self, collection: &Collection, values: &[Value]) -> FieldErrors {
        let mut errors = FieldErrors::default();
        let row = row(collection, values);
        let of = |name: &str| row.iter().find(|(column, _)| *column == name).map(|(_, v)| v);
        let mut hashes = Vec::with_capacity(self.indexes.len());
        for (at, parts) in self.indexes.iter().enumerate() {
            let Some(values) =
                parts.iter().map(|p| Some((p, of(&p.name)?))).collect::<Option<Vec<_>>>()
            else {
                continue;
            };
            if values.iter().any(|(part, value)| part.skips_empty && value.text().is_empty()) {
                continue;
            }
            let hash = self.hash(at, &values);
            if self.hashes.contains(&hash) {
                parts.iter().for_each(|p| errors.add(p.name.clone(), Issue::new(Code::NotUnique)));
            }
            hashes.push(hash);
        }
        if errors.is_empty() && self.hashes.len() < MOST {
            self.hashes.extend(hashes);
        }
        errors
    }

    fn hash(&self, index: usize, values: &[(&Part, &Value)]) -> u64 {
        let texts: Vec<String> = values
            .iter()
            .map(|(part, value)| {
                let text = format!("{value:?}");
                if part.ignores_case { text.to_ascii_lowercase() } else { text }
            })
            .collect();
        self.hasher.hash_one((index, texts))
    }
}

/// The columns of an index; `None` for one that only the engine can work out.
fn parts(collection: &Collection, index: &Index) -> Option<Vec<Part>> {
    let condition: String = index.condition.chars().filter(|c| !"`\"[] ".contains(*c)).collect();
    let parts = index.columns.iter().map(|column| {
        collection.field(&column.name)?;
        let skips_empty = condition == format!("{}!=''", column.name);
        let ignores_case = column.collation.eq_ignore_ascii_case("nocase");
        Some(Part { name: column.name.clone(), ignores_case, skips_empty })
    });
    let parts: Vec<Part> = parts.collect::<Option<_>>()?;
    let is_clear = condition.is_empty() || parts.iter().any(|part| part.skips_empty);
    is_clear.then_some(parts)
}
