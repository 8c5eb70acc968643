//! What the tests share.

mod app;
mod caller;
mod dice;
mod stream;

pub use app::{PASSWORD, TestApp, config};
pub use caller::{Answer, Caller, Fetched, Raw};
pub use dice::Dice;
pub use stream::{Message, Stream};
