//! What is judged without the store comes out as in the store.

use std::collections::HashSet;

use super::*;
use crate::query::Predicate;
use crate::store::tests::language::reference::CASES;

/// The rows of a collection, by the name of the column.
fn rows(stage: &Stage, collection: &Arc<Collection>) -> Vec<Vec<Value>> {
    let columns: Vec<String> = collection.fields.iter().map(|field| field.name.clone()).collect();
    let statement = select(&ReadPlan::new(Arc::clone(collection), columns), stage.store.dialect());
    let width = collection.fields.len();
    let read = move |tx: &Tx<'_>| {
        let mut rows = Vec::new();
        tx.query(&statement, |row| {
            rows.push((0..width).map(|i| row.get(i).to_value()).collect());
            Ok(())
        })?;
        Ok(rows)
    };
    stage.store.read_blocking(Cost::Unbounded, read).unwrap()
}

/// What stands in for the rows of a table is found as the table's own rows are.
fn found_as_image(
    stage: &Stage,
    collection: &Arc<Collection>,
    row: &[Value],
    p: &Predicate,
) -> bool {
    let mut plan = ReadPlan::new(Arc::clone(collection), vec!["id".to_owned()]);
    plan.source = crate::query::Source::Image(Arc::new(row.to_vec()));
    plan.predicates = vec![p.clone()];
    !stage.ids(&select(&plan, stage.store.dialect())).unwrap().is_empty()
}

#[test]
fn every_recorded_filter_is_judged_as_the_store_answers_it() {
    let stage = Stage::new();
    let cases: Vec<Map<String, Json>> = serde_json::from_str(CASES).unwrap();
    let (mut judged, mut wrong) = (0, Vec::new());
    for case in &cases {
        let text = |key: &str| case.get(key).and_then(Json::as_str).unwrap_or_default();
        let (name, filter) = (text("collection"), text("filter"));
        // Not the same twice, or about the place in the table, which an image has not.
        if filter.is_empty() || filter.contains("@rowid") {
            continue;
        }
        let ask =
            Ask { collection: name, caller: text("caller"), rule: Some(""), filter, sort: "" };
        let schema = stage.schema(name, Some(""));
        let collection = schema.find(name).unwrap();
        let cx = stage.context(&ask);
        let Ok(predicate) = client_filter(&schema, collection, filter, &cx) else { continue };
        let Ok((_, ids)) = stage.list(&ask) else { continue };
        let ids: HashSet<String> = ids.into_iter().collect();
        let id = collection.fields.iter().position(|field| field.name == "id").unwrap();
        for row in rows(&stage, collection) {
            let columns = |name: &str| {
                let at = collection.fields.iter().position(|field| field.name == name)?;
                row.get(at)
            };
            let expected = ids.contains(row[id].text());
            match predicate.judge(&columns) {
                Some(verdict) if verdict == expected => judged += 1,
                Some(verdict) => wrong.push(format!("{filter}: judged {verdict} for {row:?}")),
                None => {}
            }
            // Rows of the same table, seen from the image, are as they are.
            if found_as_image(&stage, collection, &row, &predicate) != expected {
                wrong.push(format!("{filter}: as an image {} for {row:?}", !expected));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(judged > 500, "only {judged} were judged at all");
}
