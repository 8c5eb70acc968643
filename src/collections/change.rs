//! A change of the schema inside its transaction: every collection that is saved sees those saved
//! before it, and all of them are published together.

use std::borrow::Cow;
use std::sync::Arc;

use crate::changes;
use crate::clock::DateTime;
use crate::codes::Code;
use crate::collections::catalog::{CHANGE_LIMIT, Collections, TABLE};
use crate::collections::table_sync;
use crate::crypto::Secret;
use crate::error::{Error, FieldErrors, Issue, Kind, Result};
use crate::query;
use crate::schema::{Collection, Draft, FieldType, Schema, normalize, system, validate};
use crate::settings::SettingsCache;
use crate::sql::{Value, write};
use crate::store::{StoreError, Tx};

/// What is being changed.
pub(super) struct SchemaChange<'a, 'tx> {
    pub tx: &'a Tx<'tx>,
    /// The schema with the changes made so far.
    pub schema: Schema,
    settings: SettingsCache,
    /// Ids of the collections whose rows do not name all their files any more.
    pub unswept: Vec<String>,
    now: DateTime,
}

impl Collections {
    /// Runs `work` in a transaction of its own and publishes what it leaves.
    pub(super) async fn change<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut SchemaChange<'_, '_>) -> Result<T> + Send + 'static,
    {
        let collections = self.clone();
        self.store
            .write_exclusive(CHANGE_LIMIT, move |tx| {
                let before = collections.schema.load();
                let schema = Schema::new(before.version() + 1, before.collections().to_vec());
                let now = collections.clock.now();
                let (settings, unswept) = (collections.settings.clone(), Vec::new());
                let mut change = SchemaChange { tx, schema, settings, unswept, now };
                let done = work(&mut change)?;
                let (after, unswept) = (change.schema.collections().to_vec(), change.unswept);
                tx.on_commit(move || {
                    collections.schema.publish(after);
                    collections.store.schema_changed();
                    unswept.iter().for_each(|id| collections.files.sweep(id));
                });
                Ok(done)
            })
            .await
    }
}

impl SchemaChange<'_, '_> {
    /// Completes, checks and saves a new collection, or the new form of `old`.
    pub fn save(&mut self, draft: Draft, old: Option<&Collection>) -> Result<Arc<Collection>> {
        let mut draft = self.complete(draft, old);
        let issue = self.infer(&mut draft.collection)?;
        let failed = if old.is_some() { UPDATE_FAILED } else { CREATE_FAILED };
        let proposed = self.schema.with(Arc::new(draft.collection.clone()));
        let mut errors = validated(&draft, old, &self.schema, &proposed);
        if let Some(issue) = issue {
            errors.add("viewQuery", issue);
        }
        if old.is_none() && self.schema.find_by_id(&draft.collection.id).is_some() {
            let message = "The model id is invalid or already exists.";
            errors.add("id", Issue::with_message(Code::InvalidOrExistingId, message));
        }
        errors.into_result(failed)?;
        let collection = settled(draft.collection);
        self.write(&collection, old).map_err(|error| with_raw_text(failed, error))?;
        self.schema = proposed.with(Arc::clone(&collection));
        if let Some(old) = old {
            self.refresh_views(&collection, &old.name)?;
        }
        Ok(collection)
    }

    /// A draft with everything it gets without asking.
    pub fn complete(&self, mut draft: Draft, old: Option<&Collection>) -> Draft {
        normalize::normalize(&mut draft.collection, old, &self.schema);
        let now = self.now.to_string();
        if old.is_none() {
            draft.collection.created.clone_from(&now);
        }
        draft.collection.updated = now;
        draft
    }

