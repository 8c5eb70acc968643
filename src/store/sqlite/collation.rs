//! The order of texts that people expect, as a collation of SQLite.

use std::cmp::Ordering;
use std::sync::LazyLock;

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use rusqlite::Connection;

/// Its name in statements.
pub(super) const UNICODE: &str = "gr_unicode";

/// The root of the Unicode collation; none only if its data were missing in the executable.
static ROOT: LazyLock<Option<CollatorBorrowed<'static>>> = LazyLock::new(|| {
    Collator::try_new(CollatorPreferences::default(), CollatorOptions::default())
        .inspect_err(|error| tracing::error!(%error, "texts are sorted by their bytes"))
        .ok()
});

/// Gives it to a connection that reads. One that writes must not know it: an index or a table that
/// named it could not be opened by the reference.
pub(super) fn register(raw: &Connection) -> rusqlite::Result<()> {
    raw.create_collation(UNICODE, compare)
}

/// Texts that differ in nothing people see stand by their bytes, so that pages never overlap.
fn compare(a: &str, b: &str) -> Ordering {
    let order = ROOT.as_ref().map_or(Ordering::Equal, |root| root.compare(a, b));
    order.then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_come_before_accents_and_accents_before_case() {
        let mut words = vec![
            "zebra",
            "Zebra",
            "\u{c4}pfel",
            "apple",
            "\u{e9}clair",
            "eclair",
            "Eclair",
            "10",
            "",
            "\u{65e5}\u{672c}",
            "co-op",
            "coop",
            "e\u{301}clair",
        ];
        words.sort_by(|a, b| compare(a, b));
        let expected = [
            "",
            "10",
            "\u{c4}pfel",
            "apple",
            "co-op",
            "coop",
            "eclair",
            "Eclair",
            "e\u{301}clair",
            "\u{e9}clair",
            "zebra",
            "Zebra",
            "\u{65e5}\u{672c}",
        ];
        assert_eq!(words, expected);
    }
}
