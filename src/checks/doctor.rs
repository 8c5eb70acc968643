//! Looks at everything: at a folder from outside, or at the running server from within.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::checks::{
    Finding, Level, Report, Surroundings, clock, folder, relations, rules, settings, storage,
    superusers, tables,
};
use crate::clock::{Clock, DateTime};
use crate::collections;
use crate::config::SettingsKey;
use crate::error::{Error, Result};
use crate::schema::Collection;
use crate::settings::{Settings, SettingsCache};
use crate::store::{Cost, DatabaseFile, Store, StoreError, Tx};

/// Looks at a data folder, whether or not a server has it.
pub struct Doctor {
    /// The data folder.
    pub dir: PathBuf,
    /// The key of the settings, if there is one.
    pub key: Option<SettingsKey>,
    /// The time.
    pub now: DateTime,
    /// Where the program runs.
    pub surroundings: Surroundings,
    /// Whether it may take long.
    pub is_thorough: bool,
}

impl Doctor {
    /// Looks at everything. Blocks.
    pub fn look(&self) -> Report {
        let mut report = Report::default();
        let found = folder::look(&self.dir);
        let is_usable = !found.iter().any(|f| f.id.ends_with("_missing"));
        report.add("folder", found);
        report.add("container", self.surroundings.look(&self.dir).into_iter().collect());
        if !is_usable {
            return report;
        }
        report.add("disk", folder::room(&self.dir));
        report.add("clock", clock::look(self.now, &self.dir));
        report.add("log", folder::log(&self.dir));
        let path = self.dir.join(DatabaseFile::NAME);
        match DatabaseFile::open(&path) {
            Err(error) => report.add("database", vec![unopened(&error)]),
            Ok(file) => {
                let damage = file.check(self.is_thorough).map_err(|error| error.to_string());
                report.add("database", damaged(&path, damage));
                self.look_inside(&file, &mut report);
            }
        }
        report
    }

    fn look_inside(&self, file: &DatabaseFile, report: &mut Report) {
        let within = file.read(|tx| {
            let mut within = Report::default();
            let sealed = SettingsCache::is_sealed(tx)?;
            let stored = SettingsCache::stored(tx, self.key.as_ref());
            let found = match stored {
                Ok(Some(stored)) => settings::look(&stored, sealed),
                Ok(None) => settings::look(&Settings::fresh(), false),
                Err(error) => vec![unread(&error)],
            };
            within.add("settings", found);
            let all = collections::read_all(tx)?;
            of_tables(tx, &all, &mut within)?;
            within.add("files", storage::look(tx, &self.dir, &all, self.is_thorough)?);
            Ok(within)
        });
        match within {
            Ok(within) => {
                report.passed.extend(within.passed);
                report.add("tables", within.findings);
            }
            Err(error) => report.add("tables", vec![unread(&error)]),
        }
    }
}

/// Looks at a running server.
pub struct Live {
    /// Where rows live.
    pub store: Store,
    /// Which are in force.
    pub settings: SettingsCache,
    /// The time.
    pub clock: Clock,
    /// The data folder.
    pub dir: PathBuf,
}

impl Live {
    /// Looks at all that is looked at within a moment.
    ///
    /// # Errors
    /// The store fails.
    pub async fn look(&self, collections: Vec<Arc<Collection>>) -> Result<Report> {
        let (settings, dir, now) = (self.settings.clone(), self.dir.clone(), self.clock.now());
        let look = move |tx: &Tx<'_>| {
            let mut report = Report::default();
            report.add("folder", folder::look(&dir));
            let surroundings = Surroundings::of_process();
            report.add("container", surroundings.look(&dir).into_iter().collect());
            report.add("disk", folder::room(&dir));
            report.add("clock", clock::look(now, &dir));
            report.add("log", folder::log(&dir));
            report.add("settings", settings::look(&settings.load(), settings.has_key()));
            of_tables(tx, &collections, &mut report)?;
            report.add("files", stray_files(tx, &dir, &collections)?);
            Ok(report)
        };
        self.store.read(Cost::Unbounded, look).await
    }
}

fn stray_files(tx: &Tx<'_>, dir: &Path, all: &[Arc<Collection>]) -> Result<Vec<Finding>> {
    storage::look(tx, dir, all, false)
}

fn of_tables(tx: &Tx<'_>, all: &[Arc<Collection>], report: &mut Report) -> Result<()> {
    report.add("superusers", superusers::look(tx, all)?);
    report.add("rules", rules::look(all));
    report.add("relations", relations::look(tx, all)?);
    let sql = "SELECT COUNT(*) FROM _gr_jobs WHERE state = 'dead'";
    let failed = tables::number(tx, sql, Vec::new())?.unwrap_or(0);
    let finding = Finding::new(
        "jobs_failed",
        Level::Warning,
        format!("{failed} jobs were given up"),
        "mails, webhooks or other work that was promised did not happen",
        "look at them under /api/gr/jobs?state=dead, and try them again or discard them",
    );
    report.add("jobs", if failed > 0 { vec![finding] } else { Vec::new() });
    Ok(())
}

fn unopened(error: &StoreError) -> Finding {
    let what = format!("the database cannot be opened: {error}");
    let why = "a server would not start";
    let todo = "restore a backup, or name another folder with --dir";
    Finding::new("database_unusable", Level::Error, what, why, todo)
}

fn damaged(path: &Path, findings: std::result::Result<Vec<String>, String>) -> Vec<Finding> {
    let findings = findings.unwrap_or_else(|error| vec![error]);
    let Some(first) = findings.first() else { return Vec::new() };
    let what = format!("{} is damaged in {} places: {first}", path.display(), findings.len());
    let why = "records are lost already, or will be";
    let todo = "stop the server, keep a copy of the folder, and restore a backup";
    vec![Finding::new("database_damaged", Level::Error, what, why, todo)]
}

fn unread(error: &Error) -> Finding {
    let cause = std::error::Error::source(error).map_or(error.to_string(), ToString::to_string);
    let why = "a server would not start";
    let todo = "follow what it says, or restore a backup";
    Finding::new("tables_unreadable", Level::Error, cause, why, todo)
}
