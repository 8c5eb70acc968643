//! Bodies in flight, over sockets that say byte by byte what is sent.

mod memory;
mod slow;
mod socket;
