//! The functions of the language: one file each, and the list of them.

mod geo_distance;
mod strftime;

use crate::query::ast::OperandKind;
use crate::sql::Dialect;

/// A function of the language.
#[derive(Debug)]
pub struct Function {
    /// As it is written; case counts.
    pub name: &'static str,
    /// Its result tells empty text and NULL apart.
    pub(super) strict: bool,
    /// Refuses arguments of the wrong number or kind.
    pub(super) check: fn(&[&OperandKind]) -> Result<(), String>,
    /// The call in SQL, of arguments in SQL.
    pub(super) write: fn(&dyn Dialect, &[String]) -> String,
}

/// All functions.
pub const FUNCTIONS: [&Function; 2] = [&geo_distance::FUNCTION, &strftime::FUNCTION];

/// The function of this name.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.into_iter().find(|function| function.name == name)
}
