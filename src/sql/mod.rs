//! SQL as data: values, statements, and what two engines write differently. No I/O.

mod dialect;
pub mod find;
pub mod quotes;
mod statement;
mod table;
mod value;
pub mod write;

pub use dialect::{ColumnType, Dialect};
pub use statement::{Row, Statement};
pub use table::TableChange;
pub use value::{Value, ValueRef};
