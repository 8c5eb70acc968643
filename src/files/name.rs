//! The name under which an upload is stored (contract §5.11).

use crate::crypto::{ID_ALPHABET, random_text};

/// Characters of the random part, and of a base that was too short.
const RANDOM: usize = 10;
/// A base shorter than this gets random characters.
const MIN_BASE: usize = 3;
/// A base longer than this is cut.
const MAX_BASE: usize = 100;
/// The longest ending, without its first dot.
const MAX_ENDING: usize = 20;

/// The last part of a path that a client sent as the name of a file.
pub fn base_of(sent: &str) -> &str {
    let trimmed = sent.trim_end_matches('/');
    trimmed.rsplit('/').next().unwrap_or_default()
}

/// The stored name for the name that was sent; `sniffed` is the ending its content suggests.
pub(super) fn stored(sent: &str, sniffed: &str) -> String {
    let ending = ending(sent);
    let mut base = snake(&sent[..sent.len() - ending.len()]);
    if base.len() < MIN_BASE {
        base.push_str(&random_text(RANDOM, ID_ALPHABET));
    }
    base.truncate(MAX_BASE);
    let mut clean = cleaned(ending);
    if clean.is_empty() {
        clean = cleaned(sniffed);
    }
    if clean.len() > MAX_ENDING {
        clean = format!(".{}", &clean[clean.len() - MAX_ENDING..]);
    }
    format!("{base}_{}{clean}", random_text(RANDOM, ID_ALPHABET))
}

/// The parts of an ending that have anything in them, each behind one dot.
fn cleaned(ending: &str) -> String {
    let clean: String = ending.chars().filter(|c| is_ending(*c)).collect();
    clean.split('.').filter(|part| !part.is_empty()).map(|part| format!(".{part}")).collect()
}

fn is_ending(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_.*-+=#".contains(c)
}

/// The last two dotted parts, the dots included.
fn ending(name: &str) -> &str {
    let Some(last) = name.rfind('.') else { return "" };
    &name[name[..last].rfind('.').unwrap_or(last)..]
}

/// ASCII words in lower case with `_` between them; a capital within a word begins a new one.
pub fn snake(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push('_');
        }
        let mut before = 'A';
        for c in word.chars() {
            if c.is_ascii_uppercase() && !before.is_ascii_uppercase() {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
            before = c;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stored name with its random letters as `?`.
    fn shape(sent: &str) -> String {
        let name = stored(base_of(sent), ".txt");
        let (start, end) = name.split_at(name.rfind('_').unwrap() + 1);
        let ending = &end[RANDOM..];
        assert!(end[..RANDOM].bytes().all(|b| ID_ALPHABET.contains(&b)), "{name}");
        format!("{start}?{ending}")
    }

    #[test]
    fn names_are_as_observed() {
        for (sent, expected) in [
            ("Hello World.TXT", "hello_world_?.TXT"),
            ("CamelCaseName2.Txt", "camel_case_name2_?.Txt"),
            ("noext", "noext_?.txt"),
            ("../../etc/My Ünïcode—file.tar.gz", "my_n_code_file_?.tar.gz"),
            ("a.b.c.tar.gz", "a_b_c_?.tar.gz"),
            ("snake_case-name.txt", "snake_case_name_?.txt"),
            ("HTTPServer.log", "httpserver_?.log"),
            ("pass.exe;.png", "pass_?.exe.png"),
            ("dots....txt", "dots_?.txt"),
            ("xyz.verylongextensionname12345", "xyz_?.ngextensionname12345"),
        ] {
            assert_eq!(shape(sent), expected, "{sent}");
        }
        assert!(shape(&"x".repeat(300)).starts_with(&format!("{}_?", "x".repeat(100))));
    }

    #[test]
    fn short_names_get_random_letters() {
        for (sent, start, end) in
            [("a.txt", "a", ".txt"), (".htaccess", "", ".htaccess"), ("...", "", ".txt")]
        {
            let name = shape(sent);
            assert!(name.starts_with(start) && name.ends_with(end), "{name}");
            assert_eq!(name.len(), start.len() + RANDOM + "_?".len() + end.len(), "{name}");
        }
    }
}
