//! A public folder on the disk, asked as a browser and as an attacker would.

use std::fs::{File, create_dir_all};
use std::io::Write as _;
use std::path::Path;

use actix_web::HttpResponse;
use actix_web::body::to_bytes;
use actix_web::test::TestRequest;

use crate::http::public::{MAX_KEPT, Public};

fn write(path: &Path, bytes: &[u8]) {
    create_dir_all(path.parent().unwrap()).unwrap();
    File::create(path).unwrap().write_all(bytes).unwrap();
}

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let public = dir.path().join("public");
    write(&dir.path().join("secret.txt"), b"secret");
    write(&public.join("index.html"), b"root");
    write(&public.join("a/index.html"), b"a");
    write(&public.join("b/x.txt"), b"bfile\n");
    write(&public.join("s p.txt"), b"spaced");
    write(&public.join("app.js"), b"1");
    write(&public.join("plain"), "ü".as_bytes());
    write(&public.join("binary"), b"\0\x01\xff");
    write(&public.join(".env"), b"KEY=secret");
    write(&public.join(".git/config"), b"secret");
    write(&public.join(".well-known/x"), b"seen");
    write(&public.join("large.bin"), &vec![b'x'; usize::try_from(MAX_KEPT).unwrap() + 1]);
    dir
}

fn public(dir: &tempfile::TempDir, index_fallback: bool) -> Public {
    Public::new(dir.path().join("public"), index_fallback)
}

fn get(public: &Public, path: &str) -> Option<HttpResponse> {
    public.serve(&TestRequest::get().uri(path).to_http_request())
}

async fn text(response: HttpResponse) -> String {
    let bytes = to_bytes(response.into_body()).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn header(response: &HttpResponse, name: &str) -> String {
    let value = response.headers().get(name).map(|value| value.to_str().unwrap());
    value.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn files_and_folders_answer_as_the_contract_says() {
    let dir = folder();
    let public = public(&dir, false);
    for (path, expected) in [
        ("/", "root"),
        ("/a/", "a"),
        ("/b/x.txt", "bfile\n"),
        ("/s%20p.txt", "spaced"),
        ("/.well-known/x", "seen"),
        ("/b/x.txt?v=1", "bfile\n"),
    ] {
        // Twice: from the disk, then from memory.
        for _ in 0..2 {
            assert_eq!(text(get(&public, path).expect(path)).await, expected, "{path}");
        }
    }
    for (path, target) in [
        ("/a", "/a/"),
        ("/a?x=1", "/a/?x=1"),
        ("/index.html", "/"),
        ("/a/index.html", "/a/"),
        ("/b/x.txt/", "/b/x.txt"),
    ] {
        let response = get(&public, path).expect(path);
        assert_eq!(response.status(), 301, "{path}");
        assert_eq!(header(&response, "location"), target, "{path}");
    }
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/app.js", "text/javascript; charset=utf-8"),
        ("/plain", "text/plain; charset=utf-8"),
        ("/binary", "application/octet-stream"),
    ] {
        let response = get(&public, path).expect(path);
        assert_eq!(header(&response, "content-type"), kind, "{path}");
        assert!(response.headers().get("content-disposition").is_none());
    }
}

#[tokio::test]
async fn nothing_outside_or_hidden_is_served() {
    let dir = folder();
    let (strict, fallback) = (public(&dir, false), public(&dir, true));
    for path in [
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/a%2f..%2f..%2fsecret.txt",
        "/..%5csecret.txt",
        "/%2fetc%2fpasswd",
        "/.env",
        "/.git/config",
        "/a%00b",
        "/%ff",
        "/nope",
        "/b/x.txt/y",
        "/b/",
    ] {
        assert!(get(&strict, path).is_none(), "{path}");
        let response = get(&fallback, path).expect(path);
        assert_eq!(text(response).await, "root", "{path}");
    }
    let absent = Public::new(dir.path().join("absent"), true);
    assert!(get(&absent, "/").is_none());
}

#[tokio::test]
async fn a_changed_file_is_seen_at_once() {
    let dir = folder();
    let public = public(&dir, false);
    assert_eq!(text(get(&public, "/app.js").unwrap()).await, "1");
    write(&dir.path().join("public/app.js"), b"22");
    assert_eq!(text(get(&public, "/app.js").unwrap()).await, "22");
    std::fs::remove_file(dir.path().join("public/app.js")).unwrap();
    assert!(get(&public, "/app.js").is_none());
}

#[tokio::test]
async fn ranges_and_conditions_are_honoured() {
    let dir = folder();
    let public = public(&dir, false);
    let ask = |path: &str, name: &'static str, value: &str| {
        let request = TestRequest::get().uri(path).insert_header((name, value.to_owned()));
        public.serve(&request.to_http_request()).unwrap()
    };
    let part = ask("/b/x.txt", "range", "bytes=1-2");
    assert_eq!(
        (part.status().as_u16(), header(&part, "content-range")),
        (206, "bytes 1-2/6".into())
    );
    assert_eq!(text(part).await, "fi");
    let first = get(&public, "/b/x.txt").unwrap();
    let (tag, modified) = (header(&first, "etag"), header(&first, "last-modified"));
    assert_eq!(ask("/b/x.txt", "if-none-match", &tag).status(), 304);
    assert_eq!(ask("/b/x.txt", "if-modified-since", &modified).status(), 304);
    let large = get(&public, "/large.bin").unwrap();
    assert_eq!(text(large).await.len() as u64, MAX_KEPT + 1);
}

#[tokio::test]
async fn a_folder_that_is_followed_is_seen_whatever_its_files_say_of_themselves() {
    let dir = folder();
    let public = std::sync::Arc::new(public(&dir, false));
    let path = dir.path().join("public/app.js");
    let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
    assert_eq!(text(get(&public, "/app.js").unwrap()).await, "1");
    let _watch = public.follow().expect("the folder is there");
    write(&path, b"2");
    File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    let seen = async {
        while text(get(&public, "/app.js").unwrap()).await != "2" {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), seen).await.expect("the new text");
}
