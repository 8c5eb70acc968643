//! Mails: what is written, to whom, and what their links do.

mod flows;
mod letters;
mod outbox;
pub mod support;
mod tokens;
