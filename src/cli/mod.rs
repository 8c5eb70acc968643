//! The command line: what can be typed ([`command`]) and what each command does.

mod command;
#[cfg(test)]
mod tests;

pub use command::{Cli, Command, SuperuserCommand};
