//! Statements that a person typed, and what came of them. Knows no engine.

use std::collections::BTreeSet;

/// Statements to be run one after the other.
#[derive(Debug, Clone)]
pub struct Script {
    /// The statements, separated by semicolons.
    pub text: String,
    /// Rows of an answer at most; those behind are left out.
    pub max_rows: usize,
    /// Bytes of all cells of an answer, and of any value on the way to it.
    pub max_bytes: usize,
}

/// What came of a script.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ScriptAnswer {
    /// The columns that the last statement has.
    pub columns: Vec<ScriptColumn>,
    /// The rows of the last statement, as text.
    pub rows: Vec<Vec<Option<String>>>,
    /// Rows that the last statement changed that changes any.
    pub changed: u64,
    /// What the script may have changed.
    pub touched: Touched,
}

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptColumn {
    /// What it is called.
    pub name: String,
    /// The type it was declared with, in capitals; empty for what is no column of a table.
    pub declared: String,
}

/// What a script may have changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Tables whose rows were written, as the script spells them.
    pub tables: BTreeSet<String>,
    /// Tables, views, indexes or triggers were made, altered or dropped.
    pub schema: bool,
}

impl Touched {
    /// True where rows of this table were written.
    pub fn has(&self, table: &str) -> bool {
        self.tables.iter().any(|touched| touched.eq_ignore_ascii_case(table))
    }
}

/// How a script ended that may only read.
#[derive(Debug)]
pub enum ScriptRead {
    /// It came to its end.
    Done(ScriptAnswer),
    /// One of its statements writes; nothing was written.
    Writes,
}
