//! SQLite: the only folder that knows it.

mod aside;
mod cell;
mod checkpoint;
mod collation;
mod connection;
mod copy;
mod dialect;
mod engine;
mod errors;
mod file;
mod flush;
mod functions;
mod inspect;
mod limit;
mod local;
mod pool;
mod pragmas;
mod script;
mod shared;
mod slow;
mod watch;
mod upgrade;
mod writer;

pub(super) use copy::copy_foreign;
pub(super) use engine::{cannot_open, open};
pub(super) use file::open_file;
