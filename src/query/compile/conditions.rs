//! Conditions in SQL: which part of them stands in which EXISTS.

use std::sync::Arc;

use super::joins::Wanted;
use super::scalars::Outcome;
use super::{Compiler, FALSE, Scope, TRUE};
use crate::query::predicate::{Cond, Every, Join, Test};

/// Conditions of one AND that must hold in the same joined row.
struct Part<'c> {
    conds: Vec<&'c Cond>,
    /// The joins not yet at hand, parents first, with how many of the conditions read each.
    joins: Vec<(Arc<Join>, usize)>,
}

impl Compiler<'_> {
    /// A condition that may be put beside others with AND or OR.
    pub(super) fn cond(&mut self, cond: &Cond, scope: &Scope) -> String {
        match cond {
            Cond::And(conds) => self.all(conds.iter().collect(), scope),
            Cond::Or(conds) => {
                let parts: Vec<String> = conds.iter().map(|cond| self.cond(cond, scope)).collect();
                joined(parts, " OR ", FALSE)
            }
            leaf => {
                let missing = missing(leaf, scope);
                if missing.is_empty() {
                    return self.leaf(leaf, scope);
                }
                let joins = missing.into_iter().map(|join| (join, 2)).collect();
                self.exists(&Part { conds: vec![leaf], joins }, scope)
            }
        }
    }

    /// All of `conds`, in as many separate parts as their joins allow.
    pub(super) fn all(&mut self, conds: Vec<&Cond>, scope: &Scope) -> String {
        let mut flat = Vec::new();
        conds.into_iter().for_each(|cond| flatten(cond, &mut flat));
        let parts: Vec<String> = parts(flat, scope)
            .into_iter()
            .map(|part| match part.conds.as_slice() {
                [only] => self.cond(only, scope),
                _ => self.exists(&part, scope),
            })
            .collect();
        joined(parts, " AND ", TRUE)
    }

    /// One row of the shared joins satisfies all conditions. A join that one condition alone reads
    /// is left to that condition.
    fn exists(&mut self, part: &Part<'_>, scope: &Scope) -> String {
        let shared: Vec<&Arc<Join>> =
            part.joins.iter().filter(|(_, readers)| *readers > 1).map(|(join, _)| join).collect();
        let mut inner = scope.clone();
        for join in &shared {
            inner.insert(join.key.clone(), self.alias());
        }
        let wanted: Vec<_> = shared
            .iter()
            .map(|join| {
                let required = part.conds.iter().any(|cond| fails_without(cond, join));
                (Wanted { join, required }, &inner)
            })
            .collect();
        let (from, mut conditions) = self.from(&wanted);
        conditions.push(self.all(part.conds.clone(), &inner));
        format!("EXISTS (SELECT 1 FROM {from} WHERE {})", conditions.join(" AND "))
    }

    /// A condition whose joins are all at hand.
    fn leaf(&mut self, cond: &Cond, scope: &Scope) -> String {
        let dialect = self.dialect;
        match cond {
            Cond::Test(test) => self.test(test, scope, scope),
            Cond::Every(every) => self.every(every, scope),
            Cond::Absent(join) => {
                let alias = scope.get(&join.key).map_or("r", String::as_str);
                let id = format!("{alias}.{}", dialect.quote("id"));
                format!("({id} = '' OR {id} IS NULL)")
            }
            Cond::Is { column, value } => {
                format!("{} = {}", self.base_column(column), self.param(value.clone()))
            }
            Cond::InList { column, list } => {
                let list = self.param(list.as_str().into());
                format!("{} IN ({})", self.base_column(column), dialect.list_items(&list))
            }
            Cond::ListMeets { column, list } => {
                let list = self.param(list.as_str().into());
                let (items, alias) = (dialect.list_items(&list), self.alias());
                let table = dialect.list_table(&self.base_column(column), &alias);
                let item = dialect.list_table_item(&alias);
                format!("EXISTS (SELECT 1 FROM {table} WHERE {item} IN ({items}))")
            }
            Cond::And(_) | Cond::Or(_) => self.cond(cond, scope),
        }
    }

    /// No combination of joined rows breaks the comparison; each side ranges on its own.
    fn every(&mut self, every: &Every, scope: &Scope) -> String {
        let mut left = scope.clone();
        for join in &every.left {
            left.insert(join.key.clone(), self.alias());
        }
        let mut right = scope.clone();
        for join in &every.right {
            right.insert(join.key.clone(), self.alias());
        }
        let test = &every.test;
        let breaks = |join: &Join, on_left: bool| {
            // A row that is not there breaks nothing where the comparison says true or NULL.
            matches!(test.outcome_without(join, on_left, !on_left), Outcome::True | Outcome::Null)
        };
        let mut wanted = Vec::new();
        for join in &every.left {
            wanted.push((Wanted { join, required: breaks(join, true) }, &left));
        }
        for join in &every.right {
            wanted.push((Wanted { join, required: breaks(join, false) }, &right));
        }
        let (from, mut conditions) = self.from(&wanted);
        for (joins, scope) in [(&every.left, &left), (&every.right, &right)] {
            self.visible(joins, scope, &mut conditions);
        }
        conditions.push(format!("NOT ({})", self.test(test, &left, &right)));
        format!("NOT EXISTS (SELECT 1 FROM {from} WHERE {})", conditions.join(" AND "))
    }
}

