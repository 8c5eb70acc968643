//! Files of records, over the wire and on the disk.

pub mod folder;
pub mod form;
mod leftovers;
mod sweep;
