//! A data folder of PocketBase becomes one of ours: copied beside its place, looked through, and
//! put in place as a whole or not at all. Nothing is written to the source.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;

use crate::crypto::random_id;
use crate::error::{Error, Result};
use crate::query::{self, AuthRecord, Caller, Page, RequestContext};
use crate::records::{ListQuery, Records};
use crate::schema::{Collection, FieldType, RuleSlot, Schema};
use crate::settings::Settings;
use crate::store::{Copied, DatabaseFile, StoreError};

/// Folders below each other in the storage; links may lead in circles.
const MAX_DEPTH: usize = 8;
/// Missing files that are told by name.
const SHOWN: usize = 5;
const STORAGE: &str = "storage";
/// How long the records of one collection may be read for the names of their files.
const LIMIT: Duration = Duration::from_secs(3600);
const RULES: [RuleSlot; 7] = [
    RuleSlot::List,
    RuleSlot::View,
    RuleSlot::Create,
    RuleSlot::Update,
    RuleSlot::Delete,
    RuleSlot::Auth,
    RuleSlot::Manage,
];

/// A copy that is being made; what is not finished goes when it is dropped.
pub struct FolderCopy {
    source: PathBuf,
    target: PathBuf,
    staging: PathBuf,
}

/// What was copied of the storage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FilesCopied {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl FolderCopy {
    /// Begins a copy of `source` that is to become `target`.
    ///
    /// # Errors
    /// 400 in one line for a source that is none, and a target that is in use.
    pub fn begin(source: &Path, target: &Path) -> Result<Self> {
        let shown = source.display();
        if !source.join(DatabaseFile::NAME).is_file() {
            let inner = source.join("pb_data");
            let hint = if inner.join(DatabaseFile::NAME).is_file() {
                format!("; did you mean {}?", inner.display())
            } else {
                String::new()
            };
            return Err(refused(format!(
                "{shown} is no data folder of PocketBase: it has no {}{hint}",
                DatabaseFile::NAME
            )));
        }
        let is_used = fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_some());
        if is_used || target.is_file() {
            let target = target.display();
            return Err(refused(format!(
                "{target} is not empty; name a folder that is new or empty with --dir"
            )));
        }
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let staging = target.with_file_name(format!(".{name}.import-{}", random_id()));
        fs::create_dir_all(&staging).map_err(|e| {
            refused(format!("cannot make {}: {e}", staging.display())).with_source(e)
        })?;
        Ok(Self { source: source.to_owned(), target: target.to_owned(), staging })
    }

    /// Where the copy lies until it is finished.
    pub fn staging(&self) -> &Path {
        &self.staging
    }

    /// Copies the databases; false where the logs were left out. Blocks.
    ///
    /// # Errors
    /// What is wrong with the main one.
    pub fn databases(&self, watch: impl FnMut(Copied)) -> Result<bool> {
        let mut watch = watch;
        let copied = DatabaseFile::copy_folder(&self.source, &self.staging, |copied| {
            watch(copied);
            true
        });
        copied.map_err(|error| match error {
            StoreError::Folder(text) => refused(text),
            other => other.into(),
        })
    }

    /// Copies the files of records. Blocks.
    ///
    /// # Errors
    /// The disk fails.
    pub fn files(&self, mut watch: impl FnMut(FilesCopied)) -> Result<FilesCopied> {
        let mut copied = FilesCopied::default();
        let (from, to) = (self.source.join(STORAGE), self.staging.join(STORAGE));
        if from.is_dir() {
            copy_tree(&from, &to, MAX_DEPTH, &mut |bytes| {
                copied.files += 1;
                copied.bytes += bytes;
                watch(copied);
            })
            .map_err(|e| {
                refused(format!("the files of records cannot be copied: {e}")).with_source(e)
            })?;
        }
        Ok(copied)
    }

    /// Puts the copy in its place.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn finish(self) -> Result<()> {
        // Ours leaves a lock file behind that nobody holds any more.
        let _ = fs::remove_dir(&self.target);
        fs::rename(&self.staging, &self.target).map_err(|e| {
            refused(format!("cannot put the copy at {}: {e}", self.target.display())).with_source(e)
        })
    }
}

impl Drop for FolderCopy {
    fn drop(&mut self) {
        // After a finish it is not there any more.
        let _ = fs::remove_dir_all(&self.staging);
    }
}

fn refused(text: String) -> Error {
    Error::bad_request(text)
}

fn copy_tree(from: &Path, to: &Path, depth: usize, each: &mut dyn FnMut(u64)) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            if depth > 0 {
                copy_tree(&path, &copy, depth - 1, each)?;
            }
            continue;
        }
        match fs::copy(&path, &copy) {
            Ok(bytes) => each(bytes),
            // The source may be in use: what is gone since is named by no row that stays.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What a folder holds, and what of it is not as it was in PocketBase.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Collections of people, without those of the system.
    pub collections: usize,
    /// Views among them.
    pub views: usize,
    /// Records of them.
    pub records: u64,
    /// Records that sign in.
    pub accounts: u64,
    /// Superusers.
    pub superusers: u64,
    /// What differs, a sentence each.
    pub notes: Vec<String>,
}

/// Looks through a folder that was copied and opened.
pub struct Surveyor<'a> {
    /// Its records.
    pub records: &'a Records,
    /// Its schema.
    pub schema: &'a Arc<Schema>,
    /// Its settings.
    pub settings: &'a Settings,
    /// Where it came from.
    pub source: &'a Path,
    /// When it is looked at.
    pub cx: RequestContext,
}

