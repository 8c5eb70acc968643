//! Uploads against a real folder.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::files::{FileKey, Files, Upload};

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
    let files = Files::open(dir.path()).unwrap();
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
    let files = Files::open(dir.path()).unwrap();
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
    let files = Files::open(dir.path()).unwrap();
    let upload = arrive(&files, b"x");
    upload.place("pbc_1", "../../x").unwrap();
    assert!(!upload.is_placed("pbc_1", "../../x"));
    upload.keep();
    drop(upload);
    files.close();
    assert_eq!(all_files(dir.path()), Vec::<PathBuf>::new());
}

#[test]
fn uploads_of_a_crashed_process_are_removed_at_start() {
    let dir = tempfile::tempdir().unwrap();
    let files = Files::open(dir.path()).unwrap();
    let mut lost = files.receive("doc", "a.txt");
    lost.write(b"half").unwrap();
    std::mem::forget(lost);
    assert_eq!(all_files(dir.path()).len(), 1);
    let files = Files::open(dir.path()).unwrap();
    assert_eq!(all_files(dir.path()), Vec::<PathBuf>::new());
    files.close();
}

#[test]
fn a_collection_goes_as_a_whole() {
    let dir = tempfile::tempdir().unwrap();
    let files = Files::open(dir.path()).unwrap();
    for (collection, record) in [("a", "1"), ("a", "2"), ("b", "1")] {
        let upload = arrive(&files, b"x");
        upload.place(collection, record).unwrap();
        upload.keep();
    }
    files.remove_collection("a");
    files.remove_collection("..");
    files.close();
    assert!(!dir.path().join("storage/a").exists());
    assert_eq!(all_files(&dir.path().join("storage/b")).len(), 2);
}
