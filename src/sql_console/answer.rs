//! The JSON of an answer (contract §3.12).

use std::time::Duration;

use crate::json;
use crate::store::script::{ScriptAnswer, ScriptColumn};

/// Columns are always called nullable, as the reference calls them.
pub(super) fn json(answer: &ScriptAnswer, took: Duration) -> Vec<u8> {
    let mut body = b"{\"execTime\":".to_vec();
    let number = |n: u128| i64::try_from(n).unwrap_or(i64::MAX);
    json::write_int(&mut body, number(took.as_millis()));
    body.extend_from_slice(b",\"affectedRows\":");
    json::write_int(&mut body, number(answer.changed.into()));
    body.extend_from_slice(b",\"columns\":");
    list(&mut body, &answer.columns, column);
    body.extend_from_slice(b",\"rows\":");
    list(&mut body, &answer.rows, |body, row| list(body, row, cell));
    body.push(b'}');
    body
}

fn list<T>(body: &mut Vec<u8>, items: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
    body.push(b'[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        write(body, item);
    }
    body.push(b']');
}

fn column(body: &mut Vec<u8>, column: &ScriptColumn) {
    body.extend_from_slice(b"{\"name\":");
    json::write_str(body, &column.name);
    body.extend_from_slice(b",\"type\":");
    json::write_str(body, &column.declared);
    body.extend_from_slice(b",\"nullable\":true}");
}

fn cell(body: &mut Vec<u8>, cell: &Option<String>) {
    match cell {
        Some(text) => json::write_str(body, text),
        None => body.extend_from_slice(b"null"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_written_as_the_contract_has_it() {
        let column = |name: &str, declared: &str| ScriptColumn {
            name: name.to_owned(),
            declared: declared.to_owned(),
        };
        let answer = ScriptAnswer {
            columns: vec![column("id", "TEXT"), column("n + 1", "")],
            rows: vec![vec![Some("a\"b".to_owned()), None]],
            ..ScriptAnswer::default()
        };
        let text = String::from_utf8(json(&answer, Duration::from_millis(7))).unwrap();
        let expected = concat!(
            r#"{"execTime":7,"affectedRows":0,"columns":["#,
            r#"{"name":"id","type":"TEXT","nullable":true},"#,
            r#"{"name":"n + 1","type":"","nullable":true}],"rows":[["a\"b",null]]}"#
        );
        assert_eq!(text, expected);
    }
}