impl Surveyor<'_> {
    /// Reads a page of each collection, each rule, and the names of all files.
    ///
    /// # Errors
    /// The store fails.
    pub async fn run(&self) -> Result<Survey> {
        let mut survey = Survey::default();
        for collection in self.schema.collections() {
            self.rules(collection, &mut survey);
            let total = match self.count(collection).await {
                Ok(total) => total,
                Err(error) => {
                    let (name, why) = (&collection.name, error.message().to_owned());
                    survey.notes.push(format!("The collection {name} cannot be read: {why}"));
                    continue;
                }
            };
            if collection.name == "_superusers" {
                survey.superusers = total;
            }
            if collection.system {
                continue;
            }
            survey.collections += 1;
            survey.views += usize::from(collection.is_view());
            if !collection.is_view() {
                survey.records += total;
            }
            if collection.auth().is_some() {
                survey.accounts += total;
            }
        }
        self.files(&mut survey)?;
        self.beside(&mut survey);
        Ok(survey)
    }

    fn rules(&self, collection: &Arc<Collection>, survey: &mut Survey) {
        for slot in RULES {
            let Some(rule) = collection.rule(slot).filter(|rule| !rule.is_empty()) else {
                continue;
            };
            if let Err(error) = query::check_rule(self.schema, collection, rule) {
                let name = &collection.name;
                survey.notes.push(format!(
                    "A rule of {name} is not understood, and lets nobody in: {rule} ({error})"
                ));
            }
        }
    }

    async fn count(&self, collection: &Arc<Collection>) -> Result<u64> {
        let page = Page { page: 1, per_page: 1, skip_total: false };
        let query = ListQuery { page, ..ListQuery::default() };
        let (schema, cx) = (Arc::clone(self.schema), self.superuser());
        let body = self.records.list(schema, Arc::clone(collection), query, cx).await?;
        let list: Json = serde_json::from_slice(&body).map_err(Error::internal)?;
        Ok(list["totalItems"].as_u64().unwrap_or(0))
    }

    fn superuser(&self) -> RequestContext {
        let caller = Caller::Superuser(Arc::new(AuthRecord::default()));
        RequestContext { caller, ..self.cx.clone() }
    }

    /// Files that a record names and that are not there.
    fn files(&self, survey: &mut Survey) -> Result<()> {
        if self.settings.s3.enabled {
            let bucket = &self.settings.s3.bucket;
            survey.notes.push(format!(
                "Files of records lie in the bucket {bucket}, which both programs use now."
            ));
            return Ok(());
        }
        let (mut missing, mut shown) = (0, Vec::new());
        for collection in self.schema.collections() {
            let is_file = |kind: &FieldType| matches!(kind, FieldType::File(_));
            if collection.is_view() || !collection.fields.iter().any(|f| is_file(&f.kind)) {
                continue;
            }
            let folder = self.source.join(STORAGE).join(&collection.id);
            let (schema, cx) = (Arc::clone(self.schema), self.superuser());
            let export = self.records.export(schema, collection, ListQuery::default(), cx)?;
            export.run(LIMIT, |record| {
                let record: Json = serde_json::from_slice(record).map_err(Error::internal)?;
                let id = record["id"].as_str().unwrap_or_default();
                for field in collection.fields.iter().filter(|f| is_file(&f.kind)) {
                    for name in names(&record[&field.name]) {
                        if !folder.join(id).join(name).exists() {
                            missing += 1;
                            if shown.len() < SHOWN {
                                shown.push(format!("{}/{id}/{name}", collection.name));
                            }
                        }
                    }
                }
                Ok(())
            })?;
        }
        if missing > 0 {
            let shown = shown.join(", ");
            survey.notes.push(format!(
                "{missing} files that records name were missing already, such as {shown}."
            ));
        }
        Ok(())
    }

    /// What PocketBase keeps beside its folder.
    fn beside(&self, survey: &mut Survey) {
        let folder = fs::canonicalize(self.source).unwrap_or_else(|_| self.source.to_owned());
        let parent = folder.parent().unwrap_or(&folder);
        let count = |name: &str, end: &str| {
            let entries = fs::read_dir(parent.join(name)).into_iter().flatten().flatten();
            entries.filter(|e| e.file_name().to_string_lossy().ends_with(end)).count()
        };
        let (hooks, migrations) = (count("pb_hooks", ".pb.js"), count("pb_migrations", ".js"));
        let mut note = |text: String| survey.notes.push(text);
        if hooks > 0 {
            note(format!("{hooks} files of JS hooks in pb_hooks do not run here."));
        }
        if migrations > 0 {
            note(format!(
                "{migrations} files in pb_migrations are not needed: what they did is in the data."
            ));
        }
        if parent.join("pb_public").is_dir() {
            let public = parent.join("pb_public").display().to_string();
            note(format!("The pages in pb_public are served with --public {public}."));
        }
        if fs::read_dir(self.source.join("backups")).is_ok_and(|mut all| all.next().is_some()) {
            note("Backups stay where they are.".to_owned());
        }
        if !self.settings.backups.cron.is_empty() {
            note(format!("Backups are made here, too: {}.", self.settings.backups.cron));
        }
        if !self.settings.smtp.enabled {
            note("No mail server is set up: mails go through sendmail, as before.".to_owned());
        }
    }
}

fn names(value: &Json) -> Vec<&str> {
    match value {
        Json::String(name) if !name.is_empty() => vec![name],
        Json::Array(names) => names.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}
