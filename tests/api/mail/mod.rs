//! Mails: what is written, to whom, and what their links do.

mod letters;
mod outbox;
mod support;
