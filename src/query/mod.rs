//! The filter language and the plan of a request. Pure: text and values in, statements out.
//!
#![doc = include_str!("grammar.md")]

mod ast;
mod compile;
mod context;
mod error;
mod excerpt;
mod expand;
mod filter;
pub mod functions;
mod html_text;
mod judge;
mod lexer;
pub mod limits;
mod macros;
mod page;
mod parser;
mod plan;
mod predicate;
mod projection;
mod resolve;
mod rule;
mod sort;

pub use compile::{count, select};
pub use context::{AuthRecord, Caller, RequestContext};
pub use error::{QueryError, Span};
pub use expand::{Expand, ExpandNode};
pub use filter::client_filter;
pub use page::{Page, wants_reason};
pub use plan::{ReadPlan, Source};
pub use predicate::Predicate;
pub use projection::Projection;
pub use rule::{Access, access, check_rule, condition};
pub use sort::{Sort, client_sort};
