//! The assembly: every service, built once from the configuration. No module before this names it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::auth::{Auth, AuthParts, Superusers};
use crate::backups::{BackupParts, Backups};
use crate::changes::Changes;
use crate::clock::Clock;
use crate::collections::Collections;
use crate::config::{Config, KeptChanges, OverlaySource, SettingsKey};
use crate::crypto::{PasswordPool, PoolSize};
use crate::error::{Error, Result};
use crate::exports::Exports;
use crate::files::Files;
use crate::imports::Imports;
use crate::jobs::{Background, Cron, Crons, Jobs};
use crate::logs::ActivityLog;
use crate::mail::{Mail, MailParts};
use crate::outgoing::Outgoing;
use crate::realtime::Realtime;
use crate::records::{Mover, Records, Sweeper};
use crate::schema::SchemaCache;
use crate::settings::{Overlay, SettingsCache};
use crate::sql_console::{SqlConsole, SqlConsoleParts};
use crate::store::{Store, StoreOptions, Tx};
use crate::watch::Watch;
use crate::webhooks::{self, Webhooks};

/// Threads of the reader pool: reads that are no point reads come here.
const READERS: usize = 2;

/// How long another key may take.
const ROTATION: Duration = Duration::from_secs(600);

/// A running backend without a socket.
pub struct App {
    /// What was fixed at start.
    pub config: Config,
    /// Where the time comes from.
    pub clock: Clock,
    /// Where rows live.
    pub store: Store,
    /// All collections as of now.
    pub schema: Arc<SchemaCache>,
    /// Settings as of now.
    pub settings: SettingsCache,
    /// What was asked of the server.
    pub activity: ActivityLog,
    /// Hashes passwords.
    pub passwords: PasswordPool,
    /// What happened to records.
    pub changes: Changes,
    /// The files of records.
    pub files: Files,
    /// What is to be done after a commit.
    pub jobs: Jobs,
    /// What is sent to people.
    pub mail: Mail,
    /// What is due by the clock.
    pub crons: Crons,
    /// The collections service.
    pub collections: Collections,
    /// The records service.
    pub records: Records,
    /// Who is told of changes on other servers.
    pub webhooks: Webhooks,
    /// Records that leave as a file.
    pub exports: Exports,
    /// Files whose rows become records.
    pub imports: Imports,
    /// Who follows which records.
    pub realtime: Realtime,
    /// Copies of the data folder.
    pub backups: Backups,
    /// Removes files without a record; a command beside a server leaves that to the server.
    pub sweeper: Option<Sweeper>,
    /// Who is calling, and how they prove it.
    pub auth: Auth,
    /// The accounts that pass every rule.
    pub superusers: Superusers,
    running: OnceLock<Running>,
}

/// What runs by itself.
struct Running {
    background: Background,
    _overlay: Option<Watch>,
}

impl App {
    /// Opens the data folder and builds every service over it.
    ///
    /// # Errors
    /// A folder that cannot be used, settings that cannot be read: one line that says what to do.
    pub fn start(config: Config) -> Result<Arc<Self>> {
        Self::build(config, Clock::system(), false)
    }

    /// As [`App::start`], for a short command: a server that has the folder is no obstacle, and
    /// sees within a second what the command changed of a record.
    ///
    /// # Errors
    /// As [`App::start`].
    pub fn start_beside(config: Config) -> Result<Arc<Self>> {
        Self::build(config, Clock::system(), true)
    }

    /// As [`App::start`], with a clock of one's own.
    ///
    /// # Errors
    /// As [`App::start`].
    pub fn start_at(config: Config, clock: Clock) -> Result<Arc<Self>> {
        Self::build(config, clock, false)
    }

