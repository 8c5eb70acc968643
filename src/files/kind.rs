//! What a file is, told from its first bytes: what a client says of it counts for nothing.

use mimetype_detector::MimeType;
use serde::de::IgnoredAny;

/// Bytes that are looked at.
pub(super) const HEAD: usize = 3072;

/// The kind of a file.
#[derive(Clone, Copy)]
pub struct Kind {
    mime: &'static str,
    ending: &'static str,
    /// Knows its other names, if it has any.
    known: Option<&'static MimeType>,
}

const TEXT: &str = "text/plain; charset=utf-8";
const BINARY: &str = "application/octet-stream";

/// What the detector names otherwise than the contract does.
const RENAMED: [(&str, &str); 6] = [
    ("video/x-matroska", "video/matroska"),
    ("application/x-rar-compressed", "application/vnd.rar"),
    ("application/x-java-applet; charset=binary", "application/x-java-applet"),
    ("audio/opus", "audio/ogg"),
    ("application/x-lz4", BINARY),
    ("font/otf", BINARY),
];

impl Kind {
    /// The kind of a file that begins with `head`.
    pub fn of(head: &[u8]) -> Self {
        // The detector calls nothing at all a kind of its own; the contract calls it text.
        let Some(first) = head.first() else { return Self::named("text/plain", ".txt") };
        if let Some(kind) = Self::marked(head) {
            return kind;
        }
        let known = mimetype_detector::detect(head);
        match known.mime() {
            "image/bmp" if !is_bmp(head) => Self::text(head),
            // It takes any bytes behind these letters, and misses frames without them.
            "audio/mpeg" if *first == b'I' => Self::text(head),
            "application/json" if !is_json(head) => Self::text(head),
            TEXT | BINARY | "text/plain" => Self::text(head),
            mime => {
                let renamed = RENAMED.iter().find(|(theirs, _)| *theirs == mime);
                let mime = renamed.map_or(mime, |(_, ours)| ours);
                Self { mime, ending: known.extension(), known: Some(known) }
            }
        }
    }

    /// Kinds whose mark decides, whatever the detector makes of it.
    fn marked(head: &[u8]) -> Option<Self> {
        let like = |sample: &[u8]| Self::known(mimetype_detector::detect(sample));
        match head {
            [0xFF, 0xFE, 0, 0, ..] => Some(Self::named("text/plain; charset=utf-32le", ".txt")),
            [0, 0, 0xFE, 0xFF, ..] => Some(Self::named("text/plain; charset=utf-32be", ".txt")),
            [0xFF, 0xFE, ..] => Some(Self::named("text/plain; charset=utf-16le", ".txt")),
            [0xFE, 0xFF, ..] => Some(Self::named("text/plain; charset=utf-16be", ".txt")),
            // A tag: its version, its flags, its length in four times seven bits.
            [b'I', b'D', b'3', 2..=4, _, _, length @ ..] if is_tag_length(length) => {
                Some(like(b"ID3"))
            }
            [0xFF, 0xF2 | 0xF3 | 0xFA | 0xFB, ..] => Some(like(b"ID3")),
            _ => {
                let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
                let is_html = text.starts_with(b"<!--") && matches!(text.get(4), Some(b' ' | b'>'));
                let is_other = || mimetype_detector::detect(head).mime() != TEXT;
                if text.starts_with(b"%PDF-") {
                    Some(like(b"%PDF-1.4\n"))
                } else if is_html && !is_other() {
                    Some(like(b"<html>"))
                } else {
                    None
                }
            }
        }
    }

    /// What has no mark: a table, text in some encoding, or neither.
    fn text(head: &[u8]) -> Self {
        if head.iter().any(|byte| is_control(*byte)) {
            return Self::named(BINARY, "");
        }
        if is_table(head, b',') {
            return Self::named("text/csv", ".csv");
        }
        if is_table(head, b'\t') {
            return Self::named("text/tab-separated-values", ".tsv");
        }
        let is_unicode = match std::str::from_utf8(head) {
            Ok(_) => true,
            // A character that is cut off at the end.
            Err(error) => error.error_len().is_none(),
        };
        let mime = if is_unicode {
            TEXT
        } else if head.iter().any(|byte| (0x80..0xA0).contains(byte)) {
            "text/plain"
        } else {
            "text/plain; charset=iso-8859-1"
        };
        Self::named(mime, ".txt")
    }

    fn named(mime: &'static str, ending: &'static str) -> Self {
        Self { mime, ending, known: None }
    }

    fn known(known: &'static MimeType) -> Self {
        Self { mime: known.mime(), ending: known.extension(), known: Some(known) }
    }

    /// As `Content-Type` says it.
    pub fn content_type(&self) -> &'static str {
        self.mime
    }

    /// The usual ending of its names, with the dot.
    pub fn ending(&self) -> &'static str {
        self.ending
    }

    /// Whether it is of this type, whatever parameters follow.
    pub fn is(&self, wanted: &str) -> bool {
        essence(wanted).eq_ignore_ascii_case(essence(self.mime))
            || self.known.is_some_and(|known| known.is(wanted))
    }
}

