//! Backups that make themselves: when the settings say, and no more than they say.

use std::sync::{Arc, Weak};

use crate::backups::names::AUTO;
use crate::backups::pack::failed;
use crate::backups::parts::{Backups, Inner};
use crate::backups::service::on_disk;
use crate::error::{Error, Result};
use crate::jobs::{Cron, Crons};
use crate::mail::Message;
use crate::records::INSTALLER_EMAIL;
use crate::settings::Settings;
use crate::sql::{Statement, Value};
use crate::store::{Cost, Tx};

const ID: &str = "__pbAutoBackup__";
/// Superusers that are written to.
const MOST_LETTERS: i64 = 200;

impl Backups {
    /// Keeps the cron of backups as the settings say.
    pub fn follow_schedule(&self, crons: &Crons) {
        // The settings must not keep alive what keeps the settings alive.
        let (backups, crons) = (Arc::downgrade(&self.0), crons.clone());
        self.0.parts.settings.follow(move |settings| match cron(&backups, settings) {
            Some(cron) => crons.put(cron),
            None => crons.remove(ID),
        });
    }

    /// Makes a backup and lets go of the oldest of its kind; superusers learn when that fails.
    async fn make_by_itself(&self) -> Result<()> {
        let made = match self.make(String::new(), AUTO, |_| {}).await {
            Ok(_) => self.let_go().await,
            Err(error) => Err(error),
        };
        let Err(error) = made else { return Ok(()) };
        if let Err(unsent) = self.tell(&error).await {
            tracing::error!(%unsent, "superusers could not be told of a failed backup");
        }
        Err(error)
    }

    /// Removes all backups that a cron made but the newest.
    async fn let_go(&self) -> Result<()> {
        let inner = Arc::clone(&self.0);
        on_disk(move || {
            let keep = inner.parts.settings.load().backups.cron_max_keep;
            let mut own = inner.archive.list().map_err(failed)?;
            own.retain(|file| file.name.starts_with(AUTO) && !inner.desk.has(&file.name));
            own.sort_by(|a, b| (b.modified, &b.name).cmp(&(a.modified, &a.name)));
            for old in own.into_iter().skip(usize::try_from(keep).unwrap_or(1).max(1)) {
                inner.archive.remove(&old.name).map_err(failed)?;
                tracing::info!(name = old.name, "an old backup was removed");
            }
            Ok(())
        })
        .await
    }

    /// Writes to all superusers.
    async fn tell(&self, error: &Error) -> Result<()> {
        let (mail, settings) = (self.0.parts.mail.clone(), self.0.parts.settings.load());
        let cause = std::error::Error::source(error).map(ToString::to_string);
        let why = escaped(&cause.unwrap_or_else(|| error.message().to_owned()));
        let app = &settings.meta.app_name;
        let (subject, app) = (format!("[{app}] A backup failed"), escaped(app));
        let html = format!(
            "<p>Hello,</p>\n<p>The scheduled backup of {app} was not made:</p>\n<p>{why}</p>\n\
             <p>The older backups are still there.</p>\n"
        );
        let addresses = Statement::new(
            "SELECT email FROM _superusers WHERE email <> ?1 ORDER BY email LIMIT ?2",
            vec![Value::from(INSTALLER_EMAIL), Value::Int(MOST_LETTERS)],
        );
        let read = move |tx: &Tx<'_>| {
            let mut all = Vec::new();
            tx.query(&addresses, |row| {
                all.push(row.get(0).text().to_owned());
                Ok(())
            })?;
            Ok(all)
        };
        for address in self.0.parts.store.read(Cost::Unbounded, read).await? {
            mail.queue_alone(Message::new(address, &subject, html.clone())).await?;
        }
        Ok(())
    }
}

fn cron(backups: &Weak<Inner>, settings: &Settings) -> Option<Cron> {
    let expression = settings.backups.cron.as_str();
    if expression.is_empty() {
        return None;
    }
    let backups = Weak::clone(backups);
    let work = move || {
        let backups = backups.upgrade().map(Backups);
        async move {
            match backups {
                Some(backups) => backups.make_by_itself().await,
                None => Ok(()),
            }
        }
    };
    // A text that is none does not get into the settings.
    Cron::new(ID, expression, work).ok()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