    fn build(config: Config, clock: Clock, joins: bool) -> Result<Arc<Self>> {
        let store = Store::open(&store_options(&config, joins))?;
        let settings = open_settings(&store, &config, &clock)?;
        let activity = ActivityLog::open(&config.dir, settings.clone(), clock.clone())?;
        let files = Files::following(&config.dir, joins, &settings).map_err(Error::internal)?;
        let collections = Collections::open(&store, &settings, &files, &clock)?;
        let schema = collections.schema();
        let passwords = PasswordPool::start(PoolSize::default()).map_err(Error::internal)?;
        let share = || (store.clone(), Arc::clone(&schema), clock.clone(), passwords.clone());
        let changes = Changes::new(clock.clone());
        let (s, c, _, p) = share();
        let records = Records::new(s, c, p, files.clone(), changes.clone());
        let jobs = Jobs::new(store.clone(), clock.clone());
        let mail = mail(&store, &settings, &clock, &jobs, config.dev);
        let (s, c, t, p) = share();
        let auth = Auth::new(AuthParts {
            store: s,
            schema: c,
            clock: t,
            passwords: p,
            settings: settings.clone(),
            records: records.clone(),
            jobs: jobs.clone(),
            mail: mail.clone(),
        });
        let (s, c, t, p) = share();
        let superusers = Superusers::new(s, c, t, p, records.clone());
        let (s, c, t, _) = share();
        let realtime = Realtime::start(t, s, c, records.clone(), &changes, config.changes)
            .map_err(Error::internal)?;
        let sweeper = (!joins).then(|| Sweeper::start(&records, &clock)).transpose();
        let parts = webhooks::Parts {
            store: store.clone(),
            clock: clock.clone(),
            collections: collections.clone(),
            records: records.clone(),
            jobs: jobs.clone(),
            outgoing: Outgoing::new(config.private_webhooks),
        };
        let webhooks = Webhooks::open(parts, &changes)?;
        let parts = (&store, &settings, &activity, &files, &mail);
        let backups = backups(&config, &clock, parts);
        let log = (&changes, config.changes);
        let crons = built_in_crons(&store, &auth, &activity, &jobs, &webhooks, log)?;
        let crons = Crons::new(clock.clone(), crons);
        backups.follow_schedule(&crons);
        Ok(Arc::new(Self {
            exports: Exports::new(records.clone(), files.clone()),
            imports: Imports::new(records.clone(), files.clone(), clock.clone()),
            crons,
            config,
            clock,
            store,
            schema,
            settings,
            activity,
            passwords,
            changes,
            files,
            jobs,
            mail,
            collections,
            records,
            webhooks,
            realtime,
            backups,
            sweeper: sweeper.map_err(Error::internal)?,
            auth,
            superusers,
            running: OnceLock::new(),
        }))
    }

    /// Starts what runs by itself: crons and queued jobs. Only the process that serves the data
    /// folder may do this, not a command beside it.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn begin(&self) -> Result<()> {
        // A folder of PocketBase brings statistics along.
        self.store.tend_statistics_blocking()?;
        self.passwords.set_cost(self.config.hash_passes)?;
        let mover = self.mover();
        mover.resume()?;
        let (webhooks, mail) = (self.webhooks.job_kind(), self.mail.job_kind());
        let kinds = vec![webhooks, mail, self.auth.errand_kind(), mover.job_kind()];
        let background = Background::start(self.jobs.clone(), kinds, self.crons.clone())?;
        // A second one would be closed at once.
        let overlay = watch_overlay(&self.settings, &self.config.overlay);
        let _ = self.running.set(Running { background, _overlay: overlay });
        Ok(())
    }

    /// Moves files between the folder and the bucket.
    pub fn mover(&self) -> Mover {
        Mover::new(&self.records, &self.jobs, &self.settings)
    }

    /// Writes all that lies sealed on disk with another key, or in the clear; all of it or
    /// nothing. This backend still has the old key: it is to be stopped then.
    ///
    /// # Errors
    /// Something was sealed with a third key.
    pub async fn rotate_settings_key(&self, key: Option<SettingsKey>) -> Result<()> {
        let (settings, mail, auth) = (self.settings.clone(), self.mail.clone(), self.auth.clone());
        let rotate = move |tx: &Tx<'_>| {
            let keys = settings.rotate(tx, key)?;
            mail.reseal(tx, &keys)?;
            auth.reseal(tx, &keys)
        };
        self.store.write_exclusive(ROTATION, rotate).await
    }

    /// Asks the database itself.
    pub fn sql_console(&self) -> SqlConsole {
        SqlConsole::new(SqlConsoleParts {
            store: self.store.clone(),
            collections: self.collections.clone(),
            settings: self.settings.clone(),
            webhooks: self.webhooks.clone(),
            changes: self.changes.clone(),
            mode: self.config.sql_console,
        })
    }

    /// Writes down what is queued and closes the databases. Requests that come later fail.
    pub fn stop(&self) {
        if let Some(running) = self.running.get() {
            running.background.close();
        }
        self.backups.stop();
        self.realtime.close();
        self.activity.close();
        if let Some(sweeper) = &self.sweeper {
            sweeper.stop();
        }
        self.store.close();
        // Last: the writer's last commits may have files to remove.
        self.files.close();
    }
}

