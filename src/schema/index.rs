//! Index definitions: `CREATE INDEX` statements of people, read and written (contract §4.6).

use crate::schema::Collection;

/// What a `CREATE INDEX` statement says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Index {
    /// The table's values in it are distinct.
    pub is_unique: bool,
    /// Made only when its name is free.
    pub is_optional: bool,
    /// A database name before the index's own.
    pub schema: String,
    /// Its own name.
    pub name: String,
    /// What it is on.
    pub table: String,
    /// What it sorts by.
    pub columns: Vec<IndexColumn>,
    /// The condition of a partial index.
    pub condition: String,
}

/// One column or expression of an [`Index`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct IndexColumn {
    /// A column's name, or an expression.
    pub name: String,
    /// How texts compare.
    pub collation: String,
    /// `ASC` or `DESC`.
    pub direction: String,
}

impl Index {
    /// Reads a statement; `None` for anything that is not one, or is more than one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = Words { rest: skip_comments(text) };
        words.keyword("create")?;
        let is_unique = words.keyword("unique").is_some();
        words.keyword("index")?;
        let is_optional = words.keyword("if").is_some();
        if is_optional {
            words.keyword("not")?;
            words.keyword("exists")?;
        }
        let (schema, name) = qualified(words.word()?);
        words.keyword("on")?;
        // A database before the table is no part of the statement; as a part of the name it makes
        // the definition one for another table, which is then rewritten.
        let table = unquote(words.word()?).to_owned();
        let inner = words.group()?;
        let columns: Vec<IndexColumn> =
            split_columns(inner).into_iter().filter_map(IndexColumn::parse).collect();
        let condition = match words.keyword("where") {
            Some(()) => words.rest.trim().to_owned(),
            None if words.rest.trim().is_empty() => String::new(),
            None => return None,
        };
        let index = Self { is_unique, is_optional, schema, name, table, columns, condition };
        let is_whole = !index.name.is_empty() && !index.columns.is_empty();
        (is_whole && is_one_statement(inner) && is_one_statement(&index.condition)).then_some(index)
    }

    /// The statement, with names in backticks. Several columns stand on lines of their own.
    pub fn print(&self) -> String {
        let mut text = String::from("CREATE ");
        if self.is_unique {
            text.push_str("UNIQUE ");
        }
        text.push_str("INDEX ");
        if self.is_optional {
            text.push_str("IF NOT EXISTS ");
        }
        if !self.schema.is_empty() {
            text.push_str(&format!("`{}`.", self.schema));
        }
        let columns: Vec<String> = self.columns.iter().map(IndexColumn::print).collect();
        let columns = match columns.as_slice() {
            [one] => one.clone(),
            many => format!("\n  {}\n", many.join(",\n  ")),
        };
        text.push_str(&format!("`{}` ON `{}` ({columns})", self.name, self.table));
        if !self.condition.is_empty() {
            text.push_str(&format!(" WHERE {}", self.condition));
        }
        text
    }

    /// The column of a unique index on one plain column.
    pub fn unique_column(&self) -> Option<&str> {
        match self.columns.as_slice() {
            [column] if self.is_unique => Some(&column.name),
            _ => None,
        }
    }

    /// What two indexes on the same thing share: everything but the name.
    pub fn shape(&self) -> Self {
        Self { name: String::new(), schema: String::new(), ..self.clone() }
    }

    /// The same but for what uniqueness does not depend on: how it sorts and compares, and which
    /// rows it is for.
    pub fn is_as_unique_as(&self, other: &Self) -> bool {
        let names = |index: &Self| -> Vec<String> {
            index.columns.iter().map(|column| column.name.to_lowercase()).collect()
        };
        self.is_unique && other.is_unique && names(self) == names(other)
    }
}