fn essence(mime: &str) -> &str {
    mime.split(';').next().unwrap_or_default().trim()
}

/// True for bytes that no text holds.
fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=0x08 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F)
}

fn is_tag_length(length: &[u8]) -> bool {
    let Some(length) = length.first_chunk::<4>() else { return false };
    length.iter().all(|byte| *byte < 0x80) && length.iter().any(|byte| *byte > 0)
}

/// True for a header whose second part has one of its lengths: two letters begin much text.
fn is_bmp(head: &[u8]) -> bool {
    let length = head.get(14..18).and_then(|bytes| bytes.first_chunk::<4>());
    let lengths = [12, 16, 40, 52, 56, 64, 108, 124];
    length.is_some_and(|length| lengths.contains(&u32::from_le_bytes(*length)))
}

/// True for one whole value, or the beginning of one when the file goes on.
fn is_json(head: &[u8]) -> bool {
    match serde_json::from_slice::<IgnoredAny>(head) {
        Ok(_) => true,
        Err(error) => error.is_eof() && head.len() >= HEAD,
    }
}

/// True for two lines or more of equally many fields, two at least. Of a long file the last line
/// is cut and does not count.
fn is_table(head: &[u8], comma: u8) -> bool {
    let mut lines = vec![1_usize];
    let (mut is_quoted, mut is_remark) = (false, false);
    let mut before = b'\n';
    for byte in head {
        // A line of remarks does not count.
        if before == b'\n' && !is_quoted {
            is_remark = *byte == b'#';
        }
        before = *byte;
        if is_remark {
            continue;
        }
        match byte {
            b'"' => is_quoted = !is_quoted,
            _ if *byte == comma && !is_quoted => *lines.last_mut().unwrap_or(&mut 0) += 1,
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
            (&b""[..], "text/plain", ".txt"),
            (b"hello world", TEXT, ".txt"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png", ".png"),
            (b"GIF89a....", "image/gif", ".gif"),
            (b"%PDF-1.4\n", "application/pdf", ".pdf"),
            (b"a,b\n1,2\n", "text/csv", ".csv"),
            (b"Dear Ann,\nhow are you?\n", TEXT, ".txt"),
            (b"{\"a\":1}", "application/json", ".json"),
            (b" [1, 2] ", "application/json", ".json"),
            (b"{\"a\":", TEXT, ".txt"),
            (b"{a:1}", TEXT, ".txt"),
            (b"a\tb\n1\t2\n", "text/tab-separated-values", ".tsv"),
            (b"#x\na,b\n1,2\n", "text/csv", ".csv"),
            (b"a,b\n1\n", TEXT, ".txt"),
            (b"ID3\x03\0\0\0\0\0\x0aTIT2", "audio/mpeg", ".mp3"),
            (b"ID3\x03\0\0\0\0\0\0", BINARY, ""),
            (b"ID3 is a text", TEXT, ".txt"),
            (b"\xff\xfb\x90\x64\0\0", "audio/mpeg", ".mp3"),
            (b"BM is a text of two words", TEXT, ".txt"),
            (b"\r\n%PDF-1.4", "application/pdf", ".pdf"),
            (b"\xEF\xBB\xBF%PDF-1.4", "application/pdf", ".pdf"),
            (b"<!-- x -->hello", "text/html; charset=utf-8", ".html"),
            (b"<!--x", TEXT, ".txt"),
            (b"<script>alert(1)</script>", "text/html; charset=utf-8", ".html"),
            (b"<svg></svg>", "image/svg+xml", ".svg"),
            (b"\xff\xfe<\0h\0t\0m\0l\0>\0", "text/plain; charset=utf-16le", ".txt"),
            (b"caf\xe9 ol\xe9!", "text/plain; charset=iso-8859-1", ".txt"),
            (b"caf\x93 ol\x94", "text/plain", ".txt"),
            ("é".as_bytes(), TEXT, ".txt"),
            ("aé".as_bytes().split_last().unwrap().1, TEXT, ".txt"),
            (b"a\x01b", BINARY, ""),
        ] {
            let found = Kind::of(head);
            let shown = String::from_utf8_lossy(head);
            assert_eq!((found.content_type(), found.ending()), (kind, ending), "{shown}");
            assert!(found.is(kind.split(';').next().unwrap()), "{kind}");
            assert!(!found.is("video/mp4"));
        }
    }

    #[test]
    fn a_long_value_may_go_on_behind_what_is_looked_at() {
        let text = format!("{{\"a\":\"{}", "x".repeat(HEAD));
        assert_eq!(Kind::of(&text.as_bytes()[..HEAD]).content_type(), "application/json");
        let wrong = format!("{{\"a\":{}", "x".repeat(HEAD));
        assert_eq!(Kind::of(&wrong.as_bytes()[..HEAD]).content_type(), TEXT);
    }

    #[test]
    fn a_kind_has_other_names() {
        let mp3 = Kind::of(b"\xff\xfb\x90\x64");
        assert!(mp3.is("audio/mpeg") && mp3.is("audio/mp3") && !mp3.is("audio/ogg"));
        assert!(Kind::of(b"hello").is("text/plain; charset=utf-8"));
    }
}
