//! The `:excerpt(max, withEllipsis?)` modifier of `fields`: the first words without the HTML.

use crate::query::{QueryError, html_text};

/// How a text is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excerpt {
    max: usize,
    ellipsis: bool,
}

impl Excerpt {
    /// Reads `excerpt(max, withEllipsis?)`. Brackets, commas and spaces part the words, however
    /// they are set, as in the reference.
    pub(super) fn parse(modifier: &str) -> Result<Self, QueryError> {
        let wrong = || QueryError::new("the modifier must be excerpt(max, withEllipsis?)");
        let mut words = modifier.split(['(', ')', ',', ' ']).filter(|word| !word.is_empty());
        if words.next() != Some("excerpt") {
            return Err(wrong());
        }
        let max = words.next().and_then(whole).ok_or_else(wrong)?;
        let ellipsis = matches!(words.next(), Some("1" | "t" | "T" | "true" | "TRUE" | "True"));
        if words.next().is_some() {
            return Err(wrong());
        }
        Ok(Self { max, ellipsis })
    }

    /// The excerpt of `text`.
    pub(super) fn apply(self, text: &str) -> String {
        let plain = html_text::read(text, self.max);
        let plain = plain.trim();
        let Some((end, _)) = plain.char_indices().nth(self.max) else { return plain.to_owned() };
        let mut cut = plain[..end].trim().to_owned();
        if self.ellipsis {
            cut.push_str("...");
        }
        cut
    }
}

/// A number from 1; a fraction is cut off.
fn whole(word: &str) -> Option<usize> {
    let (number, fraction) = word.split_once('.').unwrap_or((word, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = number.parse().ok()?;
    usize::try_from(number).ok().filter(|number| *number > 0)
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
            ("a<script>var x=\"</p>\";</script>b", "ab"),
            ("a<!-- c -->b", "ab"),
            ("a < b and c > d", "a < b and c > d"),
            ("<ul><li>one</li><li>two</li></ul>", "one two"),
            ("a<i>b</i>c<em>d</em>", "abcd"),
            ("a <b", "a"),
            ("<div><p>x", "x"),
            ("<a title=\"x > y\">z</a>", "z"),
            ("a<button>x</button>b", "ab"),
            ("\u{a0}a\u{a0}b\u{a0}", "a\u{a0}b"),
            ("a</p>b</hr>c</br>d</li>e", "a bcde"),
            ("x<svg><p>in</p></svg>y", "x in y"),
            ("<svg/>x", "x"),
            ("x<button>p<button>q</button>r</button>s", "xrs"),
            ("x<form>a<form>b</form>c</form>d", "xcd"),
            ("<div><picture>x</div>y", "y"),
            ("<picture><p>a</picture>b</p>c", ""),
            ("<p><button>x<p>y", ""),
            ("<select>a<div>b</select>c<select>d<input>e", "ce"),
            ("<option>a<option>b</option>c", "c"),
            ("<span><button>a</span>b</button>c", "c"),
            ("<b><p>a</b>b</p>c", "ab c"),
            ("<title>a</title>b", "b"),
            ("x<title>a</title>b", "x a b"),
            ("x<noscript><p>y</p></noscript>z", "x <p>y</p> z"),
            ("x<head>y</head><td>z<body>!", "xyz!"),
            ("<table><tr><td>a<td><picture>b</table>c", "a c"),
        ] {
            assert_eq!(whole.apply(html), expected, "{html}");
        }
    }

    #[test]
    fn character_references_are_those_of_the_standard() {
        let whole = Excerpt { max: 1000, ellipsis: false };
        for (html, expected) in [
            ("a &amp; b &lt;x&gt; &#65;&#x42; &unknown;", "a & b <x> AB &unknown;"),
            ("&eacute;&hearts;&notit;&not;&notin;", "é♥¬it;¬∉"),
            ("&amp;amp;&AMP;&AMPx&ampx &copyx", "&amp;&&x&x ©x"),
            ("&CounterClockwiseContourIntegral;&NotEqualTilde;", "∳≂\u{338}"),
            ("&; & &#; &#x; &#xZ;", "&; & &#; &#x; &#xZ;"),
            ("x&#0;&#128;&#xD800;&#1114112;&#99999999999;", "x\u{fffd}€\u{fffd}\u{fffd}\u{fffd}"),
            ("&#65 &#65x &#x41g", "A Ax Ag"),
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
            ("excerpt(4,true)", "日本<b>語テ</b>キスト", "日本語テ..."),
            ("excerpt(4,x)", "aaaaa", "aaaa"),
            ("excerpt (4 , 1)", "aaaaa", "aaaa..."),
            ("excerpt(4.9)", "aaaaa", "aaaa"),
            ("excerpt((+2))", "aaaaa", "aa"),
            ("excerpt(9223372036854775807,true)", "aaaaa", "aaaaa"),
        ] {
            assert_eq!(Excerpt::parse(modifier).unwrap().apply(text), expected, "{modifier}");
        }
    }

    #[test]
    fn deep_and_long_documents_cost_no_more_than_their_length() {
        let whole = Excerpt { max: usize::MAX, ellipsis: false };
        for part in ["<b>", "<div>", "<p>", "<table><td>", "<svg><desc>", "&", "<", "</p>"] {
            let html = part.repeat(50_000 / part.len());
            assert!(whole.apply(&html).len() <= html.len(), "{part}");
        }
    }
}
