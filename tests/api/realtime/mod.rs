//! Realtime over a socket: who is told what, when, and for how long.

mod bench;
mod commits;
mod connect;
mod deletes;
mod panics;
mod quiet;
mod rules;
mod sign_ins;
mod slow;
mod subset;
mod views;

use bench::{Bench, made, options};
