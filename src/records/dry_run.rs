//! A look at what a view would show, before there is one.

use std::sync::Arc;

use crate::codes::Code;
use crate::crypto::{KEY_ALPHABET, random_text};
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::json;
use crate::records::parts::Records;
use crate::records::present::{self, EmailPolicy};
use crate::records::shape::{Audience, Shape};
use crate::schema::validate::check_view_fields;
use crate::schema::view_query::{self, ViewQuery};
use crate::schema::{Collection, cast, names};
use crate::store::{Cost, StoreError, Tx};

/// Rows of a sample.
const SAMPLE: usize = 10;
/// Characters of a query at most.
const MAX_QUERY: usize = 5000;

impl Records {
    /// The JSON of the fields a query would have and of some records it would show.
    ///
    /// # Errors
    /// 400 that says why it cannot be the query of a view.
    pub async fn dry_run_view(&self, query: String) -> Result<Vec<u8>> {
        require_length(&query)?;
        let query = ViewQuery::parse(&query).map_err(|reason| refused(&reason))?;
        let mut view = Collection::scaffold("view");
        view.name = format!("temp_view_{}", random_text(5, KEY_ALPHABET));
        view.id = names::collection_id("view", &view.name);
        view.fields = query.fields(&self.schema());
        check_view_fields(&view, &self.schema()).map_err(|reason| refused(&reason))?;
        // Fields that are copies of hidden ones stay hidden here too.
        let shape = Shape::new(Arc::new(view), Audience::Public);
        self.store.read(Cost::Unbounded, move |tx| sample(tx, &query, &shape)).await
    }
}

fn sample(tx: &Tx<'_>, query: &ViewQuery, shape: &Shape) -> Result<Vec<u8>> {
    let fields = shape.collection.fields.iter();
    let fields = fields.map(|field| serde_json::Value::Object(field.to_json())).collect();
    let mut body = b"{\"fields\":".to_vec();
    json::write(&mut body, &fields);
    body.extend_from_slice(b",\"sample\":[");
    let id = shape.column("id").unwrap_or_default();
    let mut ids = Vec::new();
    let read = tx.query(&query.sample(tx.dialect(), &shape.columns, SAMPLE), |row| {
        if !ids.is_empty() {
            body.push(b',');
        }
        ids.push(cast::text_of(row.get(id)).into_owned());
        present::write_row(&mut body, shape, |column| row.get(column), &EmailPolicy::all());
        Ok(())
    });
    read.map_err(|error| match StoreError::below(&error) {
        Some(StoreError::Sql { message }) => refused(message).with_source(error),
        _ => error,
    })?;
    view_query::check_ids(ids).map_err(|reason| refused(&reason))?;
    body.extend_from_slice(b"]}");
    Ok(body)
}

fn require_length(query: &str) -> Result<()> {
    let issue = if query.is_empty() {
        Issue::new(Code::Required)
    } else if query.chars().count() > MAX_QUERY {
        let message = format!("The length must be no more than {MAX_QUERY}.");
        Issue::with_message(Code::LengthTooLong, message).param("max", MAX_QUERY).param("min", 0)
    } else {
        return Ok(());
    };
    let message = "An error occurred while validating the submitted data.";
    FieldErrors::one("query", issue).into_result(message)
}

fn refused(reason: &str) -> Error {
    Error::bad_request(format!("Invalid view query. Raw error: \n{reason}"))
}
