//! Webhooks, delivered to a real server.

mod delivery;
mod receiver;
mod set_up;
