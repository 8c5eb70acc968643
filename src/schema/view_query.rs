//! The SELECT of a view collection: what its columns are, told from its text (contract §4.7).
//!
//! Reads just enough SQL for that: the list of columns and the tables behind FROM. What it does
//! not understand is an opaque expression, never an error; the engine judges the rest.

use std::collections::HashMap;
use std::sync::Arc;

use crate::crypto::{KEY_ALPHABET, random_text};
use crate::schema::fields::{Bool, Json, Number, Relation, Text};
use crate::schema::patterns::ID_PATTERN;
use crate::schema::{Collection, Field, FieldType, Schema, field_list};
use crate::sql::{Dialect, Statement};

/// Random characters at the end of the id of a copied field.
const CLONE_SUFFIX: usize = 4;

/// A SELECT as far as it is understood.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewQuery {
    /// The statement, without the semicolon at its end.
    pub text: String,
    columns: Vec<Column>,
    /// Tables by the lower-case name they go by; the first one under `""` too.
    tables: HashMap<String, String>,
}

#[derive(Debug, Clone, PartialEq)]
struct Column {
    name: String,
    /// What it is made from, comments taken out.
    tokens: Vec<Token>,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// A bare word, or a name in quotes; keywords are bare.
    Word { text: String, is_quoted: bool },
    /// Everything between brackets.
    Group(Vec<Token>),
    /// Text in single quotes.
    Literal(String),
    /// Any other character.
    Sign(char),
}

impl ViewQuery {
    /// Reads a query.
    ///
    /// # Errors
    /// Why it cannot be the query of a view, in words to stand behind "Invalid query - ".
    pub fn parse(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        let text = trimmed.strip_suffix(';').unwrap_or(trimmed);
        let mut lexer = Lexer { rest: text };
        let tokens = lexer.tokens(0)?;
        if tokens.contains(&Token::Sign(';')) {
            return Err("multiple statements are not supported.".to_owned());
        }
        let start = tokens.iter().position(|token| is_keyword(token, "select"));
        let Some(start) = start else { return Err("it is not a SELECT.".to_owned()) };
        let body = &tokens[start + 1..];
        let end = body.iter().position(|token| is_keyword(token, "from")).unwrap_or(body.len());
        let mut items = &body[..end];
        while items.first().is_some_and(|t| is_keyword(t, "distinct") || is_keyword(t, "all")) {
            items = &items[1..];
        }
        let columns: Vec<Column> = split(items, |token| *token == Token::Sign(','))
            .into_iter()
            .map(Column::read)
            .collect::<Result<_, _>>()?;
        if !columns.iter().any(|column| column.name == "id") {
            return Err("missing required id column (you can use `(ROW_NUMBER() OVER()) as id` \
                        if you don't have one)."
                .to_owned());
        }
        let tables = tables(body.get(end + 1..).unwrap_or_default());
        Ok(Self { text: text.to_owned(), columns, tables })
    }

    /// The names of the columns, in their order.
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }

    /// A read of some columns of some rows, before there is a view.
    pub fn sample(&self, dialect: &dyn Dialect, columns: &[String], limit: usize) -> Statement {
        let columns: Vec<String> = columns.iter().map(|column| dialect.quote(column)).collect();
        // The line break ends a comment at the end of the query.
        let text = format!("SELECT {} FROM ({}\n) LIMIT {limit}", columns.join(", "), self.text);
        Statement::new(text, Vec::new())
    }

    /// The fields that the columns are.
    pub fn fields(&self, schema: &Schema) -> Vec<Field> {
        self.columns.iter().map(|column| self.field(column, schema)).collect()
    }

    /// True when ids come from something else than texts, and have to be made texts.
    pub fn has_foreign_id(&self, schema: &Schema) -> bool {
        let id = self.columns.iter().find(|column| column.name == "id");
        let source = id.and_then(|column| self.source(column, schema));
        !source.is_some_and(|(_, field)| matches!(field.kind, FieldType::Text(_)))
    }

    /// The collection and the field that a column shows unchanged.
    pub fn origin<'s>(
        &self,
        name: &str,
        schema: &'s Schema,
    ) -> Option<(&'s Arc<Collection>, &'s Field)> {
        let column = self.columns.iter().find(|column| column.name == name)?;
        let (collection, field) = self.source(column, schema)?;
        Some((schema.find_by_id(collection)?, field))
    }

    fn field(&self, column: &Column, schema: &Schema) -> Field {
        let name = column.name.as_str();
        if name == "id" {
            let text =
                Text { pattern: ID_PATTERN.to_owned(), primary_key: true, ..Text::default() };
            let id = field_list::named("id", FieldType::Text(text));
            return Field { system: true, required: true, ..id };
        }
        match self.source(column, schema) {
            Some((collection, source)) if source.name == "id" => {
                let collection_id = collection.to_owned();
                let relation = Relation { collection_id, max_select: 1, ..Relation::default() };
                field_list::named(name, FieldType::Relation(relation))
            }
            Some((_, source)) => Field {
                id: format!("_clone_{}", random_text(CLONE_SUFFIX, KEY_ALPHABET)),
                name: name.to_owned(),
                ..source.clone()
            },
            None => field_list::named(name, column.expression_type()),
        }
    }

    /// The collection's id and the field that a column shows unchanged.
    fn source<'s>(&self, column: &Column, schema: &'s Schema) -> Option<(&'s str, &'s Field)> {
        let (table, name) = match column.tokens.as_slice() {
            [Token::Word { text, .. }] => ("", text),
            [Token::Word { text: table, .. }, Token::Sign('.'), Token::Word { text, .. }] => {
                (table.as_str(), text)
            }
            _ => return None,
        };
        let table = self.tables.get(&table.to_lowercase())?;
        let collection = schema.find_by_name(table)?;
        let field = collection.fields.iter().find(|f| f.name.eq_ignore_ascii_case(name))?;
        Some((&collection.id, field))
    }
}

