//! From what a collection was to what it becomes: the changes of its table, in an order that
//! works (contract §4.5). Columns follow the id of their field, so names may be swapped.

use crate::schema::index::Index;
use crate::schema::{Collection, Field};
use crate::sql::{ColumnType, TableChange};

/// What a name gets while the name it goes to is still taken.
const PASSING: &str = "_gr_passing_";

/// The table of a new collection: columns in the order of their names.
pub fn create(collection: &Collection) -> TableChange {
    let mut columns: Vec<(String, ColumnType)> =
        collection.fields.iter().map(|field| (field.name.clone(), field.kind.column())).collect();
    columns.sort_by(|a, b| a.0.cmp(&b.0));
    TableChange::Create { table: collection.name.clone(), columns }
}

/// The changes that lead from `old` to `new`, its indexes dropped and not yet made again.
/// Empty when table and indexes stay.
pub fn update(old: &Collection, new: &Collection) -> Vec<TableChange> {
    let mut changes = Vec::new();
    if old.name != new.name {
        rename(&old.name, &new.name, &mut changes);
    }
    columns(old, new, &mut changes);
    if changes.is_empty() && old.indexes == new.indexes {
        return changes;
    }
    let dropped = old.indexes.iter().filter_map(|text| Index::parse(text));
    let mut all: Vec<TableChange> =
        dropped.map(|index| TableChange::DropIndex { name: index.name }).collect();
    all.extend(changes);
    all
}

/// Renames by way of a third name where only the case differs, which engines take for no change.
fn rename(from: &str, to: &str, changes: &mut Vec<TableChange>) {
    let step = |from: &str, to: &str| TableChange::Rename { from: from.into(), to: to.into() };
    if from.eq_ignore_ascii_case(to) {
        let passing = format!("{PASSING}{from}");
        changes.push(step(from, &passing));
        changes.push(step(&passing, to));
    } else {
        changes.push(step(from, to));
    }
}

fn columns(old: &Collection, new: &Collection, changes: &mut Vec<TableChange>) {
    let table = &new.name;
    let before = |field: &Field| old.fields.iter().find(|other| is_same(other, field));
    let after = |field: &Field| new.fields.iter().find(|other| is_same(other, field));
    for gone in old.fields.iter().filter(|field| after(field).is_none()) {
        changes.push(TableChange::DropColumn { table: table.clone(), column: gone.name.clone() });
    }
    // Everything that gets a name gets a passing one first, so that no name is taken twice.
    let mut arrivals = Vec::new();
    for (at, field) in new.fields.iter().enumerate() {
        let passing = format!("{PASSING}{at}");
        match before(field) {
            None => changes.push(TableChange::AddColumn {
                table: table.clone(),
                column: passing.clone(),
                holds: field.kind.column(),
            }),
            Some(was) if was.name != field.name => changes.push(TableChange::RenameColumn {
                table: table.clone(),
                from: was.name.clone(),
                to: passing.clone(),
            }),
            Some(_) => continue,
        }
        arrivals.push((passing, field.name.clone()));
    }
    changes.extend(arrivals.into_iter().map(|(from, to)| TableChange::RenameColumn {
        table: table.clone(),
        from,
        to,
    }));
    for field in &new.fields {
        if let Some(was) = before(field) {
            convert(table, was.kind.column(), field, changes);
        }
    }
}

/// A list becomes a text or the other way round, through a column beside it.
fn convert(table: &str, was: ColumnType, field: &Field, changes: &mut Vec<TableChange>) {
    let holds = field.kind.column();
    let (table, from, to) = (table.to_owned(), field.name.clone(), format!("{PASSING}value"));
    let fill = match (was, holds) {
        (ColumnType::Text, ColumnType::List) => {
            TableChange::TextsToLists { table: table.clone(), from: from.clone(), to: to.clone() }
        }
        (ColumnType::List, ColumnType::Text) => {
            TableChange::ListsToTexts { table: table.clone(), from: from.clone(), to: to.clone() }
        }
        _ => return,
    };
    changes.extend([
        TableChange::AddColumn { table: table.clone(), column: to.clone(), holds },
        fill,
        TableChange::DropColumn { table: table.clone(), column: from.clone() },
        TableChange::RenameColumn { table, from: to, to: from },
    ]);
}

