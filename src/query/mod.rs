//! The filter language and the plan of a request. Pure: text and values in, statements out.

mod context;
mod error;
mod excerpt;
mod expand;
pub mod limits;
mod page;
mod projection;

pub use context::{AuthRecord, Caller, RequestContext};
pub use error::{QueryError, Span};
pub use expand::{Expand, ExpandNode};
pub use page::Page;
pub use projection::Projection;
