//! The filter language and the plan of a request. Pure: text and values in, statements out.

mod context;

pub use context::{AuthRecord, Caller, RequestContext};
