//! What a file is, told from its first bytes: what a client says of it counts for nothing.

use mimetype_detector::MimeType;

/// Bytes that are looked at.
pub(super) const HEAD: usize = 3072;

/// The kind of a file.
#[derive(Clone, Copy)]
pub struct Kind(Found);

#[derive(Clone, Copy)]
enum Found {
    /// The detector calls nothing at all a kind of its own; the contract calls it text.
    Empty,
    /// The detector takes tables for text.
    Csv,
    Known(&'static MimeType),
}

const TEXT: &str = "text/plain; charset=utf-8";

impl Kind {
    /// The kind of a file that begins with `head`.
    pub fn of(head: &[u8]) -> Self {
        if head.is_empty() {
            return Self(Found::Empty);
        }
        let known = mimetype_detector::detect(head);
        let is_table = known.name().starts_with("text/plain") || known.mime() == TEXT;
        Self(if is_table && is_csv(head) { Found::Csv } else { Found::Known(known) })
    }

    /// As `Content-Type` says it.
    pub fn content_type(&self) -> &'static str {
        match self.0 {
            Found::Empty => TEXT,
            Found::Csv => "text/csv",
            Found::Known(kind) => kind.mime(),
        }
    }

    /// The usual ending of its names, with the dot.
    pub fn ending(&self) -> &'static str {
        match self.0 {
            Found::Empty => ".txt",
            Found::Csv => ".csv",
            Found::Known(kind) => kind.extension(),
        }
    }

    /// Whether it is of this type, whatever parameters follow.
    pub fn is(&self, wanted: &str) -> bool {
        match self.0 {
            Found::Empty => wanted.split(';').next().is_some_and(|w| w.trim() == "text/plain"),
            Found::Csv => wanted.split(';').next().is_some_and(|w| w.trim() == "text/csv"),
            Found::Known(kind) => kind.is(wanted),
        }
    }
}

/// True for two lines or more of equally many fields, two at least. Of a long file the last line
/// is cut and does not count.
fn is_csv(head: &[u8]) -> bool {
    let mut lines = vec![1_usize];
    let mut is_quoted = false;
    for byte in head {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => *lines.last_mut().unwrap_or(&mut 0) += 1,
            b'\n' if !is_quoted => lines.push(1),
            _ => {}
        }
    }
    if head.ends_with(b"\n") || head.len() >= HEAD {
        lines.pop();
    }
    lines.len() >= 2 && lines[0] >= 2 && lines.iter().all(|fields| *fields == lines[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides() {
        for (head, kind, ending) in [
            (&b""[..], TEXT, ".txt"),
            (b"hello world", TEXT, ".txt"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png", ".png"),
            (b"GIF89a....", "image/gif", ".gif"),
            (b"%PDF-1.4\n", "application/pdf", ".pdf"),
            (b"a,b\n1,2\n", "text/csv", ".csv"),
            (b"Dear Ann,\nhow are you?\n", TEXT, ".txt"),
            (b"{\"a\":1}", "application/json", ".json"),
        ] {
            let found = Kind::of(head);
            assert_eq!((found.content_type(), found.ending()), (kind, ending));
            assert!(found.is(kind.split(';').next().unwrap()), "{kind}");
            assert!(!found.is("video/mp4"));
        }
    }
}
