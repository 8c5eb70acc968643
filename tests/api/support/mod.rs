//! What the tests share.

mod app;
mod caller;

pub use app::TestApp;
pub use caller::{Answer, Caller, Fetched};
