//! What those are told who keep a copy and were away.

mod delta;
mod switched_off;
