//! Files that come with a write: named in its values, put in place before it is queued, kept by its
//! commit. What the row does not name in the end is removed.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value as Json};

use crate::codes::Code;
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::files::{FileKey, Files, Upload, s3};
use crate::records::expand::listed;
use crate::schema::fields::File;
use crate::schema::{Collection, Field, FieldType};
use crate::sql::{Value, write};
use crate::store::Tx;

/// Bytes of a file where the field sets no limit.
const DEFAULT_MAX_SIZE: i64 = 5 << 20;

/// What a client sends to be written.
#[derive(Debug, Default)]
pub struct Input {
    /// Field names and values, modifiers and all.
    pub values: Map<String, Json>,
    /// Files, under the names of fields or with a modifier for appending.
    pub uploads: Vec<Upload>,
}

impl From<Map<String, Json>> for Input {
    fn from(values: Map<String, Json>) -> Self {
        Self { values, uploads: Vec::new() }
    }
}

/// The values of a write with the names of its uploads, and the uploads.
pub(crate) type Sent = (Map<String, Json>, Uploads);

/// The uploads of one write; clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Uploads(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    files: Vec<Upload>,
    /// The id of the record to be: the files are in place before its row is there.
    early_id: OnceLock<Option<String>>,
}

impl Uploads {
    /// Puts the names of the uploads into the values, behind the names that are there. Files for
    /// what is no file field are dropped.
    pub fn take(collection: &Collection, input: Input) -> Sent {
        let Input { mut values, uploads } = input;
        let mut taken = Vec::with_capacity(uploads.len());
        for upload in uploads {
            if !is_of_file_field(collection, &upload.key) {
                continue;
            }
            let name = Json::from(upload.name.as_str());
            let value = match values.remove(&upload.key) {
                None | Some(Json::Null) => name,
                Some(Json::Array(mut items)) => {
                    items.push(name);
                    Json::Array(items)
                }
                Some(single) => Json::Array(vec![single, name]),
            };
            values.insert(upload.key.clone(), value);
            taken.push(upload);
        }
        (values, Self(Arc::new(Shared { files: taken, early_id: OnceLock::new() })))
    }

    pub fn is_empty(&self) -> bool {
        self.0.files.is_empty()
    }

    /// The id that `make` makes, the same one for every try of the write.
    pub fn early_id(&self, make: impl FnOnce() -> Option<String>) -> Option<String> {
        self.0.early_id.get_or_init(make).clone()
    }

    fn find(&self, name: &str) -> Option<&Upload> {
        self.0.files.iter().find(|upload| upload.name == name)
    }

    /// Puts the files where those of the record are. Until a commit keeps them they go again with
    /// the last clone of this.
    pub async fn place(&self, collection: &Collection, record: &str) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let (uploads, collection, record) =
            (self.clone(), collection.id.clone(), record.to_owned());
        let work =
            move || uploads.0.files.iter().try_for_each(|file| file.place(&collection, &record));
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?.map_err(s3::told)
    }

    /// Lets the commit keep the uploads that `values` name, and remove the files they do not name
    /// any more.
    pub fn settle(
        &self,
        tx: &Tx<'_>,
        files: &Files,
        collection: &Collection,
        before: Option<&[Value]>,
        values: &[Value],
    ) -> Result<()> {
        let named: HashSet<String> = file_names(collection, values).collect();
        let id = collection.fields.iter().position(|field| field.name == "id");
        let id = id.map_or("", |id| values[id].text());
        let mut kept = self.0.files.iter().filter(|upload| named.contains(&upload.name));
        if !kept.all(|upload| upload.is_placed(&collection.id, id)) {
            return Err(Error::bad_request("The id of the record cannot hold files."));
        }
        let gone: Vec<FileKey> = before
            .into_iter()
            .flat_map(|before| file_names(collection, before))
            .filter(|name| !named.contains(name))
            .filter_map(|name| FileKey::new(&collection.id, id, &name))
            .collect();
        if gone.is_empty() && self.is_empty() {
            return Ok(());
        }
        let (uploads, files) = (self.clone(), files.clone());
        tx.on_commit(move || {
            uploads.0.files.iter().filter(|file| named.contains(&file.name)).for_each(Upload::keep);
            files.remove(gone);
        });
        Ok(())
    }
}

