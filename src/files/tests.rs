//! Uploads against a real folder.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::files::thumb::{Size, Wanted};
use crate::files::{FileKey, Files, Sweep, Upload};
use crate::logs::heard;

fn arrive(files: &Files, content: &[u8]) -> Upload {
    let mut receiving = files.receive("doc", "Hello World.TXT");
    for piece in content.chunks(3) {
        receiving.write(piece).unwrap();
    }
    receiving.finish().unwrap()
}

fn all_files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(all_files(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn a_kept_upload_can_be_read_with_what_is_known_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let files = Files::open(dir.path(), false).unwrap();
    let upload = arrive(&files, b"hello world");
    upload.place("pbc_1", "abc").unwrap();
    upload.keep();
    let key = FileKey::new("pbc_1", "abc", &upload.name).unwrap();
    drop(upload);
    let mut opened = files.read(&key).unwrap().unwrap();
    let mut text = String::new();
    opened.content.read_to_string(&mut text).unwrap();
    assert_eq!((text.as_str(), opened.length), ("hello world", 11));
    assert_eq!(opened.attributes.content_type, "text/plain; charset=utf-8");
    assert_eq!(opened.attributes.md5, "XrY7u+Ae7tCTyyK7j1rNww==");
    assert_eq!(opened.attributes.metadata["original-filename"], "Hello World.TXT");
    assert!(dir.path().join("storage/pbc_1/abc").join(key.name()).is_file());
    files.remove(vec![key.clone()]);
    files.close();
    assert!(files.read(&key).unwrap().is_none());
    assert!(!dir.path().join("storage/pbc_1/abc").exists());
}

#[test]
fn what_nobody_keeps_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let files = Files::open(dir.path(), false).unwrap();
    let mut broken_off = files.receive("doc", "a.txt");
    broken_off.write(b"half").unwrap();
    let (arrived, placed) = (arrive(&files, b"one"), arrive(&files, b"two"));
    placed.place("pbc_1", "abc").unwrap();
    assert_eq!(all_files(dir.path()).len(), 4);
    drop((broken_off, arrived, placed));
    files.close();
    assert_eq!(all_files(dir.path()), Vec::<PathBuf>::new());
}

#[test]
fn an_unsafe_record_id_is_no_place() {
    let dir = tempfile::tempdir().unwrap();
    let files = Files::open(dir.path(), false).unwrap();
    let upload = arrive(&files, b"x");
    upload.place("pbc_1", "../../x").unwrap();
    assert!(!upload.is_placed("pbc_1", "../../x"));
    upload.keep();
    drop(upload);
    files.close();
    assert_eq!(all_files(dir.path()), Vec::<PathBuf>::new());
}

#[test]
fn uploads_of_a_crashed_process_are_removed_at_start_but_not_by_one_that_joins() {
    let dir = tempfile::tempdir().unwrap();
    let files = Files::open(dir.path(), false).unwrap();
    let mut lost = files.receive("doc", "a.txt");
    lost.write(b"half").unwrap();
    std::mem::forget(lost);
    let beside = Files::open(dir.path(), true).unwrap();
    beside.close();
    assert_eq!(all_files(dir.path()).len(), 1);
    let files = Files::open(dir.path(), false).unwrap();
    let upload = arrive(&files, b"mine");
    files.close();
    assert_eq!(all_files(dir.path()).len(), 1);
    drop(upload);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what others leave in the folder")]
fn a_walk_takes_a_file_and_what_belongs_to_it_together() {
    let dir = tempfile::tempdir().unwrap();
    let files = Files::open(dir.path(), false).unwrap();
    for (collection, record) in [("a", "1"), ("b", "1")] {
        let upload = arrive(&files, b"x");
        upload.place(collection, record).unwrap();
        upload.keep();
    }
    let folder = dir.path().join("storage/a/2");
    fs::create_dir_all(folder.join("thumbs_cut.png")).unwrap();
    fs::create_dir_all(folder.join("foreign")).unwrap();
    for name in ["lone.txt.attrs", "plain.txt", "thumbs_cut.png/100x100_cut.png"] {
        fs::write(folder.join(name), "x").unwrap();
    }
    fs::write(dir.path().join("storage/readme.txt"), "x").unwrap();
    let mut found: Vec<_> = files.storage().walk(Some("a")).map(Result::unwrap).collect();
    found.sort_by(|a, b| a.record.cmp(&b.record));
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].record.as_str(), found[0].files.len()), ("1", 1));
    assert!(found[0].files[0].has_traces);
    let of = |file: &crate::files::FoundFile| (file.name.clone(), file.has_traces);
    let names: Vec<_> = found[1].files.iter().map(of).collect();
    let expected = [("cut.png", true), ("lone.txt", true), ("plain.txt", false)];
    assert_eq!(names, expected.map(|(name, traces)| (name.to_owned(), traces)));
    assert_eq!(files.storage().walk(None).count(), 3);
    assert_eq!(files.storage().walk(Some("..")).count(), 0);
    assert_eq!(files.storage().walk(Some("c")).count(), 0);
    files.close();
}

