//! SQL functions that must not depend on how SQLite was compiled: mathematics.

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};

type Unary = (&'static str, fn(f64) -> f64);
type Binary = (&'static str, fn(f64, f64) -> f64);

/// Functions of one number.
const UNARY: &[Unary] = &[
    ("acos", f64::acos),
    ("acosh", f64::acosh),
    ("asin", f64::asin),
    ("asinh", f64::asinh),
    ("atan", f64::atan),
    ("atanh", f64::atanh),
    ("cos", f64::cos),
    ("cosh", f64::cosh),
    ("degrees", f64::to_degrees),
    ("exp", f64::exp),
    ("ln", |x| positive(x, f64::ln)),
    ("log", |x| positive(x, f64::log10)),
    ("log10", |x| positive(x, f64::log10)),
    ("log2", |x| positive(x, f64::log2)),
    ("radians", f64::to_radians),
    ("sin", f64::sin),
    ("sinh", f64::sinh),
    ("sqrt", f64::sqrt),
    ("tan", f64::tan),
    ("tanh", f64::tanh),
];

/// Functions that leave a whole number as it is.
const ROUNDING: &[Unary] =
    &[("ceil", f64::ceil), ("ceiling", f64::ceil), ("floor", f64::floor), ("trunc", f64::trunc)];

/// Functions of two numbers.
const BINARY: &[Binary] = &[
    ("atan2", f64::atan2),
    ("log", |base, x| positive(base, f64::ln).recip() * positive(x, f64::ln)),
    ("mod", |x, y| x % y),
    ("pow", f64::powf),
    ("power", f64::powf),
];

/// Gives them to a connection.
pub(super) fn register(raw: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    for &(name, function) in UNARY {
        raw.create_scalar_function(name, 1, flags, move |call| {
            Ok(number(call, 0).and_then(|x| finite(function(x))))
        })?;
    }
    for &(name, function) in BINARY {
        raw.create_scalar_function(name, 2, flags, move |call| {
            let pair = number(call, 0).zip(number(call, 1));
            Ok(pair.and_then(|(x, y)| finite(function(x, y))))
        })?;
    }
    for &(name, function) in ROUNDING {
        raw.create_scalar_function(name, 1, flags, move |call| {
            Ok(match call.get_raw(0) {
                ValueRef::Integer(int) => Value::Integer(int),
                _ => number(call, 0).map_or(Value::Null, |x| Value::Real(function(x))),
            })
        })?;
    }
    raw.create_scalar_function("pi", 0, flags, |_| Ok(std::f64::consts::PI))
}

/// The argument as a number; text counts when it is one from start to end.
fn number(call: &Context<'_>, index: usize) -> Option<f64> {
    match call.get_raw(index) {
        #[expect(clippy::cast_precision_loss, reason = "SQL's own conversion of a whole number")]
        ValueRef::Integer(int) => Some(int as f64),
        ValueRef::Real(real) => Some(real),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok()?.trim().parse().ok(),
        ValueRef::Null | ValueRef::Blob(_) => None,
    }
}

/// A logarithm has no value at or below zero.
fn positive(x: f64, function: fn(f64) -> f64) -> f64 {
    if x > 0.0 { function(x) } else { f64::NAN }
}

/// What is not a number is NULL.
fn finite(x: f64) -> Option<f64> {
    (!x.is_nan()).then_some(x)
}
