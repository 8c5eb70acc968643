//! Regular expressions of fields: compiled once, and expanded into random text.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use parking_lot::Mutex;
use regex::Regex;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::crypto::random_below;

/// Compiled expressions kept; past this the table starts anew.
const MAX_KEPT: usize = 512;
/// How often `*`, `+` and `{n,}` repeat at most when they are expanded.
const MAX_REPEATS: u32 = 6;
/// Longest text an expansion makes.
const MAX_EXPANSION: usize = 10_000;

static KEPT: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);

/// The pattern of ids, which is checked by hand because nearly every write needs it.
pub const ID_PATTERN: &str = "^[a-z0-9]+$";

/// True when `text` holds a match of `pattern`. A pattern that does not compile matches nothing.
pub fn is_match(pattern: &str, text: &str) -> bool {
    if pattern == ID_PATTERN {
        let is_id_byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        return !text.is_empty() && text.bytes().all(is_id_byte);
    }
    compile(pattern).is_ok_and(|regex| regex.is_match(text))
}

/// The compiled form of `pattern`, from the table when it is there.
///
/// # Errors
/// What is wrong with the pattern, in words for the person who wrote it.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    if let Some(regex) = KEPT.lock().get(pattern) {
        return Ok(regex.clone());
    }
    let regex = Regex::new(&in_ascii(pattern)).map_err(|e| complaint(&e, pattern))?;
    if let Some(count) = excessive_repeat(pattern) {
        return Err(format!("invalid repeat count: `{{{count}}}`"));
    }
    let mut kept = KEPT.lock();
    if kept.len() >= MAX_KEPT {
        kept.clear();
    }
    kept.insert(pattern.to_owned(), regex.clone());
    Ok(regex)
}

/// The pattern with `\w`, `\d`, `\s` and `\b` of ASCII only, as other implementations have them.
fn in_ascii(pattern: &str) -> Cow<'_, str> {
    if !pattern.contains('\\') {
        return Cow::Borrowed(pattern);
    }
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('w')) => out.push_str("[0-9A-Za-z_]"),
            ('\\', Some('W')) => out.push_str("[^0-9A-Za-z_]"),
            ('\\', Some('d')) => out.push_str("[0-9]"),
            ('\\', Some('D')) => out.push_str("[^0-9]"),
            ('\\', Some('s')) => out.push_str("[\\t\\n\\x0C\\r\\x20]"),
            ('\\', Some('S')) => out.push_str("[^\\t\\n\\x0C\\r\\x20]"),
            ('\\', Some('b')) => out.push_str("(?-u:\\b)"),
            ('\\', Some('B')) => out.push_str("(?-u:\\B)"),
            (c, escaped) => out.extend([Some(c), escaped].into_iter().flatten()),
        }
    }
    Cow::Owned(out)
}

/// A counted repeat past what the expressions of other implementations allow.
fn excessive_repeat(pattern: &str) -> Option<u32> {
    const MOST: u32 = 1000;
    let mut left = vec![regex_syntax::parse(pattern).ok()?];
    while let Some(hir) = left.pop() {
        match hir.into_kind() {
            HirKind::Repetition(repetition) => {
                let count = repetition.max.unwrap_or(0).max(repetition.min);
                if count > MOST {
                    return Some(count);
                }
                left.push(*repetition.sub);
            }
            HirKind::Capture(capture) => left.push(*capture.sub),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => left.extend(parts),
            HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => {}
        }
    }
    None
}

/// One line out of the picture the regex crate draws.
fn complaint(error: &regex::Error, pattern: &str) -> String {
    let text = error.to_string();
    let reason = text.lines().last().unwrap_or_default().trim().trim_start_matches("error: ");
    if reason == "unclosed character class" {
        return format!("missing closing ]: `{}`", &pattern[pattern.find('[').unwrap_or(0)..]);
    }
    format!("{reason}: `{pattern}`")
}