/// The keys of the files that are for no file field of the collection: a write drops them.
pub fn ignored_files(collection: &Collection, uploads: &[Upload]) -> Vec<String> {
    let keys = uploads.iter().map(|upload| &upload.key);
    keys.filter(|key| !is_of_file_field(collection, key)).cloned().collect()
}

/// True for `field`, `field+` and `+field`.
fn is_of_file_field(collection: &Collection, key: &str) -> bool {
    let of = |name: &str| {
        collection.field(name).is_some_and(|field| matches!(field.kind, FieldType::File(_)))
    };
    of(key) || key.strip_suffix('+').is_some_and(of) || key.strip_prefix('+').is_some_and(of)
}

/// The file fields of a collection, with their places.
fn file_fields(collection: &Collection) -> impl Iterator<Item = (usize, &Field, &File)> {
    collection.fields.iter().enumerate().filter_map(|(i, field)| match &field.kind {
        FieldType::File(file) => Some((i, field, file)),
        _ => None,
    })
}

fn file_names(collection: &Collection, values: &[Value]) -> impl Iterator<Item = String> {
    file_fields(collection).flat_map(|(i, _, _)| listed(values[i].text()))
}

/// Names come from uploads only: a body may keep, order or drop names, not bring new ones. What
/// is uploaded must fit its field.
pub(crate) fn check_files(
    collection: &Collection,
    uploads: &Uploads,
    before: Option<&[Value]>,
    values: &[Value],
    errors: &mut FieldErrors,
) {
    for (i, field, file) in file_fields(collection) {
        let stored = before.map(|before| listed(before[i].text())).unwrap_or_default();
        let names = listed(values[i].text());
        let is_known = |name: &String| stored.contains(name) || uploads.find(name).is_some();
        let unknown: Vec<String> = names.iter().filter(|name| !is_known(name)).cloned().collect();
        if !unknown.is_empty() {
            let message = format!("Invalid new files: [{}].", unknown.join(" "));
            let issue = Issue::with_message(Code::InvalidFile, message);
            errors.add(field.name.clone(), issue.param("invalidFiles", unknown));
            continue;
        }
        if let Err(issue) = field.kind.validate(field, &values[i]) {
            errors.add(field.name.clone(), issue);
            continue;
        }
        let fault = names.iter().filter_map(|name| uploads.find(name)).find_map(|u| fault(file, u));
        if let Some(issue) = fault {
            errors.add(field.name.clone(), issue);
        }
    }
}

fn fault(file: &File, upload: &Upload) -> Option<Issue> {
    let max = if file.max_size > 0 { file.max_size } else { DEFAULT_MAX_SIZE };
    if upload.size > max.unsigned_abs() {
        let sent = &upload.sent;
        let message =
            format!("Failed to upload {sent} - the maximum allowed file size is {max} bytes.");
        let issue = Issue::with_message(Code::FileSizeLimit, message);
        return Some(issue.param("file", sent.as_str()).param("maxSize", max));
    }
    let types = &file.mime_types;
    if types.is_empty() || types.iter().any(|wanted| upload.kind.is(wanted)) {
        return None;
    }
    let message = format!("\"{}\" mime type must be one of: {}.", upload.name, types.join(", "));
    Some(Issue::with_message(Code::InvalidMimeType, message))
}

/// The files of a stored record.
pub(crate) fn stored_files(tx: &Tx<'_>, collection: &Collection, id: &str) -> Result<Vec<FileKey>> {
    let columns: Vec<&str> =
        file_fields(collection).map(|(_, field, _)| field.name.as_str()).collect();
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let statement = write::select_by_id(tx.dialect(), &collection.name, &columns, id);
    let names = tx.query_one(&statement, |row| {
        Ok((0..columns.len()).flat_map(|i| listed(row.get(i).text())).collect::<Vec<String>>())
    })?;
    let names = names.unwrap_or_default();
    Ok(names.iter().filter_map(|name| FileKey::new(&collection.id, id, name)).collect())
}