#[test]
fn a_file_is_in_flight_until_it_is_kept_or_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let files = Files::open(dir.path(), false).unwrap();
    let uploads = [arrive(&files, b"kept"), arrive(&files, b"dropped")];
    let keys = uploads.each_ref().map(|upload| {
        upload.place("a", "1").unwrap();
        FileKey::new("a", "1", &upload.name).unwrap()
    });
    assert!(keys.iter().all(|key| files.is_in_flight(key)));
    uploads[0].keep();
    drop(uploads);
    assert!(!keys.iter().any(|key| files.is_in_flight(key)));
    files.close();
}

#[test]
fn s3_a_panic_over_a_removal_is_told_and_the_next_one_is_done() {
    heard::listen();
    let dir = tempfile::tempdir().unwrap();
    let (files, trap) = Files::trapped(dir.path()).unwrap();
    let mut keys = Vec::new();
    for record in ["abc", "def"] {
        let upload = arrive(&files, b"hello world");
        upload.place("pbc_1", record).unwrap();
        upload.keep();
        keys.push(FileKey::new("pbc_1", record, &upload.name).unwrap());
    }
    trap.arm("remove");
    keys.iter().for_each(|key| files.remove(vec![key.clone()]));
    files.close();
    heard::wait_for("removing files panicked");
    assert!(files.read(&keys[0]).unwrap().is_some());
    assert!(files.read(&keys[1]).unwrap().is_none());
    // What is left is looked for.
    assert_eq!(files.sweeps().next(std::time::Duration::ZERO, Sweep::Noted), Some(Sweep::All));
}

#[tokio::test]
async fn s3_a_panic_over_a_thumb_is_told_and_the_next_one_is_made() {
    heard::listen();
    let dir = tempfile::tempdir().unwrap();
    let (files, trap) = Files::trapped(dir.path()).unwrap();
    let mut picture = Vec::new();
    let pixels = image::RgbImage::new(20, 20);
    pixels.write_to(&mut std::io::Cursor::new(&mut picture), image::ImageFormat::Png).unwrap();
    let mut wanted = Vec::new();
    for record in ["abc", "def"] {
        let upload = arrive(&files, &picture);
        upload.place("pbc_1", record).unwrap();
        upload.keep();
        let key = FileKey::new("pbc_1", record, &upload.name).unwrap();
        let size = Size::parse("10x10").unwrap();
        wanted.push(Wanted::of(&key, "image/png", size, false).unwrap());
    }
    trap.arm("open");
    for wanted in wanted {
        let is_first = !trap.is_sprung();
        assert_eq!(files.thumb(wanted).await.is_err(), is_first);
    }
    heard::wait_for("making a thumb panicked");
}