/// True when a table or column of this name may be behind the view of a query.
pub fn mentions(query: &str, table: &str) -> bool {
    query.to_lowercase().contains(&table.to_lowercase())
}

/// Checks the ids of a sample.
///
/// # Errors
/// Why rows with such ids are no records.
pub fn check_ids(mut ids: Vec<String>) -> Result<(), String> {
    if ids.iter().any(String::is_empty) {
        return Err("the query could return records with empty or invalid ids.".to_owned());
    }
    ids.sort_unstable();
    if ids.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err("the query could return records with non-unique ids.".to_owned());
    }
    Ok(())
}

impl Column {
    fn read(tokens: &[Token]) -> Result<Self, String> {
        let is_wild = matches!(tokens, [.., Token::Sign('*')])
            && !matches!(tokens, [.., Token::Literal(_) | Token::Group(_), Token::Sign('*')]);
        if is_wild {
            return Err("wildcard columns (*) are not supported - manually type the collection \
                        field names you want the view query to have."
                .to_owned());
        }
        let (tokens, alias) = split_alias(tokens);
        let name = alias.unwrap_or_else(|| match tokens {
            [.., Token::Word { text, .. }] => text.clone(),
            _ => String::new(),
        });
        Ok(Self { name, tokens: tokens.to_vec() })
    }

    fn expression_type(&self) -> FieldType {
        let (function, arguments) = match self.tokens.as_slice() {
            [Token::Word { text, is_quoted: false }, Token::Group(arguments)] => {
                (text.to_lowercase(), arguments)
            }
            _ => return opaque(),
        };
        let number = |only_int: bool| FieldType::Number(Number { only_int, ..Number::default() });
        match function.as_str() {
            "count" => number(true),
            "total" => number(false),
            "cast" => {
                let at = arguments.iter().rposition(|token| is_keyword(token, "as"));
                let target = at.and_then(|at| arguments.get(at + 1));
                let Some(Token::Word { text, .. }) = target else { return opaque() };
                match text.to_lowercase().as_str() {
                    "int" | "integer" => number(true),
                    "real" | "decimal" | "numeric" => number(false),
                    "text" => FieldType::Text(Text::default()),
                    "bool" | "boolean" => FieldType::Bool(Bool::default()),
                    _ => opaque(),
                }
            }
            _ => opaque(),
        }
    }
}

fn opaque() -> FieldType {
    FieldType::Json(Json { max_size: 1 })
}

/// `expression AS name` or `expression name`, taken apart.
fn split_alias(tokens: &[Token]) -> (&[Token], Option<String>) {
    match tokens {
        [before @ .., keyword, Token::Word { text, .. } | Token::Literal(text)]
            if is_keyword(keyword, "as") && !before.is_empty() =>
        {
            (before, Some(text.clone()))
        }
        [before @ .., previous, Token::Word { text, .. }]
            if !matches!(previous, Token::Sign(_)) =>
        {
            (&tokens[..before.len() + 1], Some(text.clone()))
        }
        _ => (tokens, None),
    }
}