impl IndexColumn {
    fn parse(text: &str) -> Option<Self> {
        let mut rest = text.trim();
        let mut column = Self::default();
        if let Some((before, word)) = last_word(rest)
            && (word.eq_ignore_ascii_case("asc") || word.eq_ignore_ascii_case("desc"))
        {
            column.direction = word.to_ascii_uppercase();
            rest = before;
        }
        if let Some((before, word)) = last_word(rest)
            && let Some((name, keyword)) = last_word(before)
            && keyword.eq_ignore_ascii_case("collate")
        {
            column.collation = unquote(word).to_owned();
            rest = name;
        }
        column.name = unquote(rest).to_owned();
        (!column.name.is_empty()).then_some(column)
    }

    fn print(&self) -> String {
        let is_plain = !self.name.contains(|c: char| c == '(' || c.is_whitespace());
        let mut text = if is_plain { format!("`{}`", self.name) } else { self.name.clone() };
        if !self.collation.is_empty() {
            text.push_str(&format!(" COLLATE {}", self.collation));
        }
        if !self.direction.is_empty() {
            text.push(' ');
            text.push_str(&self.direction);
        }
        text
    }
}

/// The unique index every auth collection has on a column.
pub fn required_index(collection: &Collection, column: &str) -> String {
    required_index_of(&collection.id, &collection.name, column)
}

/// As [`required_index`], for a collection that has no id yet.
pub fn required_index_of(id: &str, table: &str, column: &str) -> String {
    let condition = if column == "email" { " WHERE `email` != ''" } else { "" };
    format!("CREATE UNIQUE INDEX `idx_{column}_{id}` ON `{table}` (`{column}`){condition}")
}

/// A cursor over the words of a statement.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn keyword(&mut self, keyword: &str) -> Option<()> {
        let rest = self.rest.trim_start();
        let head = rest.get(..keyword.len())?;
        let tail = &rest[keyword.len()..];
        let ends = !tail.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        (head.eq_ignore_ascii_case(keyword) && ends).then(|| self.rest = tail)
    }

    /// The run up to white space or a bracket.
    fn word(&mut self) -> Option<&'a str> {
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| c.is_whitespace() || c == '(').unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        self.rest = tail;
        (!word.is_empty()).then_some(word)
    }

    /// What stands between a bracket and the one that closes it.
    fn group(&mut self) -> Option<&'a str> {
        let rest = self.rest.trim_start();
        let inner = rest.strip_prefix('(')?;
        let mut depth = 1_usize;
        let mut quotes = Quotes::default();
        for (at, c) in inner.char_indices() {
            if quotes.holds(c) {
                continue;
            }
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.rest = &inner[at + 1..];
                return Some(&inner[..at]);
            }
        }
        None
    }
}

/// Tells which characters of a text stand inside quotes.
#[derive(Default)]
struct Quotes {
    open: Option<char>,
}

impl Quotes {
    fn holds(&mut self, c: char) -> bool {
        match self.open {
            Some(quote) => {
                if c == quote {
                    self.open = None;
                }
                true
            }
            None => {
                self.open = match c {
                    '[' => Some(']'),
                    '\'' | '"' | '`' => Some(c),
                    _ => None,
                };
                self.open.is_some()
            }
        }
    }
}

/// False when a semicolon or an unclosed quote or bracket lets a text reach past its end.
fn is_one_statement(text: &str) -> bool {
    let mut quotes = Quotes::default();
    let mut depth = 0_i64;
    for c in text.chars() {
        if quotes.holds(c) {
            continue;
        }
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if c == ';' || depth < 0 {
            return false;
        }
    }
    quotes.open.is_none() && depth == 0
}

fn skip_comments(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        rest = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, after)| after.trim_start())
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, after)| after.trim_start())
        } else {
            return rest;
        };
    }
}

fn split_columns(inner: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut quotes = Quotes::default();
    let (mut depth, mut start) = (0_usize, 0_usize);
    for (at, c) in inner.char_indices() {
        if quotes.holds(c) {
            continue;
        }
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    parts
}

fn last_word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_end();
    let at = text.rfind(char::is_whitespace)?;
    let word = &text[at..].trim_start();
    Some((text[..at].trim_end(), word))
}

