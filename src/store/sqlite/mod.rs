//! SQLite: the only folder that knows it.

mod aside;
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
mod shared;
mod slow;
mod writer;

pub(super) use engine::open;
pub(super) use file::open_file;
