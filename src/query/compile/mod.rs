//! A plan as a statement.
//!
//! Joins that find one row at most stand in the statement's own FROM. Those that may find several
//! become `EXISTS`, as deep in the condition as possible: an OR distributes over EXISTS, and an AND
//! falls into parts that share no such join. So no row appears twice, and nothing needs DISTINCT.

mod conditions;
mod joins;
mod scalars;

use std::collections::HashMap;
use std::sync::Arc;

use crate::query::plan::{ReadPlan, Source};
use crate::query::predicate::{Cond, Join};
use crate::query::sort::{By, Term};
use crate::sql::{Dialect, Statement, Value};

/// Joins of a statement's own FROM; engines join a limited number of tables (SQLite 64). What is
/// past it is read like a join that multiplies.
const OWN_JOINS: usize = 50;

/// The rows of a plan.
pub fn select(plan: &ReadPlan, dialect: &dyn Dialect) -> Statement {
    let mut compiler = Compiler::new(dialect);
    let columns: Vec<String> =
        plan.columns.iter().map(|column| compiler.base_column(column)).collect();
    let mut text = format!("SELECT {}", columns.join(", "));
    let scope = compiler.source(plan, &mut text, true);
    for (i, term) in plan.sort.terms.iter().enumerate() {
        text.push_str(if i == 0 { " ORDER BY " } else { ", " });
        text.push_str(&compiler.term(term, &scope));
    }
    if let Some(limit) = plan.limit {
        let limit = compiler.param(count_param(limit));
        text.push_str(&format!(" LIMIT {limit}"));
        if plan.offset > 0 {
            let offset = compiler.param(count_param(plan.offset));
            text.push_str(&format!(" OFFSET {offset}"));
        }
    }
    Statement { text, params: compiler.params }
}

/// How many rows a plan has, whatever its limit.
pub fn count(plan: &ReadPlan, dialect: &dyn Dialect) -> Statement {
    let mut compiler = Compiler::new(dialect);
    let mut text = "SELECT COUNT(*)".to_owned();
    compiler.source(plan, &mut text, false);
    Statement { text, params: compiler.params }
}

fn count_param(count: u64) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Which joins are at hand, and by which alias.
type Scope = HashMap<String, String>;

struct Compiler<'a> {
    dialect: &'a dyn Dialect,
    params: Vec<Value>,
    aliases: usize,
}

impl<'a> Compiler<'a> {
    fn new(dialect: &'a dyn Dialect) -> Self {
        Self { dialect, params: Vec::new(), aliases: 0 }
    }

    fn param(&mut self, value: Value) -> String {
        self.params.push(value);
        format!("?{}", self.params.len())
    }

    fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("j{}", self.aliases)
    }

    fn base_column(&self, column: &str) -> String {
        format!("r.{}", self.dialect.quote(column))
    }

    /// Writes FROM and WHERE.
    fn source(&mut self, plan: &ReadPlan, text: &mut String, sorted: bool) -> Scope {
        let mut conds: Vec<&Cond> = plan.predicates.iter().map(|p| p.cond()).collect();
        conds.extend(&plan.sort.conds);
        let mut needed = Vec::new();
        conds.iter().for_each(|cond| cond.joins(&mut needed));
        for term in plan.sort.terms.iter().filter(|_| sorted) {
            if let By::Value(scalar) = &term.by {
                scalar.joins(&mut needed);
            }
        }
        text.push_str(" FROM ");
        text.push_str(&self.base(plan));
        let scope = self.own_joins(&needed, text);
        let condition = self.all(conds, &scope);
        if condition != TRUE {
            text.push_str(" WHERE ");
            text.push_str(&condition);
        }
        scope
    }

    fn base(&mut self, plan: &ReadPlan) -> String {
        match &plan.source {
            Source::Table => format!("{} AS r", self.dialect.quote(&plan.collection.name)),
            Source::Values(row) => {
                let columns: Vec<String> = row
                    .iter()
                    .map(|(column, value)| {
                        let place = self.param(value.clone());
                        format!("{place} AS {}", self.dialect.quote(column))
                    })
                    .collect();
                format!("(SELECT {}) AS r", columns.join(", "))
            }
            Source::Image(values) => {
                let columns: Vec<String> = plan
                    .collection
                    .fields
                    .iter()
                    .zip(values.iter())
                    .map(|(field, value)| {
                        let place = self.param(value.clone());
                        let typed = self.dialect.as_column(&place, field.kind.column());
                        format!("{typed} AS {}", self.dialect.quote(&field.name))
                    })
                    .collect();
                format!("(SELECT {}) AS r", columns.join(", "))
            }
        }
    }

    /// The joins that find one row at most, each behind its parent.
    fn own_joins(&mut self, needed: &[Arc<Join>], text: &mut String) -> Scope {
        let mut scope = Scope::new();
        for join in needed {
            let at_hand = join.parent.join().is_none_or(|parent| scope.contains_key(&parent.key));
            if join.may_multiply() || !at_hand || scope.len() == OWN_JOINS {
                continue;
            }
            let alias = self.alias();
            scope.insert(join.key.clone(), alias);
            let table = self.table(join, &scope);
            text.push_str(&format!(" LEFT JOIN {} ON {}", table.name, table.on));
        }
        scope
    }

    fn term(&mut self, term: &Term, scope: &Scope) -> String {
        let mut key = match &term.by {
            By::Random => self.dialect.random().to_owned(),
            By::Value(scalar) => self.first_value(scalar, scope),
        };
        if term.in_unicode_order {
            key = self.dialect.in_unicode_order(&key);
        }
        if term.descending { format!("{key} DESC") } else { key }
    }
}

const TRUE: &str = "TRUE";
const FALSE: &str = "FALSE";
