//! The text of statements: a change of their shape must be meant. `UPDATE_EXPECT=1` writes the
//! files anew.

use super::*;

const FILES: [&str; 3] = ["joins", "sort", "values"];

/// `> posts u1 filter: …` as a question.
fn ask(line: &str) -> Ask<'_> {
    let (head, text) = line.trim_start_matches("> ").split_once(": ").unwrap();
    let [collection, caller, kind] = head.split(' ').collect::<Vec<_>>()[..] else {
        panic!("three words in {head:?}");
    };
    let text_of = |wanted: &str| if kind == wanted { text } else { "" };
    let rule = if kind == "rule" { text } else { "" };
    Ask { collection, caller, rule: Some(rule), filter: text_of("filter"), sort: text_of("sort") }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "an expectation file is written on request")]
fn statements_look_as_expected() {
    let stage = Stage::new();
    let now = stage.now.to_string();
    for file in FILES {
        let path = format!("{}/tests/filter/sql/{file}.txt", env!("CARGO_MANIFEST_DIR"));
        let expected = std::fs::read_to_string(&path).unwrap();
        let mut found = String::new();
        for line in expected.lines().filter(|line| line.starts_with('>')) {
            let statement = stage.statement(&ask(line)).unwrap().unwrap();
            assert!(stage.ids(&statement).is_ok(), "{line}");
            let text = statement.text.replace(" WHERE ", "\nWHERE ").replace(" ORDER ", "\nORDER ");
            let params = format!("{:?}", statement.params).replace(&now, "NOW");
            found.push_str(&format!("{line}\n{text}\n{params}\n\n"));
        }
        assert!(!found.is_empty());
        if std::env::var("UPDATE_EXPECT").is_ok() {
            std::fs::write(&path, &found).unwrap();
        } else {
            assert_eq!(found, expected, "{file}.txt");
        }
    }
}
