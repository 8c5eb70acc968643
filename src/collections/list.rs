//! The list of collections: their own table is read as if it were a collection, so that filter
//! and sort mean what they mean everywhere (contract §1.13).

use std::sync::{Arc, LazyLock};

use crate::collections::catalog::{Collections, TABLE};
use crate::error::Result;
use crate::query::{self, Page, ReadPlan, RequestContext};
use crate::schema::fields::{Bool, Date, Text};
use crate::schema::{Collection, CollectionKind, Field, FieldType, Rules, Schema, field_list};
use crate::sql::ValueRef;
use crate::store::{Cost, Tx};

/// What a client asks of the list.
#[derive(Debug, Clone, Default)]
pub struct ListQuery {
    /// Which page, how long, and whether to count.
    pub page: Page,
    /// The filter as it was sent.
    pub filter: String,
    /// The sort as it was sent.
    pub sort: String,
}

/// `_collections` with the columns that may be filtered and sorted by. What it leaves out, such
/// as rules and options, can be named by no one.
static PSEUDO: LazyLock<Arc<Collection>> = LazyLock::new(|| {
    let text = |name: &str| field_list::named(name, FieldType::Text(Text::default()));
    let date = |name: &str| field_list::named(name, FieldType::Date(Date::default()));
    let system: Field = field_list::named("system", FieldType::Bool(Bool::default()));
    let fields =
        vec![text("id"), text("name"), text("type"), system, date("created"), date("updated")];
    Arc::new(Collection {
        id: TABLE.to_owned(),
        name: TABLE.to_owned(),
        system: true,
        kind: CollectionKind::Base,
        rules: Rules::default(),
        keeps_changes: false,
        fields,
        indexes: Vec::new(),
        created: String::new(),
        updated: String::new(),
    })
});

/// A read of `_collections` in the given order, by default that of creation.
pub(super) fn plan(columns: Vec<String>, sort: &str) -> Result<ReadPlan> {
    // The columns of this table are open to everybody who may ask for it at all.
    let now = crate::clock::DateTime::from_unix_ms(0);
    let cx = RequestContext {
        columns_only: true,
        ..RequestContext::new(query::Caller::Guest, "GET", now)
    };
    let sort = if sort.is_empty() { "@rowid" } else { sort };
    let sort = query::client_sort(&Schema::default(), &PSEUDO, sort, &cx)?;
    Ok(ReadPlan { sort, ..ReadPlan::new(PSEUDO.clone(), columns) })
}

impl Collections {
    /// The JSON of a page of collections: `{"items":[…],"page":…,…}`.
    ///
    /// # Errors
    /// 400 for a filter or sort that means nothing.
    pub async fn list(&self, input: ListQuery, cx: &RequestContext) -> Result<Vec<u8>> {
        let schema = self.schema.load();
        let mut plan = plan(vec!["id".to_owned()], &input.sort)?;
        if !input.filter.is_empty() {
            let cx = RequestContext { columns_only: true, ..cx.clone() };
            plan.predicates.push(query::client_filter(
                &Schema::default(),
                &PSEUDO,
                &input.filter,
                &cx,
            )?);
        }
        plan.limit = Some(input.page.per_page);
        plan.offset = input.page.offset();
        let page = input.page;
        self.store
            .read(Cost::Bounded, move |tx| {
                let ids = ids(tx, &plan)?;
                let total = if page.skip_total { None } else { Some(count(tx, &plan)?) };
                let found: Vec<&Arc<Collection>> =
                    ids.iter().filter_map(|id| schema.find_by_id(id)).collect();
                Ok(write(&found, page, total))
            })
            .await
    }
}

fn ids(tx: &Tx<'_>, plan: &ReadPlan) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    tx.query(&query::select(plan, tx.dialect()), |row| {
        ids.push(row.get(0).text().to_owned());
        Ok(())
    })?;
    Ok(ids)
}

fn count(tx: &Tx<'_>, plan: &ReadPlan) -> Result<u64> {
    let count = tx.query_one(&query::count(plan, tx.dialect()), |row| {
        Ok(match row.get(0) {
            ValueRef::Int(count) => u64::try_from(count).unwrap_or(0),
            _ => 0,
        })
    })?;
    Ok(count.unwrap_or(0))
}

fn write(collections: &[&Arc<Collection>], page: Page, total: Option<u64>) -> Vec<u8> {
    let mut body = b"{\"items\":[".to_vec();
    for (i, collection) in collections.iter().enumerate() {
        if i > 0 {
            body.push(b',');
        }
        collection.write_json(&mut body);
    }
    let (items, pages) = match total {
        Some(total) => (total.to_string(), page.pages_of(total).to_string()),
        None => ("-1".to_owned(), "-1".to_owned()),
    };
    let tail = format!(
        "],\"page\":{},\"perPage\":{},\"totalItems\":{items},\"totalPages\":{pages}}}",
        page.page, page.per_page
    );
    body.extend_from_slice(tail.as_bytes());
    body
}
