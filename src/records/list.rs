//! Many records: rule, filter, sort and page become two statements over one snapshot.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::query::{self, Access, ExpandNode, Page, QueryError, ReadPlan, RequestContext};
use crate::records::expand;
use crate::records::load::{Record, Scope, manages_some, of_view, plan};
use crate::records::parts::Records;
use crate::records::present::{self, EmailPolicy};
use crate::records::shape::Shape;
use crate::schema::{Collection, RuleSlot, Schema};
use crate::store::{Cost, Tx};

/// The most rows that are worth reading on the worker itself.
const BOUNDED_ROWS: u64 = 100;

/// What a client asks of a list.
#[derive(Debug, Clone, Default)]
pub struct ListQuery {
    /// Which page, how long, and whether to count.
    pub page: Page,
    /// The filter as it was sent.
    pub filter: String,
    /// The sort as it was sent.
    pub sort: String,
    /// The relations to include.
    pub expand: Vec<ExpandNode>,
    /// Whether a refused filter or sort is answered with the reason.
    pub explain: bool,
}

impl ListQuery {
    fn refuse(&self, error: QueryError, parameter: &str, text: &str) -> Error {
        if self.explain { error.explained(parameter, text) } else { error.into() }
    }
}

/// Everything decided about one list.
pub(super) struct ListRead {
    pub(super) records: Records,
    pub(super) schema: Arc<Schema>,
    pub(super) cx: RequestContext,
    pub(super) shape: Arc<Shape>,
    pub(super) plan: ReadPlan,
    page: Page,
    pub(super) expand: Vec<ExpandNode>,
}

impl Records {
    /// The JSON of a page of records: `{"items":[…],"page":…,…}`.
    ///
    /// # Errors
    /// 403 where the list rule is for superusers only, 400 for a filter or sort that means nothing.
    pub async fn list(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        input: ListQuery,
        cx: RequestContext,
    ) -> Result<Vec<u8>> {
        let read = self.plan_list(schema, &collection, input, cx)?;
        let is_short = read.page.per_page <= BOUNDED_ROWS;
        let cost = if is_short && !read.plan.sort.needs_all_rows() {
            expand::cost(&read.expand)
        } else {
            Cost::Unbounded
        };
        let answer = self.store.read(cost, move |tx| read.run(tx)).await;
        answer.map_err(|error| of_view(&collection, error, Error::invalid_request))
    }

    pub(super) fn plan_list(
        &self,
        schema: Arc<Schema>,
        collection: &Arc<Collection>,
        input: ListQuery,
        cx: RequestContext,
    ) -> Result<ListRead> {
        let scope = Scope { schema: &schema, cx: &cx };
        let mut predicates = Vec::new();
        match scope.access(collection, RuleSlot::List)? {
            Access::Deny => return Err(Error::superusers_only()),
            Access::Allow => {}
            Access::Where(rule) => predicates.push(rule),
        }
        if !input.filter.is_empty() {
            let filter = query::client_filter(&schema, collection, &input.filter, &cx);
            predicates.push(filter.map_err(|e| input.refuse(e, "filter", &input.filter))?);
        }
        let sort = query::client_sort(&schema, collection, &input.sort, &cx)
            .map_err(|e| input.refuse(e, "sort", &input.sort))?;
        let shape = self.shape(collection, scope.audience());
        let mut plan = ReadPlan {
            predicates,
            sort,
            limit: Some(input.page.per_page),
            offset: input.page.offset(),
            ..plan(collection, shape.columns.clone())
        };
        if !cx.caller.is_superuser() && plan.may_tell_by_order(&schema) {
            plan.sort = plan.sort.then_by_row(collection);
        }
        Ok(ListRead {
            records: self.clone(),
            schema,
            cx,
            shape,
            plan,
            page: input.page,
            expand: input.expand,
        })
    }
}

impl ListRead {
    fn run(&self, tx: &Tx<'_>) -> Result<Vec<u8>> {
        let mut body = Vec::with_capacity(4096);
        body.extend_from_slice(b"{\"items\":[");
        let collection = &self.shape.collection;
        let count = if self.expand.is_empty() && !manages_some(collection, &self.cx.caller) {
            self.stream(tx, &mut body)?
        } else {
            self.gather(tx, &mut body)?
        };
        let total = self.total(tx, count)?;
        write_tail(&mut body, self.page, total);
        Ok(body)
    }

    /// Straight from columns to bytes.
    fn stream(&self, tx: &Tx<'_>, body: &mut Vec<u8>) -> Result<u64> {
        let emails = EmailPolicy::new(&self.cx.caller, &self.shape.collection.id);
        let mut count = 0;
        tx.query(&query::select(&self.plan, tx.dialect()), |row| {
            if count > 0 {
                body.push(b',');
            }
            count += 1;
            present::write_row(body, &self.shape, |column| row.get(column), &emails);
            Ok(())
        })?;
        Ok(count)
    }

    /// Through records in memory, where something must look at them first.
    fn gather(&self, tx: &Tx<'_>, body: &mut Vec<u8>) -> Result<u64> {
        let scope = Scope { schema: &self.schema, cx: &self.cx };
        let mut records = Vec::new();
        tx.query(&query::select(&self.plan, tx.dialect()), |row| {
            records.push(Record::from_row(&self.shape, row));
            Ok(())
        })?;
        let emails = scope.emails(tx, &self.shape.collection, || {
            records.iter().map(|record| record.id().to_owned()).collect()
        })?;
        self.records.expand(tx, scope, &mut records, &self.expand)?;
        for (i, record) in records.iter().enumerate() {
            if i > 0 {
                body.push(b',');
            }
            present::write_record(body, record, &emails);
        }
        Ok(records.len() as u64)
    }

    /// How many records match, unless nobody asked. A short page already tells.
    fn total(&self, tx: &Tx<'_>, on_page: u64) -> Result<Option<u64>> {
        if self.page.skip_total {
            return Ok(None);
        }
        let offset = self.page.offset();
        if on_page < self.page.per_page && (on_page > 0 || offset == 0) {
            return Ok(Some(offset + on_page));
        }
        let mut total = 0;
        tx.query(&query::count(&self.plan, tx.dialect()), |row| {
            if let crate::sql::ValueRef::Int(int) = row.get(0) {
                total = u64::try_from(int).unwrap_or(0);
            }
            Ok(())
        })?;
        Ok(Some(total))
    }
}

/// What stands behind the items: page, length and counts; -1 where nobody counted.
fn write_tail(body: &mut Vec<u8>, page: Page, total: Option<u64>) {
    use std::io::Write as _;
    let items = total.map_or(-1, |total| i64::try_from(total).unwrap_or(i64::MAX));
    let pages = total.map_or(-1, |total| {
        i64::try_from(total.div_ceil(page.per_page.max(1))).unwrap_or(i64::MAX)
    });
    // Writing to memory cannot fail.
    let _ = write!(
        body,
        "],\"page\":{},\"perPage\":{},\"totalItems\":{items},\"totalPages\":{pages}}}",
        page.page, page.per_page
    );
}
