//! The shared grammar fixtures, and a parser that survives anything.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::query::ast::{Compare, Op};
use crate::query::filter::parse_client;

const SYNTAX: [(&str, &str); 7] = [
    ("blanks", include_str!("../../../tests/filter/syntax/blanks.json")),
    ("functions", include_str!("../../../tests/filter/syntax/functions.json")),
    ("groups", include_str!("../../../tests/filter/syntax/groups.json")),
    ("joins", include_str!("../../../tests/filter/syntax/joins.json")),
    ("limits", include_str!("../../../tests/filter/syntax/limits.json")),
    ("operands", include_str!("../../../tests/filter/syntax/operands.json")),
    ("operators", include_str!("../../../tests/filter/syntax/operators.json")),
];

fn sign(op: Op) -> String {
    let sign = match op.compare {
        Compare::Equal => "=",
        Compare::NotEqual => "!=",
        Compare::Greater => ">",
        Compare::GreaterOrEqual => ">=",
        Compare::Less => "<",
        Compare::LessOrEqual => "<=",
        Compare::Like => "~",
        Compare::NotLike => "!~",
    };
    format!("{}{sign}", if op.any { "?" } else { "" })
}

fn operand(operand: &Operand) -> Value {
    match &operand.kind {
        OperandKind::Ident(name) => json!({"ident": name}),
        OperandKind::Number(number) => json!({"number": number}),
        OperandKind::Text(text) => json!({"text": text}),
        OperandKind::Call(name, arguments) => {
            json!({"call": name, "args": arguments.iter().map(self::operand).collect::<Vec<_>>()})
        }
    }
}

fn tree(expr: &Expr) -> Value {
    match expr {
        Expr::Leaf(leaf) => json!({
            "left": operand(&leaf.left), "op": sign(leaf.op), "right": operand(&leaf.right)
        }),
        Expr::Group(join, members) => {
            let key = if *join == Join::And { "and" } else { "or" };
            json!({key: members.iter().map(tree).collect::<Vec<_>>()})
        }
    }
}

fn check(file: &str, cases: &str, parse: impl Fn(&str) -> Result<Expr, QueryError>) {
    let cases: Vec<Value> = serde_json::from_str(cases).unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let found = match parse(case["input"].as_str().unwrap()) {
            Ok(expr) => json!({"tree": tree(&expr)}),
            Err(error) => {
                let span = error.span().unwrap();
                json!({"error": {"from": span.from, "to": span.to}})
            }
        };
        let expected =
            ["tree", "error"].into_iter().find_map(|key| Some(json!({key: case.get(key)?})));
        assert_eq!(Some(found), expected, "{file}: {}", case["name"]);
    }
}

#[test]
fn the_shared_fixtures_hold() {
    for (file, cases) in SYNTAX {
        check(file, cases, parse);
    }
}

#[test]
fn the_limits_of_a_client_hold() {
    let cases = include_str!("../../../tests/filter/syntax/client/length.json");
    check("client/length", cases, parse_client);
}

#[test]
fn a_rule_of_endless_brackets_is_read() {
    let text = format!("{}a=1{}", "(".repeat(200_000), ")".repeat(200_000));
    assert!(parse(&text).is_ok());
    assert!(parse(&"(".repeat(200_000)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_upsets_the_parser(text in "\\PC{0,60}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_tokens_upset_the_parser(
        tokens in proptest::collection::vec(
            prop_oneof![
                Just("a"), Just("@request.x"), Just("1"), Just("-1.5"), Just("'t'"), Just("="),
                Just("?!~"), Just("&&"), Just("||"), Just("("), Just(")"), Just(","), Just("f("),
                Just("//\n"), Just(" "), Just("\\"), Just("é"), Just("\0")
            ],
            0..40,
        ),
    ) {
        if let Err(error) = parse(&tokens.concat()) {
            let span = error.span().unwrap();
            prop_assert!(span.from <= span.to && span.to <= tokens.concat().len());
        }
    }
}
