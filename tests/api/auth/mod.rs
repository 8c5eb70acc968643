//! Signing in, and what a token is good for.

mod owner;
mod password;
mod set_up;
mod token;