/// The same column: fields of one id, and the one primary key there is.
fn is_same(a: &Field, b: &Field) -> bool {
    let is_key = |field: &Field| field.kind.column() == ColumnType::PrimaryKey;
    a.id == b.id || (is_key(a) && is_key(b))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::schema::{Draft, Schema, normalize};

    fn created(body: &Json) -> Collection {
        let mut collection = Draft::create(body.as_object().unwrap()).unwrap().collection;
        normalize::normalize(&mut collection, None, &Schema::default());
        collection
    }

    fn named(names: &[(&str, &str)]) -> Collection {
        let fields: Vec<Json> = names
            .iter()
            .map(|(id, name)| json!({"id": id, "name": name, "type": "text"}))
            .collect();
        created(&json!({"name": "t", "fields": fields}))
    }

    fn words(changes: &[TableChange]) -> Vec<String> {
        changes
            .iter()
            .map(|change| match change {
                TableChange::Create { columns, .. } => {
                    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
                    format!("create {}", names.join(" "))
                }
                TableChange::Drop { table } => format!("drop table {table}"),
                TableChange::Rename { from, to } => format!("{from} becomes {to}"),
                TableChange::AddColumn { column, .. } => format!("add {column}"),
                TableChange::DropColumn { column, .. } => format!("drop {column}"),
                TableChange::RenameColumn { from, to, .. } => format!("{from} -> {to}"),
                TableChange::TextsToLists { from, to, .. } => format!("{from} => [{to}]"),
                TableChange::ListsToTexts { from, to, .. } => format!("[{from}] => {to}"),
                TableChange::DropIndex { name } => format!("drop index {name}"),
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn columns_of_a_new_table_stand_in_the_order_of_their_names() {
        let changes = [create(&named(&[("1", "z"), ("2", "a")]))];
        assert_eq!(words(&changes), ["create a id z"]);
    }

    #[test]
    fn nothing_changes_when_nothing_changed() {
        let t = named(&[("1", "a")]);
        assert!(update(&t, &t).is_empty());
    }

    #[test]
    fn names_can_be_swapped() {
        let changes = update(&named(&[("1", "a"), ("2", "b")]), &named(&[("1", "b"), ("2", "a")]));
        assert_eq!(
            words(&changes),
            [
                "a -> _gr_passing_1",
                "b -> _gr_passing_2",
                "_gr_passing_1 -> b",
                "_gr_passing_2 -> a"
            ]
        );
    }

    #[test]
    fn a_dropped_name_can_be_taken_in_the_same_change() {
        let changes = update(&named(&[("1", "a")]), &named(&[("2", "a")]));
        assert_eq!(words(&changes), ["drop a", "add _gr_passing_1", "_gr_passing_1 -> a"]);
    }

    #[test]
    fn one_value_and_many_turn_into_each_other() {
        let select = |max: i64| {
            let field = json!({"name": "s", "type": "select", "values": ["a"], "maxSelect": max});
            created(&json!({"name": "t", "fields": [field]}))
        };
        assert_eq!(
            words(&update(&select(1), &select(2))),
            [
                "add _gr_passing_value",
                "s => [_gr_passing_value]",
                "drop s",
                "_gr_passing_value -> s"
            ]
        );
        assert_eq!(words(&update(&select(2), &select(0)))[1], "[s] => _gr_passing_value");
        assert!(update(&select(0), &select(1)).is_empty());
    }

    #[test]
    fn indexes_go_before_their_columns() {
        let with = |indexes: Json, name: &str| created(&json!({"name": name, "indexes": indexes}));
        let index = "CREATE INDEX i ON t (id)";
        let changes = update(&with(json!([index]), "t"), &with(json!([]), "t"));
        assert_eq!(words(&changes), ["drop index i"]);
        let changes = update(&with(json!([index]), "t"), &with(json!([index]), "T"));
        assert_eq!(
            words(&changes),
            ["drop index i", "t becomes _gr_passing_t", "_gr_passing_t becomes T"]
        );
    }

    #[test]
    fn the_primary_key_is_one_column_whatever_its_field_is_called() {
        let custom = json!({"name": "t", "fields": [{"id": "foo", "name": "id", "type": "text"}]});
        assert!(update(&named(&[]), &created(&custom)).is_empty());
    }
}