/// The tables between FROM and what follows it, by the names they go by.
fn tables(tokens: &[Token]) -> HashMap<String, String> {
    const ENDS: [&str; 9] =
        ["where", "group", "having", "window", "order", "limit", "union", "intersect", "except"];
    const JOINS: [&str; 7] = ["join", "left", "right", "full", "inner", "outer", "cross"];
    let end = tokens.iter().position(|token| ENDS.iter().any(|word| is_keyword(token, word)));
    let tokens = &tokens[..end.unwrap_or(tokens.len())];
    let is_between = |token: &Token| {
        *token == Token::Sign(',') || JOINS.iter().any(|word| is_keyword(token, word))
    };
    let mut tables = HashMap::new();
    for (at, source) in split(tokens, is_between).into_iter().filter(|s| !s.is_empty()).enumerate()
    {
        let condition = source.iter().position(|t| is_keyword(t, "on") || is_keyword(t, "using"));
        let (table, alias) = split_alias(&source[..condition.unwrap_or(source.len())]);
        let [Token::Word { text: table, .. }] = table else { continue };
        let name = alias.unwrap_or_else(|| table.clone());
        tables.insert(name.to_lowercase(), table.clone());
        if at == 0 {
            tables.insert(String::new(), table.clone());
        }
    }
    tables
}

fn split(tokens: &[Token], is_between: impl Fn(&Token) -> bool) -> Vec<&[Token]> {
    tokens.split(|token| is_between(token)).collect()
}

fn is_keyword(token: &Token, keyword: &str) -> bool {
    matches!(token, Token::Word { text, is_quoted: false } if text.eq_ignore_ascii_case(keyword))
}

/// Deepest brackets that are read.
const MAX_DEPTH: usize = 64;

struct Lexer<'a> {
    rest: &'a str,
}

impl Lexer<'_> {
    /// Tokens up to the end, or up to the bracket that closes this depth.
    fn tokens(&mut self, depth: usize) -> Result<Vec<Token>, String> {
        if depth > MAX_DEPTH {
            return Err("too many nested brackets.".to_owned());
        }
        let mut tokens = Vec::new();
        loop {
            self.skip_space()?;
            let Some(c) = self.rest.chars().next() else {
                return if depth == 0 { Ok(tokens) } else { Err(unclosed('(')) };
            };
            match c {
                '(' => {
                    self.advance(1);
                    tokens.push(Token::Group(self.tokens(depth + 1)?));
                }
                ')' if depth > 0 => {
                    self.advance(1);
                    return Ok(tokens);
                }
                ')' => return Err("unexpected closing bracket.".to_owned()),
                '\'' => tokens.push(Token::Literal(self.quoted('\'')?)),
                '"' | '`' => {
                    tokens.push(Token::Word { text: self.quoted(c)?, is_quoted: true });
                }
                '[' => tokens.push(Token::Word { text: self.quoted(']')?, is_quoted: true }),
                c if c.is_alphanumeric() || c == '_' => {
                    let is_inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
                    let end = self.rest.find(|c: char| !is_inner(c)).unwrap_or(self.rest.len());
                    let text = self.rest[..end].to_owned();
                    self.advance(end);
                    tokens.push(Token::Word { text, is_quoted: false });
                }
                c => {
                    self.advance(c.len_utf8());
                    tokens.push(Token::Sign(c));
                }
            }
        }
    }

    fn advance(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    fn skip_space(&mut self) -> Result<(), String> {
        loop {
            self.rest = self.rest.trim_start();
            if let Some(comment) = self.rest.strip_prefix("--") {
                self.rest = comment.split_once('\n').map_or("", |(_, after)| after);
            } else if let Some(comment) = self.rest.strip_prefix("/*") {
                let Some((_, after)) = comment.split_once("*/") else {
                    return Err("unclosed comment.".to_owned());
                };
                self.rest = after;
            } else {
                return Ok(());
            }
        }
    }

    /// What stands in quotes; a doubled quote stands for itself.
    fn quoted(&mut self, close: char) -> Result<String, String> {
        let mut text = String::new();
        self.advance(1);
        loop {
            let Some(end) = self.rest.find(close) else { return Err(unclosed(close)) };
            text.push_str(&self.rest[..end]);
            self.advance(end + 1);
            if close == ']' || !self.rest.starts_with(close) {
                return Ok(text);
            }
            text.push(close);
            self.advance(1);
        }
    }
}

fn unclosed(what: char) -> String {
    format!("unclosed {what}.")
}

#[cfg(test)]
mod tests;
