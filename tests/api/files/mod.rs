//! Files of records, over the wire and on the disk.

pub mod folder;
pub mod form;
mod kinds;
mod leftovers;
mod protected;
mod serving;
mod sweep;
mod thumbs;
mod views;
