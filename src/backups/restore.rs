//! A restore: the backup is unpacked and looked at while the server goes on; then it stops, the
//! folders change places, and the process starts anew.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::backups::desk::{Seat, Work};
use crate::backups::pack::failed;
use crate::backups::parts::{Backups, Inner};
use crate::backups::service::on_disk;
use crate::backups::unpack::{Packed, check};
use crate::backups::{swap, worker};
use crate::error::{Error, Result};

/// So long the server goes on at least, for the answer to arrive.
const DELAY: Duration = Duration::from_secs(1);

impl Backups {
    /// Begins a restore; the process is asked to start anew once all is ready. What is wrong with
    /// the backup stands in the log, and then everything stays as it is.
    ///
    /// # Errors
    /// 400 while a backup is made or restored, or where there is none of this name.
    pub async fn restore(&self, name: &str) -> Result<()> {
        self.require_idle()?;
        let (inner, own) = (Arc::clone(&self.0), name.to_owned());
        let is_there = on_disk(move || inner.archive.has(&own).map_err(failed)).await?;
        if !is_there {
            return Err(Error::bad_request("Missing or invalid backup file."));
        }
        let seat = self.0.desk.sit(Work::Restoring(name.to_owned()))?;
        let (backups, name) = (self.clone(), name.to_owned());
        tokio::spawn(async move {
            let unpacked = tokio::join!(backups.unpack(&name), tokio::time::sleep(DELAY)).0;
            match unpacked {
                Ok(()) => backups.ask_restart(seat),
                Err(error) => {
                    tracing::error!(name, %error, "the backup was not restored; nothing changed");
                }
            }
        });
        Ok(())
    }

    /// Unpacks a backup beside the data and looks whether a server would start with it.
    ///
    /// # Errors
    /// It is no backup, or damaged; what the disk says.
    pub async fn unpack(&self, name: &str) -> Result<()> {
        let (inner, name) = (Arc::clone(&self.0), name.to_owned());
        let done = worker::run(move || {
            let opened = inner.archive.open(&name).map_err(failed)?;
            let opened = opened.ok_or_else(Error::not_found)?;
            unpack(&inner, opened.content).inspect_err(|_| inner.clear())
        });
        done.await
    }

    /// As [`Backups::unpack`], for a backup that lies elsewhere.
    ///
    /// # Errors
    /// As [`Backups::unpack`].
    pub async fn unpack_file(&self, path: &Path) -> Result<()> {
        let (inner, path) = (Arc::clone(&self.0), path.to_owned());
        let done = worker::run(move || {
            let file = fs::File::open(path).map_err(failed)?;
            unpack(&inner, Box::new(file)).inspect_err(|_| inner.clear())
        });
        done.await
    }

    /// Waits until a restore is ready for the process to stop, change the folders and start anew.
    pub async fn restart_asked(&self) {
        self.0.restart.notified().await;
    }

    fn ask_restart(&self, seat: Seat) {
        // Nobody sits down any more.
        std::mem::forget(seat);
        self.0.restart.notify_one();
    }
}

fn unpack(inner: &Inner, content: Box<dyn crate::files::Content>) -> Result<()> {
    let folder = swap::prepare(&inner.parts.dir).map_err(failed)?;
    Packed::open(content)?.unpack(&folder, &inner.stop, |_| true)?;
    check(&folder, false)?;
    tracing::info!("a backup was unpacked and looked at; it takes the place of the data");
    Ok(())
}

impl Inner {
    fn clear(&self) {
        if let Err(error) = swap::clear(&self.parts.dir) {
            tracing::warn!(%error, "what was unpacked of a backup could not be removed");
        }
    }
}
