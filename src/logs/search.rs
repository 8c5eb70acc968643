//! Looking at the log: lists, single entries, counts per hour, and deleting it all. Entries are
//! filtered and sorted in the language of records, over a collection that exists only here.

use std::sync::Arc;

use serde_json::json;

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::json;
use crate::logs::ActivityLog;
use crate::query::{self, AuthRecord, Caller, Page, Predicate, ReadPlan, RequestContext};
use crate::schema::{Collection, Draft, Schema};
use crate::sql::{Row, Statement, ValueRef};
use crate::store::Tx;

/// The columns of an entry, in the order of the wire.
const COLUMNS: [&str; 5] = ["id", "created", "data", "message", "level"];

/// What is asked of a list of entries.
#[derive(Debug, Clone, Default)]
pub struct LogQuery {
    /// Which page, how long, and whether to count.
    pub page: Page,
    /// The filter as it was sent.
    pub filter: String,
    /// The sort as it was sent.
    pub sort: String,
}

/// The log as the language of filters sees it.
pub(super) struct Shape {
    pub schema: Schema,
    pub collection: Arc<Collection>,
    pub cx: RequestContext,
}

impl Shape {
    pub fn new(clock: &Clock) -> Result<Self> {
        let body = json!({
            "id": "_logs", "name": "_logs", "fields": [
                {"name": "id", "type": "text"},
                {"name": "level", "type": "number"},
                {"name": "message", "type": "text"},
                {"name": "data", "type": "json"},
                {"name": "created", "type": "date"},
            ],
        });
        let body = body.as_object().cloned().unwrap_or_default();
        let draft = Draft::create(&body).map_err(Error::internal)?;
        let collection = Arc::new(draft.collection);
        let schema = Schema::new(0, vec![Arc::clone(&collection)]);
        // Whoever may see the log may filter by all of it; of the caller nothing else is known.
        let caller = Caller::Superuser(Arc::new(AuthRecord::default()));
        let cx = RequestContext {
            columns_only: true,
            ..RequestContext::new(caller, "GET", clock.now())
        };
        Ok(Self { schema, collection, cx })
    }

    pub fn filter(&self, text: &str) -> Result<Vec<Predicate>> {
        if text.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![query::client_filter(&self.schema, &self.collection, text, &self.cx)?])
    }

    pub fn plan(&self, columns: &[&str]) -> ReadPlan {
        let columns = columns.iter().map(|column| (*column).to_owned()).collect();
        ReadPlan::new(Arc::clone(&self.collection), columns)
    }
}

impl ActivityLog {
    /// The JSON of a page of entries: `{"items":[…],"page":…,…}`.
    ///
    /// # Errors
    /// 400 for a filter or sort that means nothing.
    pub async fn list(&self, input: LogQuery) -> Result<Vec<u8>> {
        let shape = Shape::new(self.clock())?;
        let page = input.page;
        let plan = ReadPlan {
            predicates: shape.filter(&input.filter)?,
            sort: query::client_sort(&shape.schema, &shape.collection, &input.sort, &shape.cx)?,
            limit: Some(page.per_page),
            offset: page.offset(),
            ..shape.plan(&COLUMNS)
        };
        let read = move |tx: &Tx<'_>| {
            let mut body = b"{\"items\":[".to_vec();
            tx.query(&query::select(&plan, tx.dialect()), |row| {
                if body.last() == Some(&b'}') {
                    body.push(b',');
                }
                write_entry(&mut body, row);
                Ok(())
            })?;
            let total = match page.skip_total {
                true => None,
                false => tx.query_one(&query::count(&plan, tx.dialect()), |row| Ok(int(row, 0)))?,
            };
            write_tail(&mut body, page, total);
            Ok(body)
        };
        self.read(read).await
    }

    /// The JSON of one entry.
    ///
    /// # Errors
    /// 404 when there is none of this id.
    pub async fn view(&self, id: &str) -> Result<Vec<u8>> {
        let shape = Shape::new(self.clock())?;
        let plan = ReadPlan { predicates: vec![Predicate::by_id(id)], ..shape.plan(&COLUMNS) };
        let read = move |tx: &Tx<'_>| {
            let found = tx.query_one(&query::select(&plan, tx.dialect()), |row| {
                let mut body = Vec::new();
                write_entry(&mut body, row);
                Ok(body)
            });
            found?.ok_or_else(Error::not_found)
        };
        self.read(read).await
    }

    /// The JSON of the number of entries in each hour that has any: `[{"date":…,"total":…}]`.
    ///
    /// # Errors
    /// 400 for a filter that means nothing.
    pub async fn stats(&self, filter: &str) -> Result<Vec<u8>> {
        let shape = Shape::new(self.clock())?;
        let predicates = shape
            .filter(filter)
            .map_err(|e| Error::bad_request("Invalid filter format.").with_source(e))?;
        let plan = ReadPlan { predicates, ..shape.plan(&["created"]) };
        let read = move |tx: &Tx<'_>| {
            let found = query::select(&plan, tx.dialect());
            // The first 13 characters of a moment are its date and hour.
            let text = format!(
                "WITH found (created) AS ({}) SELECT substr(created, 1, 13), count(*) FROM found \
                 GROUP BY substr(created, 1, 13) ORDER BY 1",
                found.text
            );
            let mut hours = Vec::new();
            tx.query(&Statement::new(text, found.params), |row| {
                let date = format!("{}:00:00.000Z", row.get(0).text());
                hours.push(json!({"date": date, "total": int(row, 1)}));
                Ok(())
            })?;
            Ok(json::to_string(&hours.into()).into_bytes())
        };
        self.read(read).await
    }

    /// Deletes every entry, those that wait to be written too.
    ///
    /// # Errors
    /// The store fails.
    pub async fn clear(&self) -> Result<()> {
        self.flush().await;
        let delete = Statement::new("DELETE FROM _logs", Vec::new());
        self.store()?.write(move |tx| Ok(tx.execute(&delete).map(drop)?)).await?;
        self.compact().await;
        Ok(())
    }
}

/// `{"id":…,"created":…,"data":{…},"message":…,"level":…}`.
fn write_entry(body: &mut Vec<u8>, row: &dyn Row) {
    let data = row.get(2).text();
    // Written by whoever had the folder before us: what is no JSON is shown as nothing.
    let is_json = serde_json::from_str::<&serde_json::value::RawValue>(data).is_ok();
    body.extend_from_slice(b"{\"id\":");
    json::write_str(body, row.get(0).text());
    body.extend_from_slice(b",\"created\":");
    json::write_str(body, row.get(1).text());
    body.extend_from_slice(b",\"data\":");
    body.extend_from_slice(if is_json { data.as_bytes() } else { b"{}" });
    body.extend_from_slice(b",\"message\":");
    json::write_str(body, row.get(3).text());
    body.extend_from_slice(b",\"level\":");
    json::write_int(body, int(row, 4));
    body.push(b'}');
}

fn write_tail(body: &mut Vec<u8>, page: Page, total: Option<i64>) {
    let total_pages = total.map_or(-1, |total| {
        let pages = page.pages_of(u64::try_from(total).unwrap_or(0));
        i64::try_from(pages).unwrap_or(i64::MAX)
    });
    let tail = format!(
        "],\"page\":{},\"perPage\":{},\"totalItems\":{},\"totalPages\":{total_pages}}}",
        page.page,
        page.per_page,
        total.unwrap_or(-1),
    );
    body.extend_from_slice(tail.as_bytes());
}

pub(super) fn int(row: &dyn Row, index: usize) -> i64 {
    match row.get(index) {
        ValueRef::Int(int) => int,
        _ => 0,
    }
}
