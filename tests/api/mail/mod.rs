//! Mails: what is written, to whom, and what their links do.

mod flows;
mod letters;
mod outbox;
mod support;
mod tokens;
