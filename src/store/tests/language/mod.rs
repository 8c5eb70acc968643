//! The language from outside: filters, rules and sorts run against stored records, and the
//! answers of the reference.

mod judged;
mod reference;
mod safety;
mod statements;
mod submitted;

use std::sync::Arc;

use serde_json::{Map, Value as Json};
use tempfile::TempDir;

use crate::clock::DateTime;
use crate::query::{
    AuthRecord, Caller, QueryError, ReadPlan, RequestContext, Sort, access, client_filter,
    client_sort, select,
};
use crate::schema::{Collection, Draft, FieldType, Schema};
use crate::sql::{Statement, Value, write};
use crate::store::{Cost, Store, StoreOptions, Tx};

/// Collections and records as the reference's API shows them, and when that was.
const DATA: &str = include_str!("../../../../tests/filter/rows/data.json");

/// A store with the records of [`DATA`].
struct Stage {
    store: Store,
    collections: Vec<Arc<Collection>>,
    now: DateTime,
    _dir: TempDir,
}

/// A list as somebody asks for it.
struct Ask<'a> {
    collection: &'a str,
    caller: &'a str,
    /// In place of the collection's own list rule.
    rule: Option<&'a str>,
    filter: &'a str,
    sort: &'a str,
}

impl Stage {
    fn new() -> Self {
        let data: Json = serde_json::from_str(DATA).unwrap();
        let now = DateTime::from_unix_ms(data["now"].as_i64().unwrap());
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
        let described = data["collections"].as_array().unwrap();
        let mut collections: Vec<Arc<Collection>> = described
            .iter()
            .map(|json| Arc::new(Draft::create(json.as_object().unwrap()).unwrap().collection))
            .collect();
        let system = crate::schema::system::collections(now);
        let superusers = system.into_iter().find(|c| c.name == "_superusers").unwrap();
        collections.push(Arc::new(superusers));
        for collection in &collections {
            let collection = collection.clone();
            let records = data["records"][&collection.name].clone();
            store.write_blocking(move |tx| fill(tx, &collection, &records)).unwrap();
        }
        Self { store, collections, now, _dir: dir }
    }

    /// The schema, with another list rule for one collection.
    fn schema(&self, collection: &str, rule: Option<&str>) -> Arc<Schema> {
        let mut collections = self.collections.clone();
        if let Some(rule) = rule {
            let changed = collections.iter_mut().find(|c| c.name == collection).unwrap();
            Arc::make_mut(changed).rules.list = Some(rule.to_owned());
        }
        Arc::new(Schema::new(1, collections))
    }

    fn context(&self, ask: &Ask<'_>) -> RequestContext {
        let data: Json = serde_json::from_str(DATA).unwrap();
        let caller = match ask.caller {
            "guest" => Caller::Guest,
            "superuser" => Caller::Superuser(Arc::new(AuthRecord {
                collection_id: self.collections.last().unwrap().id.clone(),
                collection_name: "_superusers".to_owned(),
                id: "super0000000001".to_owned(),
                email: "a@a.co".to_owned(),
                verified: true,
                ..AuthRecord::default()
            })),
            name => {
                let users = data["records"]["users"].as_array().unwrap();
                let user = users.iter().find(|user| user["name"] == name).unwrap();
                Caller::Record(Arc::new(AuthRecord {
                    collection_id: "_pb_users_auth_".to_owned(),
                    collection_name: "users".to_owned(),
                    id: user["id"].as_str().unwrap().to_owned(),
                    email: user["email"].as_str().unwrap().to_owned(),
                    email_visibility: user["emailVisibility"] == true,
                    verified: user["verified"] == true,
                }))
            }
        };
        let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let mut cx = RequestContext::new(caller, "GET", self.now);
        cx.query = vec![pair(("x", "foo")), pair(("num", "5")), pair(("filter", ask.filter))];
        cx.headers = vec![pair(("x_token", "test")), pair(("user_agent", "pbdiff"))];
        cx
    }

    /// The statement and the ids it finds, or the status of the refusal.
    fn list(&self, ask: &Ask<'_>) -> Result<(Statement, Vec<String>), u16> {
        let statement = self.statement(ask).map_err(|error| match error {
            QueryError::Forbidden(_) => 403_u16,
            QueryError::Invalid { .. } => 400,
        })?;
        let statement = statement.ok_or(403_u16)?;
        let ids = self.ids(&statement).map_err(|_| 400_u16)?;
        Ok((statement, ids))
    }

    fn statement(&self, ask: &Ask<'_>) -> Result<Option<Statement>, QueryError> {
        let schema = self.schema(ask.collection, ask.rule);
        let collection = schema.find(ask.collection).unwrap();
        let cx = self.context(ask);
        let Some(mut predicates) =
            access(&schema, collection, collection.rules.list.as_deref(), &cx)?.predicates()
        else {
            return Ok(None);
        };
        let mut sort = Sort::default();
        if !ask.filter.is_empty() {
            predicates.push(client_filter(&schema, collection, ask.filter, &cx)?);
        }
        if !ask.sort.is_empty() {
            sort = client_sort(&schema, collection, ask.sort, &cx)?;
        }
        let mut plan = ReadPlan::new(collection.clone(), vec!["id".to_owned()]);
        plan.predicates = predicates;
        plan.sort = sort;
        plan.limit = Some(200);
        Ok(Some(select(&plan, self.store.dialect())))
    }

    fn ids(&self, statement: &Statement) -> crate::error::Result<Vec<String>> {
        let statement = statement.clone();
        self.store.read_blocking(Cost::Unbounded, move |tx| {
            let mut ids = Vec::new();
            tx.query(&statement, |row| {
                ids.push(row.get(0).text().to_owned());
                Ok(())
            })?;
            Ok(ids)
        })
    }
}

/// Makes the table of a collection and its rows.
fn fill(tx: &Tx<'_>, collection: &Collection, records: &Json) -> crate::error::Result<()> {
    let dialect = tx.dialect();
    let columns: Vec<String> = collection
        .fields
        .iter()
        .map(|field| {
            let definition = dialect.column_definition(field.kind.column());
            let definition = if field.name == "id" { "TEXT PRIMARY KEY" } else { definition };
            format!("{} {definition}", dialect.quote(&field.name))
        })
        .collect();
    let table = dialect.quote(&collection.name);
    tx.execute_script(&format!("CREATE TABLE {table} ({})", columns.join(", ")))?;
    if collection.name == "_superusers" {
        let row = [("id", "super0000000001".into()), ("created", "2026-01-01".into())];
        tx.execute(&write::insert(dialect, &collection.name, &row))?;
    }
    for record in records.as_array().into_iter().flatten() {
        let row: Vec<(&str, Value)> = collection
            .fields
            .iter()
            .filter_map(|field| {
                let Some(sent) = record.get(&field.name) else {
                    // What the API never shows, but no record of an auth collection is without.
                    let is_secret = matches!(field.name.as_str(), "password" | "tokenKey");
                    return is_secret.then(|| (field.name.as_str(), "secret".into()));
                };
                let value = match &field.kind {
                    FieldType::Autodate(_) => Value::from(sent.as_str().unwrap_or_default()),
                    kind => kind.cast(sent),
                };
                Some((field.name.as_str(), value))
            })
            .collect();
        tx.execute(&write::insert(dialect, &collection.name, &row))?;
    }
    Ok(())
}
