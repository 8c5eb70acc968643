//! Conditions judged without the store: the common ones, about a record's own columns, for the
//! many eyes that may follow one change. What is not sure to come out the same is left to it.

use std::cmp::Ordering;

use crate::query::ast::Compare;
use crate::query::predicate::{Cond, Origin, Predicate, Scalar, Test};
use crate::sql::Value;

/// The value of a column of the record that is judged.
pub type Columns<'a> = &'a (dyn Fn(&str) -> Option<&'a Value> + 'a);

impl Predicate {
    /// Whether the condition holds for a record; `None` when only the store can tell.
    pub fn judge<'a>(&'a self, columns: Columns<'a>) -> Option<bool> {
        judge(self.cond(), columns)
    }
}

fn judge<'a>(cond: &'a Cond, columns: Columns<'a>) -> Option<bool> {
    match cond {
        Cond::And(conds) => all(conds, columns, false),
        Cond::Or(conds) => all(conds, columns, true),
        Cond::Test(test) => compare(test, columns),
        Cond::Is { column, value } => match (columns(column)?, value) {
            (Value::Null, _) | (_, Value::Null) => Some(false),
            (left, right) => Some(order(left, right)? == Ordering::Equal),
        },
        Cond::Every(_) | Cond::Absent(_) | Cond::InList { .. } | Cond::ListMeets { .. } => None,
    }
}

/// One member that comes out as `decisive` decides; else all must be known.
fn all<'a>(conds: &'a [Cond], columns: Columns<'a>, decisive: bool) -> Option<bool> {
    let mut is_known = true;
    for cond in conds {
        match judge(cond, columns) {
            Some(outcome) if outcome == decisive => return Some(decisive),
            Some(_) => {}
            None => is_known = false,
        }
    }
    is_known.then_some(!decisive)
}

/// A side of a comparison.
struct Side<'a> {
    value: &'a Value,
    is_param: bool,
}

fn side<'a>(scalar: &'a Scalar, columns: Columns<'a>) -> Option<Side<'a>> {
    match scalar {
        Scalar::Param(value) => Some(Side { value, is_param: true }),
        Scalar::Column(Origin::Base, column) => {
            Some(Side { value: columns(column)?, is_param: false })
        }
        _ => None,
    }
}

fn compare<'a>(test: &'a Test, columns: Columns<'a>) -> Option<bool> {
    let (left, right) = (side(&test.left, columns)?, side(&test.right, columns)?);
    let same = |fact: bool| fact == (test.compare == Compare::Equal);
    match test.compare {
        Compare::Equal | Compare::NotEqual => {}
        Compare::Like | Compare::NotLike => return None,
        Compare::Greater => return ordered(&left, &right, |o| o == Ordering::Greater),
        Compare::GreaterOrEqual => return ordered(&left, &right, |o| o != Ordering::Less),
        Compare::Less => return ordered(&left, &right, |o| o == Ordering::Less),
        Compare::LessOrEqual => return ordered(&left, &right, |o| o != Ordering::Greater),
    }
    let (left_empty, right_empty) = (is_empty(left.value), is_empty(right.value));
    if test.strict || test.with_id {
        return match (left.value, right.value) {
            (Value::Null, Value::Null) => Some(same(true)),
            (Value::Null, _) | (_, Value::Null) => Some(same(false)),
            (a, b) => Some(same(order(a, b)? == Ordering::Equal)),
        };
    }
    match (left_empty, right_empty) {
        (true, true) => Some(same(true)),
        // A known value and a known NULL: the store has its own word for that.
        (true, false) | (false, true) if left.is_param && right.is_param => None,
        (true, false) | (false, true) => Some(same(false)),
        (false, false) => Some(same(order(left.value, right.value)? == Ordering::Equal)),
    }
}

fn ordered(left: &Side<'_>, right: &Side<'_>, holds: fn(Ordering) -> bool) -> Option<bool> {
    order(left.value, right.value).map(holds)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        Value::Int(_) | Value::Real(_) => false,
    }
}

/// How two values compare where no column would turn one into the other's type.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(a), Value::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Real(a), Value::Real(b)) => a.partial_cmp(b),
        (Value::Int(a), Value::Real(b)) => whole(*a)?.partial_cmp(b),
        (Value::Real(a), Value::Int(b)) => a.partial_cmp(&whole(*b)?),
        _ => None,
    }
}

/// The number as a float, if it is one exactly.
fn whole(number: i64) -> Option<f64> {
    let exact = number.unsigned_abs() <= 1 << 53;
    exact.then_some(number as f64)
}
