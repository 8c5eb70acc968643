//! What an operator should look at: the data folder, the database, settings and rules.
//!
//! # Invariants
//! - Looking changes nothing, and works beside a server that has the folder.
//! - Each finding says what is the matter, why that matters, and what to do.

mod clock;
mod container;
mod doctor;
mod finding;
mod folder;
mod relations;
mod report;
mod rules;
mod settings;
mod storage;
mod superusers;
mod tables;

pub use container::{Surroundings, Volume};
pub use doctor::{Doctor, Live};
pub use finding::{Finding, Level};
pub use report::Report;
