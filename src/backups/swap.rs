//! Puts a restored data folder in the place of the old one, and takes it back if no server starts
//! with it. Every step is a rename and is written down before, so that whoever comes after a crash
//! knows how to go on. Only who has the folder for itself may call this.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::backups::pack::LEFT_OUT;

/// Holds what is about to be put in place and what was taken away, below the data folder.
pub(super) const FOLDER: &str = ".greenroom_restore";
const STATE: &str = "state";
const NEW: &str = "new";
const OLD: &str = "old";
const FAILED: &str = "failed";
/// Starts with the new data that may be cut short before it is given up.
const TRIALS: u32 = 3;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The old data is moved away.
    Away,
    /// The new data is moved in.
    In,
    /// The new data is there; so many starts were begun with it.
    Trial(u32),
    /// The new data is moved away again.
    BackAway,
    /// The old data is moved in again.
    BackIn,
}

impl State {
    fn text(self) -> String {
        match self {
            Self::Away => "away".to_owned(),
            Self::In => "in".to_owned(),
            Self::Trial(number) => format!("trial {number}"),
            Self::BackAway => "back-away".to_owned(),
            Self::BackIn => "back-in".to_owned(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "away" => Some(Self::Away),
            "in" => Some(Self::In),
            "back-away" => Some(Self::BackAway),
            "back-in" => Some(Self::BackIn),
            trial => trial.strip_prefix("trial ")?.parse().ok().map(Self::Trial),
        }
    }
}

/// What a start finds of a restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Nothing: the data is what it was.
    Nothing,
    /// New data that no server has started with yet: [`confirm`] or [`roll_back`] comes next.
    NewData,
    /// New data that no server could start with; the old data is back.
    RolledBack,
}

/// Where a restore unpacks to; what an earlier one left there is removed.
pub(super) fn prepare(dir: &Path) -> io::Result<PathBuf> {
    clear(dir)?;
    let new = dir.join(FOLDER).join(NEW);
    fs::create_dir_all(&new)?;
    Ok(new)
}

/// Removes all that a restore needs.
pub(super) fn clear(dir: &Path) -> io::Result<()> {
    match fs::remove_dir_all(dir.join(FOLDER)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Puts the unpacked data in place. Nobody may have the folder open.
///
/// # Errors
/// The disk refuses; the next start goes on from there.
pub fn put_in_place(dir: &Path) -> io::Result<()> {
    write(dir, State::Away)?;
    go_on(dir, State::Away).map(drop)
}

/// To be called before a start: finishes what a crash interrupted, and says what there is.
///
/// # Errors
/// The disk refuses.
pub fn resume(dir: &Path) -> io::Result<Found> {
    match fs::read_to_string(dir.join(FOLDER).join(STATE)) {
        Ok(text) => match State::parse(&text) {
            Some(state) => go_on(dir, state),
            None => Err(io::Error::other(format!("{FOLDER}/{STATE} cannot be read"))),
        },
        // It came no further than unpacking.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            clear(dir)?;
            Ok(Found::Nothing)
        }
        // A folder that cannot be looked into cannot be opened either, which says why.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(Found::Nothing),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(Found::Nothing),
        Err(error) => Err(error),
    }
}

/// The new data serves: the old one goes.
///
/// # Errors
/// The disk refuses.
pub fn confirm(dir: &Path) -> io::Result<()> {
    let state = dir.join(FOLDER).join(STATE);
    match fs::remove_file(&state) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        done => done?,
    }
    clear(dir)
}

/// Takes the new data away and puts the old one back.
///
/// # Errors
/// The disk refuses; the next start goes on from there.
pub fn roll_back(dir: &Path) -> io::Result<()> {
    write(dir, State::BackAway)?;
    go_on(dir, State::BackAway).map(drop)
}

fn go_on(dir: &Path, mut state: State) -> io::Result<Found> {
    let place = |name: &str| dir.join(FOLDER).join(name);
    loop {
        state = match state {
            State::Away => {
                move_all(dir, &place(OLD))?;
                State::In
            }
            State::In => {
                move_all(&place(NEW), dir)?;
                State::Trial(0)
            }
            State::Trial(TRIALS..) => State::BackAway,
            State::Trial(number) => {
                // Written down before each start, the first one included.
                write(dir, State::Trial(number + 1))?;
                return Ok(Found::NewData);
            }
            State::BackAway => {
                move_all(dir, &place(FAILED))?;
                State::BackIn
            }
            State::BackIn => {
                move_all(&place(OLD), dir)?;
                fs::remove_file(place(STATE))?;
                clear(dir)?;
                return Ok(Found::RolledBack);
            }
        };
        write(dir, state)?;
    }
}

