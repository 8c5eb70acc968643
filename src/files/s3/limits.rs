//! What talking to a bucket may cost.

use std::time::Duration;

/// Bytes that the parts of all uploads may take together.
pub const MEMORY: u64 = 40 << 20;
/// Bytes of a part; what is shorter goes in one request.
pub(super) const PART: u64 = 8 << 20;
/// Bytes of a part of something whose end is not known: parts are counted, too.
pub(super) const OPEN_PART: u64 = 16 << 20;
/// Parts that a service takes of one upload.
pub(super) const MAX_PARTS: u64 = 10_000;
/// Bytes that are asked for when a file is opened: most files are no longer.
pub(super) const FIRST_PIECE: u64 = 256 << 10;
/// Bytes that are asked for at once at most, once a reader goes on.
pub(super) const LAST_PIECE: u64 = 16 << 20;
/// For how long nobody tries again after a service that did not answer.
pub(super) const SILENCE: Duration = Duration::from_secs(2);
/// How often a request is tried again.
pub(super) const RETRIES: usize = 3;
/// No retry begins later than this.
pub(super) const RETRY_LIMIT: Duration = Duration::from_secs(20);
/// The first pause before a retry, and the longest.
pub(super) const PAUSES: (Duration, Duration) =
    (Duration::from_millis(100), Duration::from_secs(2));
/// How long an answer may take to begin.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// The slowest way up that is waited for, in bytes a second.
pub(super) const SLOWEST: u64 = 64 << 10;
/// How long the next bytes of an answer may take.
pub(super) const STALL: Duration = Duration::from_secs(30);
/// How long a request without much content may take, with all its retries.
pub(super) const WHOLE: Duration = Duration::from_secs(60);
/// Removals that are under way together.
pub(super) const REMOVALS: usize = 8;
/// Characters of a service's words that are passed on.
pub(super) const MAX_WORDS: usize = 300;
/// How long a link to an object is good, and how long it may be kept.
pub const LINK: (Duration, Duration) = (Duration::from_secs(3600), Duration::from_secs(1800));
/// Objects that are known to be there, so that a link needs no look.
pub(super) const MAX_KNOWN: usize = 4096;
