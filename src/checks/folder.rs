//! The data folder: is it there, whose is it, is there room?

use std::fs;
use std::path::Path;

use crate::checks::{Finding, Level};
use crate::store::DatabaseFile;

/// A log file of the database that is longer was not moved into it for long.
const LONG_LOG: u64 = 512 << 20;

/// Whether there is a folder that this user can work with.
pub(super) fn look(dir: &Path) -> Vec<Finding> {
    let shown = dir.display();
    let Ok(metadata) = fs::metadata(dir) else {
        return vec![Finding::new(
            "folder_missing",
            Level::Error,
            format!("there is no data folder {shown}"),
            "without one there is nothing to serve",
            "name another one with --dir, or start the server once: it makes the folder",
        )];
    };
    let mut found = Vec::new();
    let is_there = dir.join(DatabaseFile::NAME).is_file();
    if !metadata.is_dir() || !is_there {
        found.push(Finding::new(
            "database_missing",
            Level::Error,
            format!("{shown} holds no {}", DatabaseFile::NAME),
            "it is no data folder, or has lost its database",
            "name another folder with --dir, or restore a backup",
        ));
    }
    found.extend(rights(dir));
    found
}

#[cfg(unix)]
fn rights(dir: &Path) -> Vec<Finding> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let mut found = Vec::new();
    let places = [dir.to_owned(), dir.join(DatabaseFile::NAME), dir.join("auxiliary.db")];
    for place in places {
        let Ok(metadata) = fs::metadata(&place) else { continue };
        let (shown, mode) = (place.display(), metadata.permissions().mode() & 0o777);
        if mode & 0o002 != 0 {
            found.push(Finding::new(
                "folder_open_to_all",
                Level::Error,
                format!("every user of this machine may write {shown} (mode {mode:o})"),
                "another program could change accounts and records past every rule",
                format!("chmod o-w {shown}"),
            ));
        } else if mode & 0o004 != 0 && place == dir {
            found.push(Finding::new(
                "folder_readable_by_all",
                Level::Note,
                format!("every user of this machine may read {shown} (mode {mode:o})"),
                "password hashes, keys of tokens and the passwords of mail servers lie in it",
                format!("chmod o-rwx {shown}"),
            ));
        }
        if metadata.permissions().readonly() {
            found.push(Finding::new(
                "folder_read_only",
                Level::Error,
                format!("{shown} is read only"),
                "nothing can be written",
                format!("chmod u+w {shown}"),
            ));
        }
        if let Some(user) = own_user()
            && user != metadata.uid()
            && user != 0
        {
            let owner = metadata.uid();
            found.push(Finding::new(
                "folder_of_another_user",
                Level::Warning,
                format!("{shown} belongs to user {owner}, and this is user {user}"),
                "a server of this user may not be able to write it",
                format!("chown {user} {shown}"),
            ));
        }
    }
    found
}

#[cfg(not(unix))]
fn rights(_: &Path) -> Vec<Finding> {
    Vec::new()
}

#[cfg(target_os = "linux")]
fn own_user() -> Option<u32> {
    Some(rustix::process::geteuid().as_raw())
}

#[cfg(all(unix, not(target_os = "linux")))]
fn own_user() -> Option<u32> {
    None
}

/// Whether there is room on the disk.
#[cfg(target_os = "linux")]
pub(super) fn room(dir: &Path) -> Vec<Finding> {
    let Ok(disk) = rustix::fs::statvfs(dir) else { return Vec::new() };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let whole = disk.f_blocks.saturating_mul(disk.f_frsize);
    shortage(free, whole).into_iter().collect()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn room(_: &Path) -> Vec<Finding> {
    Vec::new()
}

#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "only Linux says how much is free")
)]
fn shortage(free: u64, whole: u64) -> Option<Finding> {
    const MIB: u64 = 1 << 20;
    let percent = free.saturating_mul(100).checked_div(whole).unwrap_or(100);
    let level = match free {
        free if free < 100 * MIB || percent < 2 => Level::Error,
        free if free < 1024 * MIB || percent < 10 => Level::Warning,
        _ => return None,
    };
    Some(Finding::new(
        "disk_nearly_full",
        level,
        format!(
            "{} MiB of {} MiB are free where the data lies ({percent} %)",
            free / MIB,
            whole / MIB
        ),
        "once the disk is full every write is refused",
        "make room, or move the data folder to a larger disk",
    ))
}

/// Whether the log of the database grows.
pub(super) fn log(dir: &Path) -> Vec<Finding> {
    let log = dir.join(format!("{}-wal", DatabaseFile::NAME));
    let Ok(length) = fs::metadata(log).map(|metadata| metadata.len()) else { return Vec::new() };
    if length < LONG_LOG {
        return Vec::new();
    }
    vec![Finding::new(
        "log_long",
        Level::Warning,
        format!("the write-ahead log of the database has {} MiB", length >> 20),
        "reads become slower with its length, and it takes room on the disk",
        "look for a program that keeps the database open in a long read, and end it",
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(found: &[Finding]) -> Vec<&'static str> {
        found.iter().map(|finding| finding.id).collect()
    }

    #[test]
    fn a_folder_that_is_none_is_found() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(ids(&look(&dir.path().join("gone"))), ["folder_missing"]);
        assert!(ids(&look(dir.path())).contains(&"database_missing"));
    }

    #[cfg(unix)]
    #[test]
    #[expect(clippy::disallowed_methods, reason = "a folder is made up for the test")]
    fn a_folder_that_everybody_writes_is_found() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let file = dir.path().join(DatabaseFile::NAME);
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
        assert_eq!(ids(&look(dir.path())), ["folder_open_to_all"]);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
        assert_eq!(ids(&look(dir.path())), ["folder_read_only"]);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(ids(&look(dir.path())), [] as [&str; 0]);
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(ids(&look(dir.path())), ["folder_readable_by_all"]);
    }

    #[test]
    fn a_full_disk_is_an_error_before_it_is_full() {
        const GIB: u64 = 1 << 30;
        let level = |free, whole| shortage(free, whole).map(|finding| finding.level);
        assert_eq!(level(500 * GIB, 1000 * GIB), None);
        assert_eq!(level(90 * GIB, 1000 * GIB), Some(Level::Warning));
        assert_eq!(level(10 * GIB, 1000 * GIB), Some(Level::Error));
        assert_eq!(level(GIB / 2, GIB), Some(Level::Warning));
        assert_eq!(level(0, 0), Some(Level::Error));
    }
}
