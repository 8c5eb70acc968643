//! Bars for long work, on stderr and only where somebody watches.

use std::borrow::Cow;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over bytes; without an end it counts only.
pub(super) fn bytes(total: u64, what: impl Into<Cow<'static, str>>) -> ProgressBar {
    bar(total, what, "{bytes}/{total_bytes} {bytes_per_sec} {eta}", "{bytes} {bytes_per_sec}")
}

/// A bar over things; without an end it counts only.
pub(super) fn count(total: u64, what: impl Into<Cow<'static, str>>) -> ProgressBar {
    bar(total, what, "{human_pos}/{human_len} {per_sec} {eta}", "{human_pos} {per_sec}")
}

fn bar(total: u64, what: impl Into<Cow<'static, str>>, whole: &str, open: &str) -> ProgressBar {
    let (bar, text) = match total {
        0 => (ProgressBar::no_length(), format!("{{spinner}} {{msg}} {open}")),
        total => (ProgressBar::new(total), format!("{{msg}} {{bar:30}} {whole}")),
    };
    let style = ProgressStyle::with_template(&text);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(what);
    bar
}