/// Moves what is in one folder to another, but for what no restore touches.
fn move_all(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| LEFT_OUT.contains(&name)) {
            continue;
        }
        fs::rename(entry.path(), to.join(&name))?;
    }
    sync(from)?;
    sync(to)
}

fn write(dir: &Path, state: State) -> io::Result<()> {
    let folder = dir.join(FOLDER);
    let next = folder.join("state.next");
    let mut file = File::create(&next)?;
    file.write_all(state.text().as_bytes())?;
    file.sync_data()?;
    fs::rename(&next, folder.join(STATE))?;
    sync(&folder)
}

/// Makes names outlive a loss of power, where the system can.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(path: PathBuf, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn data(dir: &Path) -> String {
        fs::read_to_string(dir.join("data.db")).unwrap()
    }

    /// Old data, new data that is unpacked, and a backup.
    fn bench() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path().join("data.db"), "old");
        put(dir.path().join("data.db-wal"), "old log");
        put(dir.path().join("backups/a.zip"), "a backup");
        let new = prepare(dir.path()).unwrap();
        put(new.join("data.db"), "new");
        put(new.join("storage/c/r/a.txt"), "a file");
        dir
    }

    #[test]
    fn new_data_takes_the_place_of_the_old_and_backups_stay() {
        let bench = bench();
        let dir = bench.path();
        put_in_place(dir).unwrap();
        assert_eq!(data(dir), "new");
        assert!(dir.join("storage/c/r/a.txt").exists() && dir.join("backups/a.zip").exists());
        assert!(!dir.join("data.db-wal").exists(), "the log of the old data is not for the new");
        assert_eq!(resume(dir).unwrap(), Found::NewData);
        confirm(dir).unwrap();
        assert!(!dir.join(FOLDER).exists());
        assert_eq!(resume(dir).unwrap(), Found::Nothing);
    }

    #[test]
    fn old_data_comes_back_whole() {
        let bench = bench();
        let dir = bench.path();
        put_in_place(dir).unwrap();
        roll_back(dir).unwrap();
        assert_eq!(data(dir), "old");
        assert_eq!(fs::read_to_string(dir.join("data.db-wal")).unwrap(), "old log");
        assert!(!dir.join("storage").exists() && !dir.join(FOLDER).exists());
    }

    #[test]
    fn new_data_that_never_serves_is_given_up() {
        let bench = bench();
        let dir = bench.path();
        put_in_place(dir).unwrap();
        let mut starts = 0;
        while resume(dir).unwrap() == Found::NewData {
            starts += 1;
        }
        assert_eq!((starts, data(dir).as_str()), (TRIALS - 1, "old"));
    }

    /// A crash after each single rename: the next start ends with one of the two, whole.
    #[test]
    fn a_crash_in_between_is_gone_on_from() {
        for (state, moved) in [
            (State::Away, ["data.db"].as_slice()),
            (State::Away, &["data.db", "data.db-wal"]),
            (State::Away, &[]),
        ] {
            let bench = bench();
            let dir = bench.path();
            write(dir, state).unwrap();
            fs::create_dir_all(dir.join(FOLDER).join(OLD)).unwrap();
            for name in moved {
                fs::rename(dir.join(name), dir.join(FOLDER).join(OLD).join(name)).unwrap();
            }
            assert_eq!(resume(dir).unwrap(), Found::NewData);
            assert_eq!(data(dir), "new");
            roll_back(dir).unwrap();
            assert_eq!(data(dir), "old");
            assert!(dir.join("data.db-wal").exists());
        }
        let bench = bench();
        let dir = bench.path();
        put(dir.join(FOLDER).join("new/x"), "half");
        assert_eq!(resume(dir).unwrap(), Found::Nothing);
        assert_eq!(data(dir), "old", "what was not unpacked whole changes nothing");
        assert!(!dir.join(FOLDER).exists());
    }
}
