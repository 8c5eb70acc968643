//! Where the data folder lies when the program runs in a container: what is on no volume is gone
//! with the container.

use std::fs;
use std::path::{Path, PathBuf};

use crate::checks::{Finding, Level};

/// What is known of the place the program runs in.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    in_container: bool,
    mounts: Vec<Mount>,
}

/// What the data folder lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Volume {
    /// The program runs in no container, or the folder lies on a volume.
    Kept,
    /// A volume without a name: the next container gets another one.
    Nameless,
    /// Memory.
    Memory,
    /// The container itself.
    None,
}

/// A line of `mountinfo`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mount {
    /// What of the other file system is mounted.
    root: String,
    at: PathBuf,
    kind: String,
}

impl Surroundings {
    /// Those of this process.
    pub fn of_process() -> Self {
        Self::below(Path::new("/"))
    }

    /// As [`Surroundings::of_process`], with another folder in the place of `/`.
    pub fn below(top: &Path) -> Self {
        let text = |path: &str| fs::read_to_string(top.join(path)).unwrap_or_default();
        let mounts: Vec<Mount> = text("proc/self/mountinfo").lines().filter_map(mount).collect();
        let is_marked = [".dockerenv", "run/.containerenv"].iter().any(|m| top.join(m).exists());
        let groups = text("proc/1/cgroup");
        let names = ["docker", "kubepods", "containerd", "libpod", "lxc"];
        let is_grouped = names.iter().any(|name| groups.contains(name));
        let on_overlay = mounts.iter().any(|m| m.at == Path::new("/") && m.kind == "overlay");
        Self { in_container: is_marked || is_grouped || on_overlay, mounts }
    }

    /// What `dir` lies on.
    pub fn volume_of(&self, dir: &Path) -> Volume {
        if !self.in_container {
            return Volume::Kept;
        }
        // The last of several at one place hides the others.
        let above = self.mounts.iter().filter(|mount| dir.starts_with(&mount.at));
        match above.max_by_key(|mount| mount.at.components().count()) {
            None => Volume::Kept,
            Some(mount) if mount.kind == "tmpfs" || mount.kind == "ramfs" => Volume::Memory,
            Some(mount) if mount.at == Path::new("/") || mount.kind == "overlay" => Volume::None,
            Some(mount) if is_nameless(&mount.root) => Volume::Nameless,
            Some(_) => Volume::Kept,
        }
    }

    /// What is the matter with the place of the data folder, if anything.
    pub fn look(&self, dir: &Path) -> Option<Finding> {
        let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
        let shown = dir.display();
        let (level, lies) = match self.volume_of(&dir) {
            Volume::Kept => return None,
            Volume::Nameless => (Level::Warning, "lies on a volume without a name"),
            Volume::Memory => (Level::Error, "lies in memory"),
            Volume::None => (Level::Error, "lies in the container itself"),
        };
        let what = format!("the data folder {shown} {lies}");
        let why = "the next container starts without it: every record, file and account is gone";
        let todo = format!("mount a volume there, such as: docker run -v greenroom_data:{shown} …");
        Some(Finding::new("container_without_volume", level, what, why, todo))
    }
}

/// What an image asks for without saying which volume it is to be.
fn is_nameless(root: &str) -> bool {
    let folder = root.strip_suffix("/_data").and_then(|rest| rest.rsplit('/').next());
    folder.is_some_and(|name| name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// `36 35 98:0 /root /at options [optional…] - kind source options`
fn mount(line: &str) -> Option<Mount> {
    let (head, tail) = line.split_once(" - ")?;
    let mut head = head.split(' ').skip(3);
    let (root, at) = (head.next()?, head.next()?);
    let kind = tail.split(' ').next()?;
    Some(Mount { root: unescaped(root), at: unescaped(at).into(), kind: kind.to_owned() })
}

/// Spaces and their kind are written as `\040`.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match code {
            Some(code) => {
                out.push(char::from(code));
                out.push_str(&part[3..]);
            }
            None => {
                out.push('\\');
                out.push_str(part);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const OVERLAY: &str =
        "612 540 0:52 / / rw,relatime master:3 - overlay overlay rw,upperdir=/var/lib/d/upper";

    /// A top folder with a mountinfo of these lines.
    #[expect(clippy::disallowed_methods, reason = "a folder is made up for the test")]
    fn top(lines: &[String], marked: bool) -> tempfile::TempDir {
        let top = tempfile::tempdir().unwrap();
        let place = top.path().join("proc/self");
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("mountinfo"), lines.join("\n")).unwrap();
        if marked {
            fs::write(top.path().join(".dockerenv"), "").unwrap();
        }
        top
    }

    fn volume(lines: &[&str], marked: bool) -> Volume {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let top = top(&lines, marked);
        Surroundings::below(top.path()).volume_of(Path::new("/app/gr data"))
    }

    #[test]
    fn r23_a_container_without_a_volume_is_found() {
        let disk = "22 1 8:1 / / rw - ext4 /dev/sda1 rw";
        let named =
            r"630 612 8:1 /volumes/mine/_data /app/gr\040data rw master:1 - ext4 /dev/sda1 rw";
        let nameless =
            format!("630 612 8:1 /volumes/{}/_data /app rw - ext4 /dev/sda1 rw", "a1".repeat(32));
        let memory = "631 612 0:60 / /app rw - tmpfs tmpfs rw";
        let beside = "632 612 8:1 /x /app/gr rw - ext4 /dev/sda1 rw";
        for (lines, marked, expected) in [
            (vec![disk], false, Volume::Kept),
            (vec![disk], true, Volume::None),
            (vec![OVERLAY], false, Volume::None),
            (vec![OVERLAY, named], true, Volume::Kept),
            (vec![OVERLAY, nameless.as_str()], true, Volume::Nameless),
            (vec![OVERLAY, memory], true, Volume::Memory),
            (vec![OVERLAY, beside], true, Volume::None),
            (vec![], true, Volume::Kept),
        ] {
            assert_eq!(volume(&lines, marked), expected, "{lines:?}");
        }
    }

    #[test]
    fn r23_the_finding_names_the_folder_and_the_way_out() {
        let top = top(&[OVERLAY.to_owned()], false);
        let found = Surroundings::below(top.path()).look(Path::new("/data/of/nobody")).unwrap();
        assert_eq!(found.level, Level::Error);
        assert!(found.what.contains("/data/of/nobody"), "{}", found.what);
        assert!(found.todo.contains("-v greenroom_data:/data/of/nobody"), "{}", found.todo);
    }
}
