//! What the tests share.

mod app;
mod caller;
mod dice;

pub use app::TestApp;
pub use caller::{Answer, Caller, Fetched, Raw};
pub use dice::Dice;
