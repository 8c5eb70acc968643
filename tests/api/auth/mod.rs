//! Signing in, and what a token is good for.

mod oauth2;
mod owner;
mod password;
mod session_cookie;
mod sessions;
mod set_up;
mod token;
