//! Ways around the rules, and ways to make the server work for nothing: all of them closed.

mod closed;
mod expand;
mod fuzz;
mod guards;
mod hidden;
mod locks;
mod rate_limits;
mod reason;
mod rules;
mod schema_change;
mod unseen;
