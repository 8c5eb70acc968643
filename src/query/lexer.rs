//! Text to tokens. A token that is wrong in itself becomes [`TokenKind::Wrong`], so that the parser
//! reports the first thing it cannot take, whatever the reason.

use crate::query::Span;
use crate::query::ast::{Join, Op};

/// A piece of a filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: TokenKind,
}

/// See [`Token::kind`].
#[derive(Debug, Clone, PartialEq)]
pub enum TokenKind {
    /// A name or path.
    Ident(String),
    /// A name with a bracket right behind it. The span is the name's; the bracket follows.
    Function(String),
    /// A number as written.
    Number(String),
    /// A text, decoded.
    Text(String),
    /// An operator.
    Op(Op),
    /// `&&` or `||`.
    Join(Join),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// Nothing is left.
    End,
    /// What no filter may hold, and why.
    Wrong(&'static str),
}

/// Reads one token after the other.
#[derive(Debug)]
pub struct Lexer<'a> {
    /// Up to the first NUL, where a filter ends.
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    /// A lexer at the start of `text`.
    pub fn new(text: &'a str) -> Self {
        Self { text: text.split('\0').next().unwrap_or_default(), at: 0 }
    }

    /// The next token; at the end [`TokenKind::End`], again and again.
    pub fn next_token(&mut self) -> Token {
        self.skip_blanks();
        let from = self.at;
        let Some(first) = self.rest().chars().next() else {
            return Token { span: Span { from, to: from }, kind: TokenKind::End };
        };
        let kind = match first {
            '(' => self.single(TokenKind::Open),
            ')' => self.single(TokenKind::Close),
            ',' => self.single(TokenKind::Comma),
            '\'' | '"' => self.quoted(first),
            '0'..='9' | '-' => self.number(),
            '=' | '!' | '<' | '>' | '~' | '?' => self.operator(),
            '&' | '|' => self.join(),
            'a'..='z' | 'A'..='Z' | '@' | '_' | '#' => self.identifier(),
            other => {
                self.at += other.len_utf8();
                TokenKind::Wrong("unexpected character")
            }
        };
        Token { span: Span { from, to: self.at }, kind }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Takes the longest run of bytes that `belongs` accepts.
    fn run(&mut self, belongs: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.bytes().position(|byte| !belongs(byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn skip_blanks(&mut self) {
        loop {
            self.run(|byte| matches!(byte, b' ' | b'\t' | b'\n'));
            if !self.rest().starts_with("//") {
                return;
            }
            self.run(|byte| byte != b'\n');
        }
    }

    fn single(&mut self, kind: TokenKind) -> TokenKind {
        self.at += 1;
        kind
    }

    fn quoted(&mut self, quote: char) -> TokenKind {
        let mut decoded = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((offset, char)) = chars.next() {
            if char == quote {
                self.at += offset + 1;
                return TokenKind::Text(decoded);
            }
            if char != '\\' {
                decoded.push(char);
                continue;
            }
            match chars.next() {
                Some((_, 'n')) => decoded.push('\n'),
                Some((_, 'r')) => decoded.push('\r'),
                Some((_, 't')) => decoded.push('\t'),
                Some((_, escaped @ ('\\' | '"' | '\''))) => decoded.push(escaped),
                Some((_, other)) => decoded.extend(['\\', other]),
                None => break,
            }
        }
        self.at = self.text.len();
        TokenKind::Wrong("the text stays open")
    }

    fn number(&mut self) -> TokenKind {
        let from = self.at;
        if self.rest().starts_with('-') {
            self.at += 1;
        }
        let whole = self.run(|byte| byte.is_ascii_digit());
        let mut fraction = None;
        // A minus alone may be followed by a fraction, as the reference reads it.
        if self.rest().starts_with('.') {
            self.at += 1;
            fraction = Some(self.run(|byte| byte.is_ascii_digit()));
        }
        match (whole, fraction) {
            ("", None) | (_, Some("")) => TokenKind::Wrong("invalid number"),
            _ => TokenKind::Number(self.text[from..self.at].to_owned()),
        }
    }

    fn operator(&mut self) -> TokenKind {
        let run = self.run(|byte| matches!(byte, b'=' | b'!' | b'<' | b'>' | b'~' | b'?'));
        Op::parse(run).map_or(TokenKind::Wrong("invalid operator"), TokenKind::Op)
    }

    fn join(&mut self) -> TokenKind {
        match self.run(|byte| matches!(byte, b'&' | b'|')) {
            "&&" => TokenKind::Join(Join::And),
            "||" => TokenKind::Join(Join::Or),
            _ => TokenKind::Wrong("expected && or ||"),
        }
    }

    fn identifier(&mut self) -> TokenKind {
        let from = self.at;
        self.at += 1;
        self.run(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':'));
        let name = &self.text[from..self.at];
        if matches!(name, "@" | "_" | "#") || name.ends_with(['.', ':']) {
            return TokenKind::Wrong("invalid identifier");
        }
        if self.rest().starts_with('(') {
            return TokenKind::Function(name.to_owned());
        }
        TokenKind::Ident(name.to_owned())
    }
}
