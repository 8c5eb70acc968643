//! The plain text of a mail, out of its HTML: paragraphs, and links with the address they lead to.

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

/// Characters that are made at most.
const MAX_CHARS: usize = 100_000;

/// The readable text of `html`.
pub(super) fn read(html: &str) -> String {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut writer = Writer::default();
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        match token {
            Token::String(text) => writer.text(&String::from_utf8_lossy(&text.value)),
            Token::StartTag(tag) => writer.start(&tag),
            Token::EndTag(tag) => writer.end(&String::from_utf8_lossy(&tag.name)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
        if writer.out.len() > MAX_CHARS {
            break;
        }
    }
    writer.out.trim_end().to_owned()
}

#[derive(Default)]
struct Writer {
    out: String,
    /// Line ends that are due before the next word.
    lines: usize,
    /// A space is due before the next word.
    gap: bool,
    /// Inside how many elements whose text is for nobody.
    unread: usize,
    /// Where the link that is open leads, and where its text begins.
    link: Option<(String, usize)>,
}

impl Writer {
    fn text(&mut self, text: &str) {
        if self.unread > 0 {
            return;
        }
        for char in text.chars() {
            if char.is_whitespace() {
                self.gap = true;
            } else if !char.is_control() {
                self.begin_word();
                self.out.push(char);
            }
        }
    }

    fn begin_word(&mut self) {
        if !self.out.is_empty() {
            if self.lines > 0 {
                self.out.extend(std::iter::repeat_n('\n', self.lines));
            } else if self.gap {
                self.out.push(' ');
            }
        }
        (self.lines, self.gap) = (0, false);
    }

    fn start(&mut self, tag: &StartTag<()>) {
        let name = String::from_utf8_lossy(&tag.name);
        match &*name {
            _ if is_unread(&name) => self.unread += 1,
            "br" => self.lines = (self.lines + 1).min(2),
            "li" => {
                self.break_lines(1);
                self.text("-");
                self.gap = true;
            }
            "a" => {
                let href = tag.attributes.iter().find(|(name, _)| name.0 == b"href");
                let href =
                    href.map(|(_, value)| String::from_utf8_lossy(&value.value).trim().to_owned());
                self.link = href.filter(|href| is_address(href)).map(|href| (href, self.out.len()));
            }
            _ => self.break_lines(lines_around(&name)),
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            _ if is_unread(name) => self.unread = self.unread.saturating_sub(1),
            "a" => {
                let Some((href, from)) = self.link.take() else { return };
                let label = self.out.get(from..).unwrap_or_default().trim();
                if label != href {
                    self.text(if label.is_empty() { "" } else { ":" });
                    self.gap = true;
                    self.text(&href);
                }
            }
            _ => self.break_lines(lines_around(name)),
        }
    }

    fn break_lines(&mut self, lines: usize) {
        self.lines = self.lines.max(lines);
    }
}

fn is_unread(name: &str) -> bool {
    matches!(name, "script" | "style" | "head" | "title" | "template" | "noscript" | "textarea")
}

fn is_address(href: &str) -> bool {
    ["http://", "https://", "mailto:"].iter().any(|scheme| href.starts_with(scheme))
}

fn lines_around(name: &str) -> usize {
    match name {
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "table" | "blockquote"
        | "pre" | "hr" => 2,
        "div" | "tr" | "section" | "article" | "header" | "footer" | "li" | "dt" | "dd" => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_lists_and_links_are_kept() {
        for (html, expected) in [
            ("<p>Hello,</p>\n<p>Welcome  to <b>Acme</b>.</p>", "Hello,\n\nWelcome to Acme."),
            (
                "<p><a class=\"btn\" href=\"http://a.b/#/x/TOKEN\">Confirm</a></p>",
                "Confirm: http://a.b/#/x/TOKEN",
            ),
            ("<a href=\"http://a.b\">http://a.b</a>", "http://a.b"),
            ("<a href=\"javascript:alert(1)\">no</a>", "no"),
            ("<a href=\"http://a.b\"><img></a> x", "http://a.b x"),
            ("<ul><li>one</li><li>two</li></ul>end", "- one\n- two\n\nend"),
            ("a<br>b<br><br><br>c", "a\nb\n\nc"),
            ("<style>p{}</style><p>1 &lt; 2 &amp; 3</p><script>x</script>", "1 < 2 & 3"),
            ("", ""),
        ] {
            assert_eq!(read(html), expected, "{html}");
        }
    }
}
