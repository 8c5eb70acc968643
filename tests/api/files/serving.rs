//! Conditions, ranges, and addresses that lead elsewhere.

use serde_json::json;

use super::form::Form;
use crate::support::{Caller, TestApp};

async fn papers(root: &Caller) -> (String, String) {
    let fields = json!([{"name": "doc", "type": "file"}]);
    let made = root.post("/api/collections", json!({"name": "papers", "fields": fields})).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let form = Form::new().file("doc", "hello.txt", "hello world");
    let made = form.post(root, "/api/collections/papers/records").await;
    let text = |key: &str| made.body[key].as_str().expect("text").to_owned();
    (text("id"), text("doc"))
}

#[tokio::test]
async fn a_file_that_is_known_is_not_sent_again() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let (id, name) = papers(&root).await;
    let path = format!("/api/files/papers/{id}/{name}");
    let first = root.fetch(&path, &[]).await;
    // The MD5 of its content, which its sidecar holds.
    let tag = "\"XrY7u+Ae7tCTyyK7j1rNww==\"";
    assert_eq!((first.status, first.header("etag")), (200, tag));
    let date = first.header("last-modified").to_owned();
    let (weak, list) = (format!("W/{tag}"), format!("\"a\", {tag}"));
    for (headers, status) in [
        (vec![("if-none-match", tag)], 304),
        (vec![("if-none-match", weak.as_str())], 304),
        (vec![("if-none-match", list.as_str())], 304),
        (vec![("if-none-match", "*")], 304),
        (vec![("if-none-match", "\"other\"")], 200),
        (vec![("if-modified-since", date.as_str())], 304),
        // The tag counts more than the date.
        (vec![("if-none-match", "\"other\""), ("if-modified-since", date.as_str())], 200),
        (vec![("if-match", tag)], 200),
        (vec![("if-match", weak.as_str())], 412),
        (vec![("if-match", "\"other\"")], 412),
        (vec![("if-unmodified-since", "Fri, 01 Jan 1999 00:00:00 GMT")], 412),
        (vec![("range", "bytes=0-4")], 206),
        (vec![("range", "bytes=0-4"), ("if-range", tag)], 206),
        (vec![("range", "bytes=0-4"), ("if-range", date.as_str())], 206),
        // A weak tag does not promise the same bytes.
        (vec![("range", "bytes=0-4"), ("if-range", weak.as_str())], 200),
        (vec![("range", "bytes=0-4"), ("if-range", "\"other\"")], 200),
        (vec![("range", "bytes=0-4"), ("if-none-match", tag)], 304),
        (vec![("range", "bytes=100-")], 416),
    ] {
        let got = root.fetch(&path, &headers).await;
        assert_eq!(got.status, status, "{headers:?}");
        match status {
            200 => assert_eq!(got.bytes, b"hello world"),
            206 => assert_eq!(got.bytes, b"hello"),
            304 => assert_eq!((got.header("etag"), got.bytes.len()), (tag, 0)),
            _ => {}
        }
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a file that no record names")]
async fn no_address_leads_out_of_the_record() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let (id, name) = papers(&root).await;
    std::fs::write(app.app.config.dir.join("storage/secret.txt"), "secret").expect("a file");
    let collections = ["papers", "..%2fstorage", "%2e%2e", "..%5c.."];
    let records = [id.as_str(), "..", "%2e%2e", "..%2f..", "%00"];
    let attrs = format!("{name}.attrs");
    let thumbs = format!("thumbs_{name}%2f100x100_{name}");
    let upper = name.to_uppercase();
    for collection in collections {
        for record in records {
            for file in [
                "..%2fsecret.txt",
                "..%2f..%2fsecret.txt",
                "..%2f..%2f..%2fdata.db",
                "%2e%2e",
                "..%5c..%5cdata.db",
                "%2fetc%2fpasswd",
                "secret.txt",
                "%00",
                &attrs,
                &thumbs,
                &upper,
                "..%252fsecret.txt",
            ] {
                let path = format!("/api/files/{collection}/{record}/{file}");
                for query in ["", "?thumb=100x100", "?thumb=..%2f..%2f100x100"] {
                    let got = root.fetch(&format!("{path}{query}"), &[]).await;
                    assert_eq!(got.status, 404, "{path}{query}");
                }
            }
        }
    }
}

#[tokio::test]
async fn names_of_uploads_become_harmless() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    papers(&root).await;
    for sent in [
        "../../etc/passwd",
        "..\\..\\win.ini",
        "/etc/passwd",
        "C:\\boot.ini",
        "....//x.txt",
        "thumbs_x.png",
        "a\u{202e}gpj.exe",
        "%2e%2e%2fx.txt",
        "con.txt",
        "..",
    ] {
        let form = Form::new().file("doc", sent, "x");
        let made = form.post(&root, "/api/collections/papers/records").await;
        assert_eq!(made.status, 200, "{sent}: {}", made.body);
        let name = made.body["doc"].as_str().expect("a name");
        assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._".contains(&b)), "{name}");
        assert!(!name.starts_with('.') && !name.starts_with("thumbs_x.png"), "{name}");
        let id = made.body["id"].as_str().expect("an id");
        let got = root.fetch(&format!("/api/files/papers/{id}/{name}"), &[]).await;
        assert_eq!((got.status, got.bytes.as_slice()), (200, &b"x"[..]), "{sent}");
    }
}
