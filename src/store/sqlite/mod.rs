//! SQLite: the only folder that knows it.

mod checkpoint;
mod collation;
mod connection;
mod dialect;
mod engine;
mod errors;
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