fn qualified(word: &str) -> (String, String) {
    let mut quotes = Quotes::default();
    let dot = word.char_indices().filter(|&(_, c)| !quotes.holds(c) && c == '.').last();
    match dot.map(|(at, _)| (&word[..at], &word[at + 1..])) {
        Some((schema, name)) => (unquote(schema).to_owned(), unquote(name).to_owned()),
        None => (String::new(), unquote(word).to_owned()),
    }
}

fn unquote(text: &str) -> &str {
    text.trim().trim_matches(['`', '"', '\'', '[', ']'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_read_and_written_again() {
        for (text, expected) in [
            (" create unique index i2 on t (id) ", "CREATE UNIQUE INDEX `i2` ON `t` (`id`)"),
            ("CREATE INDEX [i4] ON [t] ([id])", "CREATE INDEX `i4` ON `t` (`id`)"),
            ("CREATE INDEX \"i5\" ON \"t\" (\"id\" desc)", "CREATE INDEX `i5` ON `t` (`id` DESC)"),
            ("CREATE INDEX 'i6' ON 't' ('id')", "CREATE INDEX `i6` ON `t` (`id`)"),
            (
                "CREATE INDEX `i7` ON `t` (`id` COLLATE NOCASE ASC)",
                "CREATE INDEX `i7` ON `t` (`id` COLLATE NOCASE ASC)",
            ),
            ("CREATE INDEX main.i8 ON t (id)", "CREATE INDEX `main`.`i8` ON `t` (`id`)"),
            ("CREATE INDEX i9 ON t (id,)", "CREATE INDEX `i9` ON `t` (`id`)"),
            (
                "CREATE INDEX i10 ON t (id) where id in (1,2)",
                "CREATE INDEX `i10` ON `t` (`id`) WHERE id in (1,2)",
            ),
            (
                "CREATE INDEX i11 ON t (lower(id), id)",
                "CREATE INDEX `i11` ON `t` (\n  lower(id),\n  `id`\n)",
            ),
            ("CREATE INDEX i12\nON t\n(\n id\n)\n", "CREATE INDEX `i12` ON `t` (`id`)"),
            ("CREATE INDEX i13 ON t(id)", "CREATE INDEX `i13` ON `t` (`id`)"),
            (
                "CREATE  UNIQUE  INDEX  IF NOT EXISTS `i14` ON t (id) WHERE (id > 1)",
                "CREATE UNIQUE INDEX IF NOT EXISTS `i14` ON `t` (`id`) WHERE (id > 1)",
            ),
            ("CREATE INDEX i-16 ON t (id)", "CREATE INDEX `i-16` ON `t` (`id`)"),
            ("-- x\nCREATE INDEX i24 ON t (id)", "CREATE INDEX `i24` ON `t` (`id`)"),
        ] {
            let index = Index::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(index.print(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_definition_is_refused() {
        for text in [
            "",
            "nope",
            "CREATE INDEX i ON t",
            "CREATE INDEX i ON t ()",
            "CREATE INDEX ON t (id)",
            "CREATE INDEX i ON t (id);",
            "CREATE INDEX i ON t (id) garbage",
            "CREATE INDEX `i 17` ON t (id)",
            "CREATE INDEX i ON t (id); DROP TABLE b",
            "CREATE INDEX i ON t (id) WHERE id > 1; DROP TABLE b",
            "CREATE INDEX i ON t (id) WHERE id > 1) x",
            "CREATE INDEX i ON t (lower(id)",
        ] {
            assert_eq!(Index::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_quoted_semicolon_ends_nothing() {
        assert!(Index::parse("CREATE INDEX i ON t (id) WHERE a = ';'").is_some());
    }

    #[test]
    fn only_a_unique_index_on_one_column_tells_its_column() {
        let column = |text: &str| Index::parse(text).unwrap().unique_column().map(str::to_owned);
        assert_eq!(column("CREATE UNIQUE INDEX i ON t (`a` COLLATE NOCASE)").as_deref(), Some("a"));
        assert_eq!(column("CREATE UNIQUE INDEX i ON t (a, b)"), None);
        assert_eq!(column("CREATE INDEX i ON t (a)"), None);
    }
}
