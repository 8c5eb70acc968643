//! What a filter says, before any name in it means something.

use crate::query::Span;

/// How alternatives or conditions stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// A filter or a rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A comparison.
    Leaf(Leaf),
    /// Two or more expressions of one level.
    Group(Join, Vec<Expr>),
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// What stands before the operator.
    pub left: Operand,
    /// The operator.
    pub op: Op,
    /// What stands after it.
    pub right: Operand,
}

/// A side of a comparison, or an argument.
#[derive(Debug, Clone, PartialEq)]
pub struct Operand {
    /// Where it stands; of a call the name only.
    pub span: Span,
    /// What it is.
    pub kind: OperandKind,
}

/// See [`Operand::kind`].
#[derive(Debug, Clone, PartialEq)]
pub enum OperandKind {
    /// A field, path, macro or word, as written.
    Ident(String),
    /// A number, as written.
    Number(String),
    /// A text with its escapes decoded.
    Text(String),
    /// A function with its arguments.
    Call(String, Vec<Operand>),
}

/// An operator of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Op {
    /// What is compared.
    pub compare: Compare,
    /// Written with `?`: one of several values is enough.
    pub any: bool,
}

/// The eight comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `~`
    Like,
    /// `!~`
    NotLike,
}

impl Op {
    /// Reads `=`, `?!~` and so on.
    pub fn parse(text: &str) -> Option<Self> {
        let (any, sign) = match text.strip_prefix('?') {
            Some(sign) => (true, sign),
            None => (false, text),
        };
        let compare = match sign {
            "=" => Compare::Equal,
            "!=" => Compare::NotEqual,
            ">" => Compare::Greater,
            ">=" => Compare::GreaterOrEqual,
            "<" => Compare::Less,
            "<=" => Compare::LessOrEqual,
            "~" => Compare::Like,
            "!~" => Compare::NotLike,
            _ => return None,
        };
        Some(Self { compare, any })
    }
}

impl OperandKind {
    /// The operand as a message names it.
    pub fn shown(&self) -> &str {
        match self {
            Self::Ident(text) | Self::Number(text) | Self::Text(text) | Self::Call(text, _) => text,
        }
    }
}
