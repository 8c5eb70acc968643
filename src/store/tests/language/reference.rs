//! What the reference answered to the same questions (version 0.40.6).

use super::*;
use crate::query::check_rule;

pub(super) const CASES: &str = include_str!("../../../../tests/filter/rows/cases.json");

#[test]
fn lists_are_those_of_the_reference() {
    let stage = Stage::new();
    let cases: Vec<Map<String, Json>> = serde_json::from_str(CASES).unwrap();
    assert!(cases.len() > 1000);
    let mut wrong = Vec::new();
    for case in &cases {
        let text = |key: &str| case.get(key).and_then(Json::as_str).unwrap_or_default();
        let ask = Ask {
            collection: text("collection"),
            caller: text("caller"),
            rule: case.get("rule").and_then(Json::as_str),
            filter: text("filter"),
            sort: text("sort"),
        };
        if case.get("status").is_some_and(|status| status == "rule") {
            let schema = stage.schema(ask.collection, None);
            let collection = schema.find(ask.collection).unwrap();
            if check_rule(&schema, collection, ask.rule.unwrap()).is_ok() {
                wrong.push(format!("{case:?}\n    was accepted"));
            }
            continue;
        }
        let found = stage.list(&ask);
        // Where the reference tells of what is hidden, the answer we want stands beside its own.
        let expected = match (case.get("wanted").or_else(|| case.get("ids")), case.get("status")) {
            (Some(Json::Array(ids)), _) => {
                Ok(ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect::<Vec<_>>())
            }
            (_, status) => Err(u16::try_from(status.and_then(Json::as_u64).unwrap()).unwrap()),
        };
        let same = match (&found, &expected) {
            (Ok((_, found)), Ok(expected)) if ask.sort.is_empty() => {
                let sorted = |ids: &[String]| {
                    let mut ids = ids.to_vec();
                    ids.sort();
                    ids
                };
                sorted(found) == sorted(expected)
            }
            (Ok((_, found)), Ok(expected)) => found == expected,
            (Err(found), Err(expected)) => found == expected,
            _ => false,
        };
        if !same {
            let shown = match found {
                Ok((statement, ids)) => {
                    format!("{ids:?}\n    {}\n    {:?}", statement.text, statement.params)
                }
                Err(status) => format!("{status} {:?}", stage.statement(&ask).err()),
            };
            wrong.push(format!("{}\n    found {shown}", Json::Object(case.clone())));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
