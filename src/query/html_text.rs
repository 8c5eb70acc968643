//! The text of an HTML document as somebody reads it: no tags, no scripts, no controls, and a space
//! around what stands on lines of its own.
//!
//! The tokens are those of the HTML standard. Of its tree only so much is built as decides where an
//! element ends: a stack of open elements, of bounded depth, so that no document costs more than
//! its length.

use html5gum::{DefaultEmitter, Token, Tokenizer};

/// Elements within elements that are followed; what is deeper is read as if it were flat.
const MAX_OPEN: usize = 256;

/// The readable text of `html`, white space collapsed. Reading ends once there are more than `max`
/// characters.
pub(super) fn read(html: &str, max: usize) -> String {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut reader = Reader { in_head: true, ..Reader::default() };
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        match token {
            Token::String(text) => reader.text(&String::from_utf8_lossy(&text.value)),
            Token::StartTag(tag) => {
                reader.start(&String::from_utf8_lossy(&tag.name), tag.self_closing);
            }
            Token::EndTag(tag) => reader.end(&String::from_utf8_lossy(&tag.name)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
        if reader.chars > max {
            break;
        }
    }
    reader.out
}

#[derive(Default)]
struct Reader {
    out: String,
    chars: usize,
    /// A space is due before the next word.
    gap: bool,
    open: Vec<Open>,
    /// Nothing was met yet that a body would hold.
    in_head: bool,
}

/// An element whose end was not met yet.
struct Open {
    name: String,
    /// Its text is not read.
    is_dropped: bool,
}

impl Reader {
    fn text(&mut self, text: &str) {
        if self.is_dropped() {
            return;
        }
        for char in text.chars() {
            if matches!(char, ' ' | '\t' | '\n' | '\r' | '\x0c') {
                self.gap = true;
            } else if char != '\0' {
                self.in_head = false;
                if std::mem::take(&mut self.gap) && !self.out.is_empty() {
                    self.out.push(' ');
                    self.chars += 1;
                }
                self.out.push(char);
                self.chars += 1;
            }
        }
    }

    fn is_dropped(&self) -> bool {
        self.open.last().is_some_and(|open| open.is_dropped)
    }

    fn start(&mut self, name: &str, closes_itself: bool) {
        if matches!(name, "html" | "head" | "body" | "frameset") {
            self.in_head &= name != "body";
            return;
        }
        let is_of_head = self.in_head && belongs_to_head(name);
        self.in_head &= is_of_head;
        if !self.make_room(name) {
            return;
        }
        let is_dropped = self.is_dropped() || is_of_head || is_unread(name);
        if !is_dropped && !is_inline(name) {
            self.gap = true;
        }
        let is_foreign = matches!(name, "svg" | "math") || self.foreign().is_some();
        if is_void(name) || (closes_itself && is_foreign) || self.open.len() == MAX_OPEN {
            return;
        }
        self.open.push(Open { name: name.to_owned(), is_dropped });
    }

    /// Ends what cannot hold a new element `name`; false when the element itself is not taken.
    fn make_room(&mut self, name: &str) -> bool {
        if let Some(at) = self.foreign().filter(|_| breaks_out(name)) {
            self.open.truncate(at);
        }
        if let Some(at) = self.find("select", |_| false) {
            match name {
                "input" | "textarea" | "keygen" => self.open.truncate(at),
                "select" => {
                    self.open.truncate(at);
                    return false;
                }
                "option" | "optgroup" => self.open.truncate(at + 1),
                "script" | "template" => {}
                _ => return false,
            }
        }
        let last = self.open.last().map_or("", |open| open.name.as_str());
        match name {
            _ if is_part_of_table(name) => {
                match self.open.iter().rposition(|open| open.name == "table") {
                    Some(table) => self.open.truncate(table + 1),
                    None => return false,
                }
            }
            "form" if self.open.iter().any(|open| open.name == "form") => return false,
            "button" => {
                if let Some(at) = self.find("button", is_barrier) {
                    self.open.truncate(at);
                }
            }
            "option" if last == "option" => drop(self.open.pop()),
            _ if ends_paragraph(name) => {
                let stop = |name: &str| is_barrier(name) || name == "button";
                if let Some(at) = self.find("p", stop) {
                    self.open.truncate(at);
                }
            }
            _ => {}
        }
        true
    }

    fn end(&mut self, name: &str) {
        let found = if is_special(name) {
            self.find(name, |open| match name {
                "table" => open == "template",
                _ if is_part_of_table(name) => matches!(open, "table" | "template"),
                "p" => is_barrier(open) || open == "button",
                _ => is_barrier(open),
            })
        } else if is_formatting(name) {
            self.find(name, is_barrier)
        } else {
            self.find(name, is_special)
        };
        let Some(at) = found else {
            // An end without a start makes an empty paragraph.
            self.gap |= name == "p" && !self.is_dropped();
            return;
        };
        // A block within a word in bold goes on when the bold ends.
        if is_formatting(name) && self.open[at + 1..].iter().any(|open| is_special(&open.name)) {
            self.open.remove(at);
        } else {
            self.open.truncate(at);
        }
        self.gap |= !self.is_dropped() && !is_inline(name) && !is_unread(name);
    }

    /// Where the innermost open `wanted` is, unless an element at which `stop` holds is further in.
    fn find(&self, wanted: &str, stop: impl Fn(&str) -> bool) -> Option<usize> {
        let last = self.open.iter().rposition(|open| open.name == wanted || stop(&open.name))?;
        (self.open[last].name == wanted).then_some(last)
    }

    /// Where the picture or formula begins that the next element would be a part of.
    fn foreign(&self) -> Option<usize> {
        let at = self.open.iter().rposition(|open| {
            matches!(open.name.as_str(), "svg" | "math" | "foreignobject" | "desc" | "title")
        })?;
        matches!(self.open[at].name.as_str(), "svg" | "math").then_some(at)
    }
}

/// Elements whose content nobody reads as text.
#[rustfmt::skip]
fn is_unread(name: &str) -> bool {
    matches!(name, "applet" | "button" | "dialog" | "embed" | "form" | "head" | "iframe" | "image"
        | "img" | "input" | "object" | "option" | "picture" | "script" | "select" | "style" | "svg"
        | "template" | "textarea")
}

/// Elements that stay on their line: no space around them.
#[rustfmt::skip]
fn is_inline(name: &str) -> bool {
    matches!(name, "a" | "abbr" | "acronym" | "b" | "bdo" | "big" | "br" | "button" | "cite"
        | "code" | "em" | "i" | "label" | "q" | "small" | "span" | "strike" | "strong" | "sub"
        | "sup" | "time")
}

/// Elements that hold nothing, and so have no end.
#[rustfmt::skip]
fn is_void(name: &str) -> bool {
    matches!(name, "area" | "base" | "basefont" | "bgsound" | "br" | "col" | "embed" | "frame"
        | "hr" | "image" | "img" | "input" | "keygen" | "link" | "meta" | "param" | "source"
        | "track" | "wbr")
}

/// Elements that stand in a table or not at all.
#[rustfmt::skip]
fn is_part_of_table(name: &str) -> bool {
    matches!(name, "caption" | "col" | "colgroup" | "frame" | "tbody" | "td" | "tfoot" | "th"
        | "thead" | "tr")
}

/// Elements that belong to the head while no text was met.
#[rustfmt::skip]
fn belongs_to_head(name: &str) -> bool {
    matches!(name, "base" | "basefont" | "bgsound" | "link" | "meta" | "noframes" | "noscript"
        | "script" | "style" | "template" | "title")
}

/// Elements that the end of an element within does not reach out of.
#[rustfmt::skip]
fn is_barrier(name: &str) -> bool {
    matches!(name, "applet" | "caption" | "marquee" | "object" | "table" | "td" | "template" | "th"
        | "foreignobject" | "desc")
}

/// The elements whose end follows from what the font elements do.
#[rustfmt::skip]
fn is_formatting(name: &str) -> bool {
    matches!(name, "a" | "b" | "big" | "code" | "em" | "font" | "i" | "nobr" | "s" | "small"
        | "strike" | "strong" | "tt" | "u")
}

/// The elements that start new lines or stand for more than their text.
#[rustfmt::skip]
fn is_special(name: &str) -> bool {
    ends_paragraph(name) || is_barrier(name) || matches!(name, "button" | "colgroup" | "iframe"
        | "noembed" | "noframes" | "noscript" | "optgroup" | "option" | "script" | "select"
        | "style" | "tbody" | "textarea" | "tfoot" | "thead" | "title" | "tr")
}

/// The elements that a paragraph cannot hold.
#[rustfmt::skip]
fn ends_paragraph(name: &str) -> bool {
    matches!(name, "address" | "article" | "aside" | "blockquote" | "center" | "dd" | "details"
        | "dialog" | "dir" | "div" | "dl" | "dt" | "fieldset" | "figcaption" | "figure" | "footer"
        | "form" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "header" | "hgroup" | "hr" | "li"
        | "listing" | "main" | "menu" | "nav" | "ol" | "p" | "plaintext" | "pre" | "search"
        | "section" | "summary" | "ul" | "xmp")
}

/// The elements that end a picture or formula they stand in.
#[rustfmt::skip]
fn breaks_out(name: &str) -> bool {
    matches!(name, "b" | "big" | "blockquote" | "body" | "br" | "center" | "code" | "dd" | "div"
        | "dl" | "dt" | "em" | "embed" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "head" | "hr"
        | "i" | "img" | "li" | "listing" | "menu" | "meta" | "nobr" | "ol" | "p" | "pre" | "ruby"
        | "s" | "small" | "span" | "strike" | "strong" | "sub" | "sup" | "table" | "tt" | "u"
        | "ul" | "var")
}
