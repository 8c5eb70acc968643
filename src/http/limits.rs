//! The limits of what comes in over a socket, all of them. A head has at most 128 KiB and 96
//! headers: that is the protocol library's own limit, answered with 431.

use std::time::Duration;

/// How long a stop waits for requests in flight: container engines kill after ten seconds.
pub const STOP_TIMEOUT_SECS: u64 = 7;
/// How long a connection may idle between two requests.
pub const KEEP_ALIVE: Duration = Duration::from_secs(180);
/// How long a client may take to send the first head of a connection.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a client may take to agree on TLS.
pub const TLS_TIMEOUT: Duration = Duration::from_secs(10);
/// Clients of one worker that agree on TLS at a time.
pub const MAX_TLS_AT_ONCE: usize = 1024;
/// Connections one worker holds at most.
pub const MAX_CONNECTIONS_PER_WORKER: usize = 25_000;
/// Connections that wait to be taken.
pub const BACKLOG: u32 = 2048;

/// Bytes a body may have where nothing else is said.
pub const DEFAULT_BODY: usize = 32 << 20;
/// Bytes of the body of a batch where the settings say nothing.
pub const DEFAULT_BATCH_BODY: usize = 128 << 20;
/// Characters of the URL of one request of a batch.
pub const MAX_BATCH_URL: usize = 2000;
/// The most parts or pairs of a form.
pub const MAX_PARTS: usize = 1000;
/// Bytes of a file that are collected before they go to the disk.
pub const PIECE: usize = 256 << 10;
/// What a value of a JSON document takes in memory beside its text.
pub const VALUE_SIZE: usize = 32;

/// What bodies in flight may take: memory and time.
#[derive(Debug, Clone, Copy)]
pub struct Intake {
    /// Bytes of memory for the bodies of all requests together. Files are not held in memory.
    pub memory: usize,
    /// How long a client may keep the server waiting for the next `least` bytes.
    pub patience: Duration,
    /// The bytes that must come within `patience`, or the rest of the body.
    pub least: usize,
    /// One more byte must come for as many as are held in memory for the request.
    pub held_per_least: usize,
}

impl Default for Intake {
    fn default() -> Self {
        Self {
            memory: 512 << 20,
            patience: Duration::from_secs(30),
            least: 4 << 10,
            held_per_least: 8,
        }
    }
}

/// Bytes that a body may have.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// All of it.
    pub whole: usize,
    /// What is no file, and so is held in memory.
    pub text: usize,
}

impl BodyLimits {
    /// A body in which files have no room of their own.
    pub fn all(bytes: usize) -> Self {
        Self { whole: bytes, text: bytes }
    }
}
