//! Files in a bucket of an S3-compatible service: signed requests, bounded memory, bounded waits.
//!
//! # Invariants
//! - Every wait has a limit, every request that is tried again has a last try.
//! - What all uploads hold in memory together stays within [`limits::MEMORY`].
//! - No error tells a secret or a signature.
//! - Only what this server stored is looked for when nobody asks: a bucket is not listed for that.

mod archive;
mod bucket;
mod connector;
mod content;
mod driver;
pub(super) mod labels;
pub mod limits;
mod links;
mod storage;
mod trial;
mod trouble;

pub(super) use archive::BucketArchive;
pub(super) use bucket::{Bucket, Buckets};
pub(super) use driver::Driver;
pub(super) use links::Links;
pub(super) use storage::{BucketStorage, object};
pub use trial::TestForm;
pub(super) use trial::try_out;
pub use trouble::{Outage, is_outage, told};