fn open_settings(store: &Store, config: &Config, clock: &Clock) -> Result<SettingsCache> {
    let settings = SettingsCache::open(store, config.settings_key.clone(), clock.clone())?;
    let overlay = Overlay::read(&config.overlay).map_err(Error::internal)?;
    settings.lay(overlay).map_err(Error::internal)?;
    Ok(settings)
}

/// Follows what the operator writes down. A mistake leaves the settings as they are.
fn watch_overlay(settings: &SettingsCache, source: &OverlaySource) -> Option<Watch> {
    let files = |source: &OverlaySource, overlay: &Overlay| {
        let mut files: Vec<_> = source.file.iter().chain(&source.places).cloned().collect();
        files.extend_from_slice(overlay.files());
        files
    };
    let first = files(source, &settings.overlay());
    let (settings, source) = (settings.clone(), source.clone());
    let watch = Watch::files(&first, move || {
        match Overlay::read(&source).and_then(|overlay| settings.lay(overlay)) {
            Ok(false) => {}
            Ok(true) => {
                let written = settings.overlay().len();
                tracing::info!(written, "settings were written down anew, and hold now");
            }
            Err(error) => tracing::warn!("the settings stay as they are: {error}"),
        }
        files(&source, &settings.overlay())
    });
    watch
        .inspect_err(|error| tracing::warn!(%error, "changes of greenroom.toml will not be seen"))
        .ok()
}

fn store_options(config: &Config, joins: bool) -> StoreOptions {
    StoreOptions {
        joins,
        durability: config.durability,
        query_timeout: config.query_timeout,
        readers: READERS,
        ..StoreOptions::new(&config.dir)
    }
}

fn mail(store: &Store, settings: &SettingsCache, clock: &Clock, jobs: &Jobs, dev: bool) -> Mail {
    let (store, settings, clock) = (store.clone(), settings.clone(), clock.clone());
    Mail::new(MailParts { store, settings, clock, jobs: jobs.clone(), dev })
}

fn backups(
    config: &Config,
    clock: &Clock,
    (store, settings, activity, files, mail): (&Store, &SettingsCache, &ActivityLog, &Files, &Mail),
) -> Backups {
    Backups::new(BackupParts {
        dir: config.dir.clone(),
        store: store.clone(),
        activity: activity.clone(),
        settings: settings.clone(),
        files: files.clone(),
        clock: clock.clone(),
        mail: mail.clone(),
    })
}

/// The crons of the program itself, in the order of the wire.
fn built_in_crons(
    store: &Store,
    auth: &Auth,
    activity: &ActivityLog,
    jobs: &Jobs,
    webhooks: &Webhooks,
    (changes, keep): (&Changes, KeptChanges),
) -> Result<Vec<Cron>> {
    let (changes, trimmed) = (changes.clone(), store.clone());
    let (store, mfas, otps) = (store.clone(), auth.clone(), auth.clone());
    let (activity, jobs, webhooks) = (activity.clone(), jobs.clone(), webhooks.clone());
    let crons = [
        Cron::new("__pbDBOptimize__", "0 0 * * *", move || {
            let store = store.clone();
            async move { store.tend_statistics().await }
        }),
        Cron::new("__pbMFACleanup__", "0 * * * *", move || {
            let auth = mfas.clone();
            async move {
                auth.delete_expired_mfas().await?;
                auth.delete_expired_sessions().await.map(drop)
            }
        }),
        Cron::new("__pbOTPCleanup__", "0 * * * *", move || {
            let auth = otps.clone();
            async move { auth.delete_expired_otps().await.map(drop) }
        }),
        Cron::new("__pbLogsCleanup__", "0 */6 * * *", move || {
            let (activity, jobs, webhooks) = (activity.clone(), jobs.clone(), webhooks.clone());
            let (log, trimmed) = (changes.clone(), trimmed.clone());
            async move {
                activity.trim().await;
                jobs.trim().await?;
                webhooks.trim().await?;
                log.trim_all(&trimmed, keep).await
            }
        }),
    ];
    crons.into_iter().map(|cron| cron.map_err(Error::internal)).collect()
}