    /// The row of `_collections` and the table or view.
    pub fn write(&mut self, collection: &Arc<Collection>, old: Option<&Collection>) -> Result<()> {
        let dialect = self.tx.dialect();
        let row = collection.to_row();
        match old {
            None => {
                self.tx.execute(&write::insert(dialect, TABLE, &row))?;
                table_sync::create(self.tx, collection, &self.schema)?;
                if collection.is_view() { self.require_readable(collection) } else { Ok(()) }
            }
            Some(old) => {
                if names_fewer_files(old, collection) {
                    self.unswept.push(old.id.clone());
                }
                self.tx.execute(&write::update(dialect, TABLE, &old.id, &row))?;
                if collection.keeps_changes && !old.keeps_changes {
                    changes::begin_anew(self.tx, collection, self.now)?;
                }
                if sign_in_secret(old) != sign_in_secret(collection) {
                    self.forget_sessions(&old.id)?;
                }
                table_sync::update(self.tx, old, collection, &self.schema)?;
                if old.name != collection.name {
                    self.follow_rename(&old.name, &collection.name)?;
                }
                if collection.is_view() { self.require_readable(collection) } else { Ok(()) }
            }
        }
    }

    /// Sessions whose tokens are worthless from now on.
    pub(super) fn forget_sessions(&self, collection_id: &str) -> Result<()> {
        let key = [("collection", Value::from(collection_id))];
        self.tx.execute(&write::delete_where(self.tx.dialect(), system::SESSIONS, &key))?;
        Ok(())
    }

    /// Limits on a collection's routes are named after it.
    fn follow_rename(&self, old: &str, new: &str) -> Result<()> {
        self.settings.edit(self.tx, |settings| {
            let mut settings = settings.clone();
            settings.rename_collection(old, new);
            Ok(settings)
        })?;
        Ok(())
    }
}

/// Half of the key of its sign-in tokens.
fn sign_in_secret(collection: &Collection) -> Option<&Secret> {
    collection.auth().map(|options| &options.auth_token.secret)
}

/// A checked collection as it is kept.
pub(super) fn settled(mut collection: Collection) -> Arc<Collection> {
    normalize::settle(&mut collection);
    Arc::new(collection)
}

/// True when a file field went, or holds one file now where it held several.
fn names_fewer_files(old: &Collection, new: &Collection) -> bool {
    old.fields.iter().filter(|field| matches!(field.kind, FieldType::File(_))).any(|field| {
        let now = new.fields.iter().find(|now| now.id == field.id);
        now.is_none_or(|now| field.kind.is_multiple() && !now.kind.is_multiple())
    })
}

/// What a client reads when a new collection is refused.
const CREATE_FAILED: &str = "Failed to create collection.";
/// What a client reads when a change is refused.
const UPDATE_FAILED: &str = "Failed to update collection.";

/// What is wrong with a complete draft among the other collections of `schema`, its rules compiled
/// against the schema it leads to.
pub(super) fn validated(
    draft: &Draft,
    old: Option<&Collection>,
    schema: &Schema,
    proposed: &Schema,
) -> FieldErrors {
    let collection = proposed.find_by_id(&draft.collection.id);
    let check_rule = |rule: &str| match collection {
        Some(collection) => {
            query::check_rule(proposed, collection, rule).map_err(|error| error.to_string())
        }
        None => Ok(()),
    };
    validate::validate(draft, old, schema, &check_rule)
}

/// A table that is no collection's, such as one made by SQL, has the name.
fn is_taken(error: &Error) -> bool {
    const REASONS: [&str; 3] =
        ["SQL logic error: table ", "SQL logic error: view ", "there is already another table"];
    let ends = |text: &str| text.contains("already exists") || text.contains("already another");
    matches!(StoreError::below(error), Some(StoreError::Sql { message })
        if ends(message) && REASONS.iter().any(|reason| message.contains(reason)))
}

/// Adds the engine's own words to a refusal: only superusers come this way, and they need them.
pub(super) fn with_raw_text(message: &str, error: Error) -> Error {
    if error.kind() != Kind::Internal {
        return error;
    }
    if is_taken(&error) {
        let issue = Issue::new(Code::CollectionNameInvalid);
        let data = FieldErrors::one("name", issue);
        return Error::invalid(message.to_owned(), data).with_source(error);
    }
    let text = match StoreError::below(&error) {
        Some(
            StoreError::Sql { message }
            | StoreError::Unique { message, .. }
            | StoreError::Check { message },
        ) => message.clone(),
        _ => return error,
    };
    let message = Cow::Owned(format!("{message} Raw error: \n{text}."));
    Error::bad_request(message).with_source(error)
}
