//! Texts in double quotes. The standard keeps those for names, and so do we; people of PocketBase
//! may have written texts so, which its engine takes for what they are meant to be.

/// The statement with each word in double quotes made a text, unless it names something.
pub fn as_texts(statement: &str, is_name: impl Fn(&str) -> bool) -> String {
    let mut out = String::with_capacity(statement.len());
    let mut rest = statement;
    while let Some(at) = rest.find(['\'', '"', '`', '[', '-', '/']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = span(rest);
        let (part, tail) = rest.split_at(length);
        match part.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
            Some(inner) if length > 1 => {
                let word = inner.replace("\"\"", "\"");
                if is_name(&word) {
                    out.push_str(part);
                } else {
                    out.push('\'');
                    out.push_str(&word.replace('\'', "''"));
                    out.push('\'');
                }
            }
            _ => out.push_str(part),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Bytes of the quoted part or the comment that a text begins with; of anything else one.
fn span(text: &str) -> usize {
    let end_of = |from: usize, end: &str| {
        text[from..].find(end).map_or(text.len(), |at| from + at + end.len())
    };
    match text.as_bytes() {
        [b'-', b'-', ..] => end_of(2, "\n"),
        [b'/', b'*', ..] => end_of(2, "*/"),
        [b'[', ..] => end_of(1, "]"),
        [quote @ (b'\'' | b'"' | b'`'), rest @ ..] => {
            let mut at = 0;
            while at < rest.len() {
                if rest[at] != *quote {
                    at += 1;
                } else if rest.get(at + 1) == Some(quote) {
                    at += 2;
                } else {
                    return at + 2;
                }
            }
            text.len()
        }
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_nothing_becomes_a_text() {
        for (sql, expected) in [
            (r#"s != """#, "s != ''"),
            (r#""s" != "x""#, r#""s" != 'x'"#),
            (r#"s = "it's" AND s != "a""b""#, r#"s = 'it''s' AND s != 'a"b'"#),
            (r#"s = '"x"' AND `"x"` = ["x"]"#, r#"s = '"x"' AND `"x"` = ["x"]"#),
            ("s = 1 -- \"x\"\n AND s = \"x\"", "s = 1 -- \"x\"\n AND s = 'x'"),
            (r#"s /* "x" */ - "x" / 2"#, r#"s /* "x" */ - 'x' / 2"#),
            (r#"s = "é" || '' "#, "s = 'é' || '' "),
            (r#"s = "open"#, r#"s = "open"#),
            ("", ""),
        ] {
            assert_eq!(as_texts(sql, |name| name == "s"), expected, "{sql}");
        }
    }
}
