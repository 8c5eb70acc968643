//! Tokens to a tree. Groups may nest without end, so they stand on a stack of our own.

use crate::query::ast::{Expr, Join, Leaf, Operand, OperandKind};
use crate::query::lexer::{Lexer, Token, TokenKind};
use crate::query::{QueryError, Span, limits};

/// Reads a filter or a rule.
///
/// # Errors
/// The first token that does not fit, with its place.
pub fn parse(text: &str) -> Result<Expr, QueryError> {
    Parser::new(text).filter()
}

/// One level of brackets, while it is read.
#[derive(Debug, Default)]
struct Level {
    /// Alternatives of conditions.
    ors: Vec<Vec<Expr>>,
    /// The join read last; a group that follows without one repeats it.
    join: Option<Join>,
    /// The bracket that opened the level.
    open: Span,
}

impl Level {
    fn push(&mut self, expr: Expr, join: Option<Join>) {
        match (join, self.ors.last_mut()) {
            (Some(Join::And), Some(ands)) => ands.push(expr),
            _ => self.ors.push(vec![expr]),
        }
    }

    fn into_expr(self) -> Expr {
        let ands = self.ors.into_iter().map(|ands| group(Join::And, ands)).collect();
        group(Join::Or, ands)
    }
}

/// A group of one is its only member.
fn group(join: Join, mut members: Vec<Expr>) -> Expr {
    match members.pop() {
        Some(only) if members.is_empty() => only,
        last => {
            members.extend(last);
            Expr::Group(join, members)
        }
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    token: Token,
    leaves: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        let mut lexer = Lexer::new(text);
        let token = lexer.next_token();
        Self { lexer, token, leaves: 0 }
    }

    /// Steps to the next token and returns the one before it.
    fn step(&mut self) -> Token {
        std::mem::replace(&mut self.token, self.lexer.next_token())
    }

    fn filter(&mut self) -> Result<Expr, QueryError> {
        let mut outer: Vec<Level> = Vec::new();
        let mut level = Level::default();
        // Set while an item must follow; holds the join that leads to it.
        let mut wanted = Some(None);
        loop {
            let open = (!outer.is_empty()).then_some(level.open);
            match (&self.token.kind, wanted) {
                (TokenKind::Open, _) => {
                    if wanted.is_none() {
                        level.join = level.join.or(Some(Join::And));
                        wanted = Some(level.join);
                    }
                    let opened = Level { open: self.step().span, ..Level::default() };
                    // The join that leads to the group waits with the level around it.
                    level.join = wanted.flatten().or(level.join);
                    outer.push(std::mem::replace(&mut level, opened));
                    wanted = Some(None);
                }
                (TokenKind::Close, None) if !outer.is_empty() => {
                    self.step();
                    let inner = std::mem::take(&mut level).into_expr();
                    level = outer.pop().unwrap_or_default();
                    let join = level.join.filter(|_| !level.ors.is_empty());
                    level.push(inner, join);
                    wanted = None;
                }
                (TokenKind::End, None) if outer.is_empty() => return Ok(level.into_expr()),
                (TokenKind::Join(join), None) => {
                    level.join = Some(*join);
                    wanted = Some(level.join);
                    self.step();
                }
                (_, Some(join)) => {
                    let leaf = self.leaf(open)?;
                    level.push(Expr::Leaf(leaf), join);
                    wanted = None;
                }
                (_, None) => return Err(self.refuse(open, "expected && or ||")),
            }
        }
    }

    fn leaf(&mut self, open: Option<Span>) -> Result<Leaf, QueryError> {
        if self.leaves == limits::LEAVES && is_operand(&self.token.kind) {
            return Err(self.refuse(open, "too many expressions"));
        }
        self.leaves += 1;
        let left = self.operand(open, 0)?;
        let TokenKind::Op(op) = self.token.kind else {
            return Err(self.refuse(open, "invalid or incomplete filter expression"));
        };
        self.step();
        let right = self.operand(open, 0)?;
        Ok(Leaf { left, op, right })
    }

    /// `open` is the innermost bracket, `level` the number of calls around.
    fn operand(&mut self, open: Option<Span>, level: usize) -> Result<Operand, QueryError> {
        if matches!(self.token.kind, TokenKind::Function(_)) {
            return self.call(open, level + 1);
        }
        if !is_operand(&self.token.kind) {
            return Err(self.refuse(open, "invalid or incomplete filter expression"));
        }
        let token = self.step();
        let kind = match token.kind {
            TokenKind::Number(number) => OperandKind::Number(number),
            TokenKind::Text(text) => OperandKind::Text(text),
            TokenKind::Ident(name) | TokenKind::Function(name) => OperandKind::Ident(name),
            _ => return Err(QueryError::at(token.span.from, token.span.to, "expected an operand")),
        };
        Ok(Operand { span: token.span, kind })
    }

    fn call(&mut self, open: Option<Span>, level: usize) -> Result<Operand, QueryError> {
        if level > limits::CALL_LEVELS {
            return Err(self.refuse(open, "too many calls within calls"));
        }
        let token = self.step();
        let (span, name) = (token.span, token.kind);
        let open = Some(self.step().span);
        let mut arguments = Vec::new();
        while self.token.kind != TokenKind::Close {
            arguments.push(self.operand(open, level)?);
            match self.token.kind {
                TokenKind::Comma => drop(self.step()),
                TokenKind::Close => {}
                _ => return Err(self.refuse(open, "expected , or )")),
            }
        }
        self.step();
        let TokenKind::Function(name) = name else {
            return Err(QueryError::at(span.from, span.to, "expected a function"));
        };
        Ok(Operand { span, kind: OperandKind::Call(name, arguments) })
    }

    /// The error of the token at hand; where the text ends too early, of the bracket left open.
    fn refuse(&self, open: Option<Span>, otherwise: &str) -> QueryError {
        let Span { from, to } = self.token.span;
        match (&self.token.kind, open) {
            (TokenKind::Wrong(why), _) => QueryError::at(from, to, *why),
            (TokenKind::End, Some(open)) => QueryError::at(open.from, open.to, "missing )"),
            _ => QueryError::at(from, to, otherwise),
        }
    }
}

fn is_operand(kind: &TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Ident(_) | TokenKind::Function(_) | TokenKind::Number(_) | TokenKind::Text(_)
    )
}

#[cfg(test)]
mod tests;
