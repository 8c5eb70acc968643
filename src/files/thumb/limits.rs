//! What making thumbs may cost. Whoever asks for more gets the original.

use std::time::Duration;

/// Bytes of a file that is looked at.
pub const MAX_FILE: u64 = 64 << 20;
/// The longest side of a picture, in pixels.
pub const MAX_SIDE: u32 = 30_000;
/// The longest side of a thumb, in pixels. WebP knows no longer one.
pub const MAX_THUMB_SIDE: u32 = 16_383;
/// Pixels of a thumb.
pub const MAX_THUMB_PIXELS: u64 = 16 << 20;
/// Bytes that all pictures being made into thumbs may take together, in the worst case. A single
/// one that would take more is refused: a JPEG above some 80 million pixels, other kinds earlier.
pub const MEMORY: u64 = 256 << 20;
/// Bytes of a picture's headers, profiles and the like.
pub(super) const MAX_HEADER: u64 = 8 << 20;
/// Parts of a file that are looked at before its pixels.
pub(super) const MAX_PARTS: usize = 4096;
/// Threads that make thumbs.
pub(super) const MAX_THREADS: usize = 8;
/// Thumbs that may wait for a thread.
pub(super) const MAX_WAITING: usize = 256;
/// Requests that may wait for one thumb.
pub(super) const MAX_ASKING: usize = 1024;
/// How long a request waits for its thumb.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// Pictures that are remembered because they cannot be made into thumbs.
pub(super) const MAX_HOPELESS: usize = 4096;
