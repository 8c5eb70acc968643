//! The `:excerpt(max, withEllipsis?)` modifier of `fields`: the first words without the HTML.

use crate::query::QueryError;

/// Elements whose content is no text to read.
const DROPPED: [&str; 16] = [
    "head", "style", "script", "iframe", "object", "svg", "picture", "dialog", "template",
    "button", "form", "textarea", "select", "option", "applet", "noembed",
];
/// Elements that hold nothing, and so have no end.
const VOID: [&str; 13] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];
/// Elements that stay on their line: they set no space around their content.
const INLINE: [&str; 27] = [
    "a", "abbr", "acronym", "b", "bdo", "big", "br", "button", "cite", "code", "em", "i", "label",
    "q", "small", "span", "strong", "strike", "sub", "sup", "time", "u", "s", "img", "embed",
    "input", "wbr",
];
/// The named characters that occur in practice; others stay as they are.
const NAMED: [(&str, char); 12] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("hellip", '…'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("copy", '©'),
    ("eacute", 'é'),
    ("euro", '€'),
];

/// How a text is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excerpt {
    max: usize,
    ellipsis: bool,
}

impl Excerpt {
    /// Reads `excerpt(max, withEllipsis?)`.
    pub(super) fn parse(modifier: &str) -> Result<Self, QueryError> {
        let wrong = || QueryError::new("the modifier must be excerpt(max, withEllipsis?)");
        let (name, arguments) = modifier.trim().split_once('(').ok_or_else(wrong)?;
        let arguments = arguments.strip_suffix(')').ok_or_else(wrong)?;
        let mut arguments = arguments.split(',').map(str::trim);
        let max = arguments.next().and_then(|max| max.parse().ok()).ok_or_else(wrong)?;
        let ellipsis = matches!(arguments.next(), Some("1" | "t" | "T" | "true" | "TRUE" | "True"));
        if name.trim() != "excerpt" || max == 0 || arguments.next().is_some() {
            return Err(wrong());
        }
        Ok(Self { max, ellipsis })
    }

    /// The excerpt of `text`.
    pub(super) fn apply(self, text: &str) -> String {
        let plain = collapse(&strip(text));
        let Some((end, _)) = plain.char_indices().nth(self.max) else { return plain };
        let mut cut = plain[..end].trim_end().to_owned();
        if self.ellipsis {
            cut.push_str("...");
        }
        cut
    }
}

/// Runs of white space become one space; none at the ends.
fn collapse(text: &str) -> String {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    words.join(" ")
}

/// The text without its tags and without what nobody reads.
fn strip(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        push_text(&mut out, &rest[..open]);
        rest = &rest[open..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
        } else if rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c)) {
            let tag = Tag::read(rest);
            rest = tag.after;
            if !INLINE.contains(&tag.name.as_str()) {
                out.push(' ');
            }
            if !tag.closes && DROPPED.contains(&tag.name.as_str()) {
                rest = after_element(rest, &tag.name);
            }
        } else {
            out.push('<');
            rest = &rest[1..];
        }
    }
    push_text(&mut out, rest);
    out
}

struct Tag<'a> {
    /// In lower case.
    name: String,
    closes: bool,
    after: &'a str,
}

impl<'a> Tag<'a> {
    /// Reads the tag that starts `text`; quoted attributes may hold `>`.
    fn read(text: &'a str) -> Self {
        let closes = text[1..].starts_with('/');
        let name = tag_name(text).to_ascii_lowercase();
        let mut quote = None;
        for (at, byte) in text.bytes().enumerate() {
            match (quote, byte) {
                (None, b'>') => return Self { name, closes, after: &text[at + 1..] },
                (None, b'"' | b'\'') => quote = Some(byte),
                (Some(open), _) if open == byte => quote = None,
                _ => {}
            }
        }
        Self { name, closes, after: "" }
    }
}

/// The name of the tag that starts `text`.
fn tag_name(text: &str) -> &str {
    let named = text[1..].strip_prefix('/').unwrap_or(&text[1..]);
    let end = named.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    &named[..end.unwrap_or(named.len())]
}

/// What follows the element `name`, whose start tag was just read.
fn after_element<'a>(text: &'a str, name: &str) -> &'a str {
    if VOID.contains(&name) {
        return text;
    }
    let mut depth = 1_usize;
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        rest = &rest[open..];
        if tag_name(rest).eq_ignore_ascii_case(name) {
            let tag = Tag::read(rest);
            depth = if tag.closes { depth - 1 } else { depth + 1 };
            if depth == 0 {
                return tag.after;
            }
            rest = tag.after;
        } else {
            rest = &rest[1..];
        }
    }
    ""
}

/// Appends text with its character references decoded.
fn push_text(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        // No name is longer, so that a text of many `&` costs no more than its length.
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        let decoded = end.and_then(|end| Some((reference(&rest[1..end])?, &rest[end + 1..])));
        match decoded {
            Some((character, after)) => {
                out.push(character);
                rest = after;
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
}

/// The character of `amp`, `#65` or `#x41`.
fn reference(name: &str) -> Option<char> {
    let Some(number) = name.strip_prefix('#') else {
        return NAMED.iter().find(|(known, _)| *known == name).map(|(_, character)| *character);
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    code.ok().and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_its_words() {
        let whole = Excerpt { max: 1000, ellipsis: false };
        for (html, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("  lots   of\n space  ", "lots of space"),
            ("<p>a</p><p>b</p>c<div>d</div>e", "a b c d e"),
            ("a<script>var x=\"</p>\";</script>b", "a b"),
            ("a<!-- c -->b", "ab"),
            ("a < b and c > d", "a < b and c > d"),
            ("<ul><li>one</li><li>two</li></ul>", "one two"),
            ("a<i>b</i>c<em>d</em>", "abcd"),
            ("a &amp; b &lt;x&gt; &#65;&#x42; &unknown;", "a & b <x> AB &unknown;"),
            ("a <b", "a"),
            ("<div><p>x", "x"),
            ("<a title=\"x > y\">z</a>", "z"),
            ("a<button>x</button>b", "ab"),
        ] {
            assert_eq!(whole.apply(html), expected, "{html}");
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        for (modifier, text, expected) in [
            ("excerpt(4,true)", "aaa bbb ccc", "aaa..."),
            ("excerpt(3,true)", "aaa bbb ccc", "aaa..."),
            ("excerpt(11,true)", "aaa bbb ccc", "aaa bbb ccc"),
            ("excerpt(5,true)", "ééé ббб", "ééé б..."),
            ("excerpt(4,x)", "aaaaa", "aaaa"),
            ("excerpt (4 , 1)", "aaaaa", "aaaa..."),
        ] {
            assert_eq!(Excerpt::parse(modifier).unwrap().apply(text), expected, "{modifier}");
        }
    }
}
