//! How the rows of a join are found.

use std::sync::Arc;

use super::{Compiler, Scope, TRUE};
use crate::query::predicate::{How, Join, Origin, Scalar};

/// An entry of a FROM.
pub(super) struct Table {
    /// The table with its alias.
    pub(super) name: String,
    pub(super) on: String,
}

/// A join to be put into the FROM of a sub-select.
pub(super) struct Wanted<'j> {
    pub(super) join: &'j Arc<Join>,
    /// The condition cannot hold where the join finds nothing: no outer join is needed.
    pub(super) required: bool,
}

impl Compiler<'_> {
    /// The table of a join, whose alias and whose parent's alias are in `scope`.
    pub(super) fn table(&mut self, join: &Join, scope: &Scope) -> Table {
        let dialect = self.dialect;
        let alias = scope.get(&join.key).cloned().unwrap_or_default();
        let id = format!("{alias}.{}", dialect.quote("id"));
        let on = match &join.how {
            How::Each(list) => {
                let list = self.scalar(list, scope);
                return Table { name: dialect.list_table(&list, &alias), on: TRUE.to_owned() };
            }
            How::OfItem => {
                let items = join.parent.join().and_then(|items| scope.get(&items.key));
                format!("{id} = {}", dialect.list_table_item(items.map_or("r", String::as_str)))
            }
            How::One { column } => format!("{id} = {}", parent(self, join, column, scope)),
            How::Back { column } => {
                let parent = parent(self, join, "id", scope);
                format!("{alias}.{} = {parent}", dialect.quote(column))
            }
            How::BackList { column } => {
                let list = format!("{alias}.{}", dialect.quote(column));
                let parent = parent(self, join, "id", scope);
                format!("{parent} IN ({})", dialect.list_items(&list))
            }
            How::All => TRUE.to_owned(),
            How::Id(value) => format!("{id} = {}", self.param(value.clone())),
            How::Ids(list) => {
                let list = self.param(list.clone());
                format!("{id} IN ({})", dialect.list_items(&list))
            }
        };
        let on = match join.visible.as_ref().filter(|_| join.is_back()) {
            Some(visible) => format!("{on} AND {}", self.cond(visible, scope)),
            None => on,
        };
        let name = join.collection.as_ref().map_or("", |collection| collection.name.as_str());
        Table { name: format!("{} AS {alias}", dialect.quote(name)), on }
    }

    /// FROM and the start of WHERE of a sub-select over `wanted`, parents first, all in `scope`.
    pub(super) fn from(&mut self, wanted: &[(Wanted<'_>, &Scope)]) -> (String, Vec<String>) {
        let mut text = String::new();
        let mut conditions = Vec::new();
        let (inner, outer): (Vec<_>, Vec<_>) =
            wanted.iter().partition(|(wanted, _)| wanted.required);
        if inner.is_empty() {
            text.push_str("(SELECT 1) AS one");
        }
        for (wanted, scope) in inner.into_iter().chain(outer) {
            let table = self.table(wanted.join, scope);
            if text.is_empty() {
                text.push_str(&table.name);
                if table.on != TRUE {
                    conditions.push(table.on);
                }
            } else {
                let kind = if wanted.required { "JOIN" } else { "LEFT JOIN" };
                text.push_str(&format!(" {kind} {} ON {}", table.name, table.on));
            }
        }
        (text, conditions)
    }

    /// The scalar, of the first row where its joins find several.
    pub(super) fn first_value(&mut self, scalar: &Scalar, scope: &Scope) -> String {
        let mut joins = Vec::new();
        scalar.joins(&mut joins);
        joins.retain(|join| !scope.contains_key(&join.key));
        if joins.is_empty() {
            return self.scalar(scalar, scope);
        }
        let mut inner = scope.clone();
        for join in &joins {
            inner.insert(join.key.clone(), self.alias());
        }
        let wanted: Vec<_> =
            joins.iter().map(|join| (Wanted { join, required: false }, &inner)).collect();
        let (from, mut conditions) = self.from(&wanted);
        self.visible(&joins, &inner, &mut conditions);
        let condition = match conditions.as_slice() {
            [] => String::new(),
            conditions => format!(" WHERE {}", conditions.join(" AND ")),
        };
        let order = self.order_of_first(&joins, &inner);
        let value = self.scalar(scalar, &inner);
        format!("(SELECT {value} FROM {from}{condition}{order} LIMIT 1)")
    }

    /// Which of several rows is the first must not tell of what they hide.
    fn order_of_first(&self, joins: &[Arc<Join>], scope: &Scope) -> String {
        let may_tell = |join: &&Arc<Join>| {
            let collection = join.collection.as_ref();
            join.is_back() && collection.is_some_and(|c| !c.is_view() && c.indexes_secrets())
        };
        let aliases = joins.iter().filter(may_tell).filter_map(|join| scope.get(&join.key));
        let keys: Vec<String> = aliases.map(|alias| self.dialect.row_id(alias)).collect();
        if keys.is_empty() { String::new() } else { format!(" ORDER BY {}", keys.join(", ")) }
    }
}

/// A column of the row that a join hangs below.
fn parent(compiler: &Compiler<'_>, join: &Join, column: &str, scope: &Scope) -> String {
    match &join.parent {
        Origin::Base => compiler.base_column(column),
        Origin::Join(parent) => {
            let alias = scope.get(&parent.key).map_or("r", String::as_str);
            format!("{alias}.{}", compiler.dialect.quote(column))
        }
    }
}