/// A random text that `pattern` describes: characters, classes, groups, alternatives, repeats.
///
/// # Errors
/// What the pattern holds that cannot be expanded, such as an anchor.
pub fn generate(pattern: &str) -> Result<String, String> {
    let hir = regex_syntax::parse(&in_ascii(pattern)).map_err(|e| e.to_string())?;
    let mut text = String::new();
    expand(&hir, &mut text)?;
    Ok(text)
}

fn expand(hir: &Hir, out: &mut String) -> Result<(), String> {
    if out.len() > MAX_EXPANSION {
        return Err("the generated text is too long".to_owned());
    }
    match hir.kind() {
        HirKind::Empty => Ok(()),
        HirKind::Literal(literal) => {
            out.push_str(&String::from_utf8_lossy(&literal.0));
            Ok(())
        }
        HirKind::Class(class) => {
            out.push(pick(class).ok_or("an empty character class")?);
            Ok(())
        }
        HirKind::Look(_) => Err("anchors cannot be generated".to_owned()),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(repetition.min.max(MAX_REPEATS));
            let spread = most.saturating_sub(repetition.min) as usize;
            let count = repetition.min as usize + random_below(spread + 1);
            (0..count).try_for_each(|_| expand(&repetition.sub, out))
        }
        HirKind::Capture(capture) => expand(&capture.sub, out),
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| expand(part, out)),
        HirKind::Alternation(choices) => expand(&choices[random_below(choices.len())], out),
    }
}

/// An even draw from all characters of a class.
fn pick(class: &Class) -> Option<char> {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Unicode(class) => {
            class.iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
        Class::Bytes(class) => {
            class.iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
    };
    let total: usize = ranges.iter().map(|(start, end)| (end - start + 1) as usize).sum();
    if total == 0 {
        return None;
    }
    let mut at = random_below(total);
    for (start, end) in ranges {
        let size = (end - start + 1) as usize;
        if at < size {
            // Surrogates are not characters; a class across them may draw one.
            return Some(char::from_u32(start + at as u32).unwrap_or('_'));
        }
        at -= size;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_of_ascii() {
        for (pattern, text, expected) in [
            (r"^\w+$", "aZ_9", true),
            (r"^\w+$", "é", false),
            (r"^[\w\-]+$", "a-b", true),
            (r"^[^\w]$", "é", true),
            (r"^\W$", "é", true),
            (r"^\d$", "٣", false),
            (r"^a\sb$", "a\u{a0}b", false),
            (r"^\\w$", r"\w", true),
            (r"\bé", "é", false),
            ("^.$", "é", true),
        ] {
            assert_eq!(is_match(pattern, text), expected, "{pattern} {text}");
        }
        assert!(generate(r"\w{40}").unwrap().is_ascii());
    }

    #[test]
    fn a_generated_text_matches_its_pattern() {
        for pattern in [
            "[a-z0-9]{15}",
            "s-[a-z0-9]{6}",
            "(foo|bar)+",
            "a?b*c+",
            "x{2,4}",
            r"\d{4}-\w",
            "é[α-ω]",
        ] {
            let whole = Regex::new(&format!("^(?:{pattern})$")).unwrap();
            for _ in 0..50 {
                let text = generate(pattern).unwrap();
                assert!(whole.is_match(&text), "{pattern}: {text}");
            }
        }
    }

    #[test]
    fn unbounded_repeats_end() {
        assert!((0..100).all(|_| generate("a*").unwrap().len() <= 6));
        assert!(generate("(((a{99}){99}){99}){99}").is_err());
    }

    #[test]
    fn anchors_are_refused() {
        for pattern in ["^a", "a$", r"\ba", "["] {
            assert!(generate(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn the_id_pattern_means_the_same_by_hand() {
        let regex = Regex::new(ID_PATTERN).unwrap();
        for text in ["", "a", "abc123", "A", "a b", "é", "a-"] {
            assert_eq!(is_match(ID_PATTERN, text), regex.is_match(text), "{text}");
        }
    }
}
