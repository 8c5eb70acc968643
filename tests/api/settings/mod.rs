//! Settings: what is kept on disk, and how.

mod overlay;
mod rotation;
