//! Small pictures of large ones: made when first asked for, kept beside the original.
//!
//! # Invariants
//! - However many are asked for, the pictures in work stay within [`limits::MEMORY`].
//! - The sides of a picture are known before a decoder takes memory for them.
//! - A thumb is made once, whoever asks; what cannot be made is remembered.

mod head;
pub mod limits;
mod picture;
mod size;
mod workshop;

pub use size::Size;
pub(super) use workshop::Workshop;

use crate::files::FileKey;

/// Stored kinds of which thumbs are made.
const KINDS: [&str; 5] = ["image/png", "image/jpg", "image/jpeg", "image/gif", "image/webp"];
const WEBP: &str = "image/webp";
/// Ends the names of thumbs in WebP. Without it another program may have left a PNG.
const WEBP_ENDING: &str = ".webp";

/// A thumb that somebody wants.
#[derive(Debug, Clone)]
pub struct Wanted {
    original: FileKey,
    size: Size,
    as_webp: bool,
    /// What it is called.
    pub name: String,
    /// Whether it is WebP only because the client takes that.
    pub is_negotiated: bool,
}

impl Wanted {
    /// A thumb of a file of this type; `None` when such files have none. Pictures in WebP stay in
    /// it, others become it where the client takes it.
    pub fn of(
        original: &FileKey,
        content_type: &str,
        size: Size,
        takes_webp: bool,
    ) -> Option<Self> {
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        if !KINDS.contains(&kind) {
            return None;
        }
        let name = format!("{}_{}", size.as_str(), original.name());
        let is_webp = kind == WEBP;
        let is_negotiated = takes_webp && !is_webp;
        let name = if is_negotiated { name + WEBP_ENDING } else { name };
        let as_webp = takes_webp || is_webp;
        Some(Self { original: original.clone(), size, as_webp, name, is_negotiated })
    }

    /// Where it lies.
    fn key(&self) -> FileKey {
        let ending = if self.as_webp { WEBP_ENDING } else { "" };
        self.original.thumb(self.size.as_str(), ending)
    }
}

/// Why there is no thumb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoThumb {
    /// There never will be one.
    Impossible,
    /// Too much is being made just now.
    NotNow,
}

#[cfg(test)]
mod tests;
