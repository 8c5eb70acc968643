//! The change log: what happened to which record, in the order of the commits, and the feed that
//! tells it to the rest of the program.
//!
//! # Invariants
//! - A change is written in the savepoint of the write it tells of, and is gone with it. Of a
//!   collection whose log is switched off nothing is written; it is told all the same.
//! - A sequence number grows with every change and is never used twice, trimmed or not.
//! - The feed tells of what is committed, in the order of the commits; what a record was between
//!   two writes of one transaction nobody could see, so it is not told. The feed never
//!   makes the writer wait: when nobody keeps up, it says so instead.
//! - Password hashes and token keys are not written down.

mod batch;
mod event;
mod feed;
mod log;
mod row;
mod service;

pub use batch::Before;
pub use event::{Action, Event, Image};
pub use feed::{Feed, Mark, Told};
pub use log::{Change, STEP, Since, Span, begin_anew};
pub use service::{Changes, Going, Sink, Witness};

#[cfg(test)]
mod tests;
