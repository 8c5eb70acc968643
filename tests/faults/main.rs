//! What happens when the disk is full, slow or gone, and when a worker panics: the server keeps
//! serving, and what it acknowledged is there. Points of failure are switched for the whole
//! process, so these tests run one after the other, and have a program of their own.

mod disk;
mod panics;
mod point;
#[expect(
    dead_code,
    unused_imports,
    reason = "shared with the tests of the API, which need more of it"
)]
#[path = "../api/support/mod.rs"]
mod support;