impl Compiler<'_> {
    /// Leaves out the rows of `joins` whose records the client may not see.
    pub(super) fn visible(
        &mut self,
        joins: &[Arc<Join>],
        scope: &Scope,
        conditions: &mut Vec<String>,
    ) {
        for join in joins.iter().filter(|join| !join.is_back()) {
            conditions.extend(join.absent_or_visible().map(|cond| self.cond(&cond, scope)));
        }
    }
}

fn joined(mut parts: Vec<String>, with: &str, none: &str) -> String {
    match parts.len() {
        0 => none.to_owned(),
        1 => parts.swap_remove(0),
        _ => format!("({})", parts.join(with)),
    }
}

fn flatten<'c>(cond: &'c Cond, into: &mut Vec<&'c Cond>) {
    match cond {
        Cond::And(conds) => conds.iter().for_each(|cond| flatten(cond, into)),
        other => into.push(other),
    }
}

/// The joins a condition reads that are not at hand, parents first.
fn missing(cond: &Cond, scope: &Scope) -> Vec<Arc<Join>> {
    let mut joins = Vec::new();
    cond.joins(&mut joins);
    joins.retain(|join| !scope.contains_key(&join.key));
    joins
}

/// Puts conditions together that share a join which is not at hand.
fn parts<'c>(conds: Vec<&'c Cond>, scope: &Scope) -> Vec<Part<'c>> {
    let mut parts: Vec<Part<'c>> = Vec::new();
    for cond in conds {
        let joins = missing(cond, scope).into_iter().map(|join| (join, 1)).collect();
        let mut part = Part { conds: vec![cond], joins };
        let shares = |other: &Part<'_>| {
            other.joins.iter().any(|(a, _)| part.joins.iter().any(|(b, _)| a.key == b.key))
        };
        let (touching, apart): (Vec<_>, Vec<_>) = parts.into_iter().partition(shares);
        parts = apart;
        if let Some(merged) = touching.into_iter().reduce(Part::with) {
            part = merged.with(part);
        }
        parts.push(part);
    }
    parts
}

impl Part<'_> {
    fn with(mut self, other: Self) -> Self {
        self.conds.extend(other.conds);
        for (join, readers) in other.joins {
            match self.joins.iter_mut().find(|(known, _)| known.key == join.key) {
                Some((_, count)) => *count += readers,
                None => self.joins.push((join, readers)),
            }
        }
        self
    }
}

/// The condition cannot hold where `join` finds nothing.
fn fails_without(cond: &Cond, join: &Join) -> bool {
    let fails = |test: &Test| {
        matches!(test.outcome_without(join, true, true), Outcome::False | Outcome::Null)
    };
    match cond {
        Cond::And(conds) => conds.iter().any(|cond| fails_without(cond, join)),
        Cond::Or(conds) => conds.iter().all(|cond| fails_without(cond, join)),
        Cond::Test(test) => fails(test),
        _ => false,
    }
}
