//! Rows of an import: each is made or changed as any record is, by a superuser, many in one
//! transaction.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::crypto::{self, KEY_ALPHABET, Secret};
use crate::error::Result;
use crate::query::RequestContext;
use crate::records::auth_form;
use crate::records::create::Draft;
use crate::records::parts::Records;
use crate::records::rehearsed::Rehearsed;
use crate::records::uploads::Uploads;
use crate::schema::{Collection, Schema};
use crate::sql::{Value, find};
use crate::store::Tx;

/// Characters of a password that nobody knows.
const UNKNOWN_LENGTH: usize = 40;
const PASSWORD: &str = "password";
const CONFIRM: &str = "passwordConfirm";
const FAILED: &str = "Failed to create record.";

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// There is a new record.
    Created,
    /// A record that was there has these values now.
    Updated,
}

/// A password that nobody knows, for accounts that are made without one.
pub struct Unknown {
    plain: Secret,
    hash: String,
}

/// A row, ready for the writer.
pub struct BulkRow {
    draft: Draft,
    /// What the row says of a record that is there, and by what that is found.
    change: Option<Upsert>,
}

struct Upsert {
    values: Map<String, Json>,
    column: String,
    key: String,
    hashes: Vec<(usize, String)>,
}

/// Where rows go.
#[derive(Clone)]
pub struct Target {
    /// The schema they are checked against.
    pub schema: Arc<Schema>,
    /// Whose records they become.
    pub collection: Arc<Collection>,
    /// The superuser who imports.
    pub cx: RequestContext,
    /// The field by which a record is found that is there already.
    pub key: Option<String>,
}

impl Records {
    /// Draws a password that nobody knows, and hashes it once for all rows that need one.
    ///
    /// # Errors
    /// 503 when too many passwords are being hashed.
    pub async fn unknown_password(&self) -> Result<Unknown> {
        let plain = Secret::new(crypto::random_text(UNKNOWN_LENGTH, KEY_ALPHABET));
        Ok(Unknown { hash: self.passwords.hash(plain.clone()).await?, plain })
    }

    /// What a row asks for, with its passwords hashed. `moments` are the values of fields that the
    /// server sets otherwise.
    ///
    /// # Errors
    /// What no row is looked at for.
    pub async fn bulk_row(
        &self,
        target: &Target,
        mut values: Map<String, Json>,
        moments: Vec<(usize, Value)>,
        unknown: Option<&Unknown>,
    ) -> Result<BulkRow> {
        let Target { schema, collection, cx, key } = target;
        let cx = RequestContext { now: self.changes.now(), ..cx.clone() };
        let sent = auth_form::sent_passwords(collection, &values);
        let hashes = self.hash_all(&sent).await?;
        let key = key.as_ref().and_then(|column| {
            let key = crate::schema::cast::text(values.get(column)?);
            (!key.is_empty()).then(|| (column.clone(), key))
        });
        if collection.auth().is_some() && !sent.is_empty() && !values.contains_key(CONFIRM) {
            let password = values.get(PASSWORD).cloned().unwrap_or_default();
            values.insert(CONFIRM.to_owned(), password);
        }
        let change = key.map(|(column, key)| {
            let (values, hashes) = (values.clone(), hashes.clone());
            Upsert { values, column, key, hashes }
        });
        let mut hashes = hashes;
        if let Some(unknown) = unknown.filter(|_| sent.is_empty() && collection.auth().is_some()) {
            for name in [PASSWORD, CONFIRM] {
                values.insert(name.to_owned(), Json::from(unknown.plain.reveal()));
            }
            let at = collection.fields.iter().position(|field| field.name == PASSWORD);
            hashes = at.map(|at| (at, unknown.hash.clone())).into_iter().collect();
        }
        let (schema, collection) = (Arc::clone(schema), Arc::clone(collection));
        let draft = self.draft(schema, collection, (values, Uploads::default()), cx)?;
        Ok(BulkRow { draft: draft.with_hashes(hashes).keeping(moments), change })
    }

    /// Writes one row of a transaction, or leaves no trace of it. `seen` remembers the rows of a
    /// dry run.
    ///
    /// # Errors
    /// 400 with the fields at fault; what ends the whole transaction.
    pub fn write_bulk(
        &self,
        tx: &Tx<'_>,
        target: &Target,
        row: BulkRow,
        seen: Option<&mut Rehearsed>,
    ) -> Result<Written> {
        tx.savepoint(|tx| {
            let BulkRow { draft, change } = row;
            let collection = &target.collection;
            if let Some(Upsert { values, column, key, hashes }) = change {
                let table = &collection.name;
                let find =
                    find::select_by_value(tx.dialect(), table, &["id"], &column, &key, false);
                if let Some(id) = tx.query_one(&find, |row| Ok(row.get(0).text().to_owned()))? {
                    let cx = RequestContext { method: "PATCH", ..target.cx.clone() };
                    let sent = (values, Uploads::default());
                    let (schema, collection) = (Arc::clone(&target.schema), Arc::clone(collection));
                    let change = self.change(schema, collection, id, sent, cx)?;
                    return change.with_hashes(hashes).written(tx).map(|_| Written::Updated);
                }
                if seen.as_ref().is_some_and(|seen| seen.has(&column, &key)) {
                    return Ok(Written::Updated);
                }
            }
            let draft = draft.written(tx)?;
            if let Some(seen) = seen {
                seen.add(collection, draft.values()).into_result(FAILED)?;
            }
            Ok(Written::Created)
        })
    }
}
