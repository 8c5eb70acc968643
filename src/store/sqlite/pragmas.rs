//! How a connection is set up. Nothing here is left to a build flag.

use std::time::Duration;

use rusqlite::config::DbConfig;

use crate::store::sqlite::connection::Role;
use crate::store::sqlite::{collation, functions};
use crate::store::{Durability, StoreOptions};

/// How long an outside process that holds the lock is waited for.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Pages of the file a writer keeps in memory, in KiB.
const WRITER_CACHE_KIB: u32 = 64 << 10;

/// After a checkpoint the log file is cut to this, as the reference does.
const LOG_SIZE_LIMIT: u32 = 200_000_000;

pub(super) fn set_up(
    raw: &rusqlite::Connection,
    role: Role,
    options: &StoreOptions,
) -> rusqlite::Result<()> {
    // The checkpointer comes again soon; it must not wait for readers.
    let patience = if role == Role::Checkpointer { Duration::ZERO } else { BUSY_TIMEOUT };
    raw.busy_timeout(patience)?;
    for (setting, on) in [
        // Without it a bound parameter makes SQLite prepare a cached statement again.
        (DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true),
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true),
    ] {
        raw.set_db_config(setting, on)?;
    }
    functions::register(raw)?;
    if role == Role::Reader {
        collation::register(raw)?;
    }
    if role == Role::Writer {
        raw.pragma_update(None, "journal_mode", "wal")?;
        raw.pragma_update(None, "journal_size_limit", LOG_SIZE_LIMIT)?;
    }
    let synchronous = match options.durability {
        Durability::Flushed => "NORMAL",
        Durability::Full => "FULL",
    };
    raw.pragma_update(None, "synchronous", synchronous)?;
    raw.pragma_update(None, "wal_autocheckpoint", 0)?;
    raw.pragma_update(None, "temp_store", "MEMORY")?;
    let cache_kib = if role == Role::Writer { WRITER_CACHE_KIB } else { options.cache_kib };
    raw.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
    raw.pragma_update(None, "mmap_size", i64::try_from(options.mmap_size).unwrap_or(i64::MAX))?;
    if let Some(pages) = options.max_pages {
        raw.pragma_update(None, "max_page_count", pages)?;
    }
    if role == Role::Reader {
        raw.pragma_update(None, "query_only", true)?;
    }
    Ok(())
}
