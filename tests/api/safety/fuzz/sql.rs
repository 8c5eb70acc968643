//! What a statement may be made of: names of the schema, and words and texts of our own.

use std::collections::HashSet;

use greenroom::schema::Schema;

/// Words that the compiler and the dialect write.
const WORDS: &str = "\
    select from where order by desc limit offset as left join on and or not exists \
    true false null is in case when then else end like escape collate count coalesce lower random \
    iif json_valid json_type json_array json_array_length json_each json_extract json_quote \
    octet_length strftime acos max min cos sin radians r one items source list value _rowid_";
/// Numbers and texts that they write.
const LITERALS: [&str; 10] =
    ["0", "1", "6371", "49998", "''", "'%'", "'[]'", "'array'", "'\\'", "'x'"];

/// The words of statements.
pub struct Vocabulary {
    names: HashSet<String>,
    words: HashSet<&'static str>,
}

impl Vocabulary {
    pub fn new(schema: &Schema) -> Self {
        let mut names = HashSet::new();
        for collection in schema.collections() {
            names.insert(format!("\"{}\"", collection.name));
            names.extend(collection.fields.iter().map(|field| format!("\"{}\"", field.name)));
        }
        Self { names, words: WORDS.split_whitespace().collect() }
    }

    /// The first token that is none of ours.
    pub fn strange<'t>(&self, text: &'t str) -> Option<&'t str> {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '"' | '\'' => 2 + rest[1..].find(first).unwrap_or(rest.len()),
                c if c.is_ascii_alphanumeric() || c == '_' => {
                    let belongs = |c: char| c.is_ascii_alphanumeric() || c == '_';
                    rest.find(|c| !belongs(c)).unwrap_or(rest.len())
                }
                '?' => 1 + rest[1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - 1),
                c => c.len_utf8(),
            };
            let Some(token) = rest.get(..length) else { return Some(rest) };
            if !self.knows(first, token) {
                return Some(token);
            }
            rest = &rest[length..];
        }
        None
    }

    fn knows(&self, first: char, token: &str) -> bool {
        let is_alias =
            || token.strip_prefix('j').is_some_and(|number| number.parse::<usize>().is_ok());
        match first {
            '"' => self.names.contains(token),
            '\'' | '0'..='9' => LITERALS.contains(&token),
            '?' => token.len() > 1,
            c if c.is_ascii_alphanumeric() || c == '_' => {
                self.words.contains(token.to_ascii_lowercase().as_str()) || is_alias()
            }
            c => " .,()=<>*+-|".contains(c),
        }
    }
}

#[test]
fn a_strange_word_is_found() {
    let words = Vocabulary::new(&Schema::default());
    assert_eq!(words.strange("SELECT COUNT(*) FROM j1 WHERE r.value = ?12"), None);
    for (text, strange) in [
        ("SELECT zqxj", "zqxj"),
        ("SELECT \"zqxj\"", "\"zqxj\""),
        ("SELECT 'zqxj'", "'zqxj'"),
        ("SELECT 'open", "'open"),
        ("SELECT 7", "7"),
        ("SELECT 1; SELECT 1", ";"),
        ("SELECT 1 -- ü", "ü"),
    ] {
        assert_eq!(words.strange(text), Some(strange), "{text}");
    }
}
