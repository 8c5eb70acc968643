//! A statement is text plus its parameters; a row is what comes back.

use crate::sql::{Value, ValueRef};

/// SQL text with `?1`-numbered parameters, ready to run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Statement {
    /// The text. No byte of it comes from a client.
    pub text: String,
    /// What `?1`, `?2`, … stand for.
    pub params: Vec<Value>,
}

impl Statement {
    /// A statement of fixed text.
    pub fn new(text: impl Into<String>, params: Vec<Value>) -> Self {
        Self { text: text.into(), params }
    }
}

/// One row of a result, valid while it is shown.
pub trait Row {
    /// The value of column `index`, from 0. NULL when there is no such column.
    fn get(&self, index: usize) -> ValueRef<'_>;
    /// How many columns there are.
    fn len(&self) -> usize;
    /// True for a row of no columns.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
