//! Relations that no index serves.

use std::sync::Arc;

use crate::checks::tables::number;
use crate::checks::{Finding, Level};
use crate::error::Result;
use crate::schema::index::Index;
use crate::schema::{Collection, Field, FieldType};
use crate::store::Tx;

/// Records from which on it is felt.
const MANY: i64 = 1000;

pub(super) fn look(tx: &Tx<'_>, collections: &[Arc<Collection>]) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for collection in collections.iter().filter(|c| !c.is_view() && !c.system) {
        let bare: Vec<&Field> = unindexed(collection).collect();
        if bare.is_empty() {
            continue;
        }
        let table = tx.dialect().quote(&collection.name);
        let sql = format!("SELECT COUNT(*) FROM (SELECT 1 FROM {table} LIMIT {MANY})");
        let records = number(tx, sql, Vec::new())?.unwrap_or(0);
        found.extend(bare.iter().map(|field| finding(collection, field, records)));
    }
    Ok(found)
}

fn finding(collection: &Collection, field: &Field, records: i64) -> Finding {
    let (name, field) = (&collection.name, &field.name);
    let (level, how_many) = match records {
        MANY.. => (Level::Warning, format!("{MANY} records or more")),
        _ => (Level::Note, format!("{records} records so far")),
    };
    Finding::new(
        "relation_unindexed",
        level,
        format!("no index serves the relation {name:?}.{field:?} ({how_many})"),
        "filters by it, back relations and deletes of what it points to look at every record",
        format!("add the index: CREATE INDEX `idx_{name}_{field}` ON `{name}` (`{field}`)"),
    )
    .of_collection(name, field)
}

/// Relations to one record whose column leads no index. One to several is a list in one column,
/// which no index serves.
fn unindexed(collection: &Collection) -> impl Iterator<Item = &Field> {
    let leads: Vec<String> = collection
        .indexes
        .iter()
        .filter_map(|text| Index::parse(text))
        .filter(|index| index.condition.is_empty())
        .filter_map(|index| index.columns.into_iter().next())
        .map(|column| column.name)
        .collect();
    collection.fields.iter().filter(move |field| {
        let is_one = matches!(&field.kind, FieldType::Relation(_)) && !field.kind.is_multiple();
        is_one && !leads.iter().any(|lead| lead.eq_ignore_ascii_case(&field.name))
    })
}
