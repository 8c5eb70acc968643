//! A look at what a rule would cost: the reason why it is refused, or its statement and plan.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use crate::error::{Error, FieldError, Result};
use crate::query::{self, Access, ReadPlan, RequestContext};
use crate::records::load::plan;
use crate::records::parts::Records;
use crate::schema::{Collection, Schema};
use crate::sql::Statement;
use crate::store::{Cost, StoreError, Tx};

/// What is looked at.
#[derive(Debug, Clone, Default)]
pub struct RuleQuestion {
    /// The rule.
    pub rule: String,
    /// A filter of a client, on top of it.
    pub filter: String,
    /// A sort of a client.
    pub sort: String,
}

impl Records {
    /// The JSON of what the engine would do with a list under this rule, for the caller of `cx`:
    /// `{"valid", "diagnostics", "sql", "plan"}`.
    ///
    /// # Errors
    /// The store fails. A rule that is refused is no error here.
    pub async fn check_rule(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        asked: RuleQuestion,
        cx: RequestContext,
    ) -> Result<Vec<u8>> {
        let planned = match planned(&schema, &collection, &asked, &cx) {
            Ok(planned) => planned,
            Err(diagnostics) => {
                let body = json!({"valid": false, "diagnostics": diagnostics});
                return Ok(crate::json::to_string(&body).into_bytes());
            }
        };
        let explained = self.store.read(Cost::Unbounded, move |tx| explain(tx, &planned)).await;
        let (sql, steps) = match explained {
            Err(error) if matches!(StoreError::below(&error), Some(StoreError::Sql { .. })) => {
                let message = error.to_string();
                let body = json!({"valid": false, "diagnostics": [{"message": message}]});
                return Ok(crate::json::to_string(&body).into_bytes());
            }
            explained => explained?,
        };
        let scans = steps.iter().filter(|step| reads_all(step));
        let diagnostics: Vec<Json> = scans
            .map(
                |step| json!({"severity": "warning", "message": format!("no index helps: {step}")}),
            )
            .collect();
        let body = json!({"valid": true, "diagnostics": diagnostics, "sql": sql, "plan": steps});
        Ok(crate::json::to_string(&body).into_bytes())
    }
}

/// True for a step that looks at every row of a table.
fn reads_all(step: &str) -> bool {
    step.strip_prefix("SCAN ")
        .is_some_and(|rest| !rest.contains("INDEX") && !rest.contains("VIRTUAL"))
}

/// The read of a page under the rule, or what is wrong with it.
fn planned(
    schema: &Schema,
    collection: &Arc<Collection>,
    asked: &RuleQuestion,
    cx: &RequestContext,
) -> std::result::Result<ReadPlan, Vec<Json>> {
    let wrong = |part: &str, text: &str, error: query::QueryError| {
        vec![diagnostic(part, &error.explained(part, text))]
    };
    let mut predicates = Vec::new();
    match query::access(schema, collection, Some(&asked.rule), cx) {
        Ok(Access::Where(rule)) => predicates.push(rule),
        Ok(_) => {}
        Err(error) => return Err(wrong("rule", &asked.rule, error)),
    }
    if !asked.filter.is_empty() {
        let filter = query::client_filter(schema, collection, &asked.filter, cx);
        predicates.push(filter.map_err(|error| wrong("filter", &asked.filter, error))?);
    }
    let sort = query::client_sort(schema, collection, &asked.sort, cx)
        .map_err(|error| wrong("sort", &asked.sort, error))?;
    let columns = collection.fields.iter().map(|field| field.name.clone()).collect();
    Ok(ReadPlan { predicates, sort, limit: Some(30), ..plan(collection, columns) })
}

/// `{"severity", "part", "message", "from", "to"}`, of the issue that `part` has.
fn diagnostic(part: &str, error: &Error) -> Json {
    let mut shown = Map::new();
    shown.insert("severity".into(), "error".into());
    shown.insert("part".into(), part.into());
    match error.data().get(part) {
        Some(FieldError::Issue(issue)) => {
            shown.insert("message".into(), issue.message.as_ref().into());
            shown.extend(issue.params.clone());
        }
        _ => {
            shown.insert("message".into(), error.message().into());
        }
    }
    Json::Object(shown)
}

fn explain(tx: &Tx<'_>, plan: &ReadPlan) -> Result<(String, Vec<String>)> {
    let statement = query::select(plan, tx.dialect());
    let sql = format!("EXPLAIN QUERY PLAN {}", statement.text);
    let mut steps = Vec::new();
    tx.query(&Statement::new(sql, statement.params.clone()), |row| {
        steps.push(row.get(3).text().to_owned());
        Ok(())
    })?;
    Ok((statement.text, steps))
}
