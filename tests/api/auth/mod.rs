//! Signing in, and what a token is good for.

mod oauth2;
mod brake;
mod immutable;
mod owner;
mod password;
mod password_policy;
mod secrets;
mod session_cookie;
mod sessions;
mod set_up;
mod token;
