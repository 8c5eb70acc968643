//! What a browser is told of a file: never that it may run what somebody uploaded.

use image::ImageFormat;
use serde_json::json;

use super::form::Form;
use super::thumbs::picture;
use crate::support::TestApp;

const SVG: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
/// Types with which a browser runs scripts.
const ACTIVE: [&str; 6] = [
    "text/html",
    "image/svg+xml",
    "application/xhtml+xml",
    "text/xml",
    "text/javascript",
    "text/css",
];

#[tokio::test]
async fn nothing_that_runs_is_shown_inline() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let fields = json!([{"name": "doc", "type": "file", "thumbs": ["20x10"]}]);
    let made = root.post("/api/collections", json!({"name": "papers", "fields": fields})).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let png = picture(40, 30, ImageFormat::Png);
    let gif = picture(40, 30, ImageFormat::Gif);
    let html = b"<html><script>alert(1)</script></html>";
    let cases: [(&str, Vec<u8>, &str, &str); 18] = [
        ("a.html", html.to_vec(), "text/html; charset=utf-8", "attachment"),
        ("a.png", html.to_vec(), "text/html; charset=utf-8", "attachment"),
        ("a.svg", SVG.to_vec(), "image/svg+xml", "attachment"),
        ("b.png", SVG.to_vec(), "image/svg+xml", "attachment"),
        ("c.svg", png.clone(), "image/svg+xml", "attachment"),
        ("d.svg", [b"BM", SVG].concat(), "image/svg+xml", "attachment"),
        ("e.svg", [b"<!--ftypisom-->", SVG].concat(), "image/svg+xml", "attachment"),
        ("f.svg", [b"RIFF<!--WEBP-->", SVG].concat(), "image/svg+xml", "attachment"),
        ("b.html", [&b"GIF89a/*"[..], html, b"*/=1"].concat(), "image/gif", "inline"),
        ("c.html", [&b"%PDF-1.4\n"[..], html].concat(), "application/pdf", "inline"),
        ("d.html", [&png[..], html].concat(), "image/png", "inline"),
        ("e.html", [&b"ID3"[..], html].concat(), "text/plain; charset=utf-8", "attachment"),
        ("a.js", gif.clone(), "text/javascript", "attachment"),
        ("a.mjs", b"%PDF-1.4".to_vec(), "text/javascript", "attachment"),
        ("a.css", gif.clone(), "text/css", "attachment"),
        ("a.xml", b"<?xml version=\"1.0\"?><a/>".to_vec(), "text/xml; charset=utf-8", "attachment"),
        ("g.png", png, "image/png", "inline"),
        ("a.txt", b"hello".to_vec(), "text/plain; charset=utf-8", "attachment"),
    ];
    for (name, content, kind, way) in cases {
        let form = Form::new().bytes("doc", name, &content);
        let made = form.post(&root, "/api/collections/papers/records").await;
        assert_eq!(made.status, 200, "{name}: {}", made.body);
        let text = |key: &str| made.body[key].as_str().expect("text");
        let path = format!("/api/files/papers/{}/{}", text("id"), text("doc"));
        for query in ["", "?thumb=20x10", "?download=1"] {
            let got = root.fetch(&format!("{path}{query}"), &[]).await;
            assert_eq!((got.status, got.header("content-type")), (200, kind), "{name}{query}");
            let shown = got.header("content-disposition").split(';').next().unwrap_or_default();
            let way = if query == "?download=1" { "attachment" } else { way };
            assert_eq!(shown, way, "{name}{query}");
            let essence = kind.split(';').next().unwrap_or_default();
            assert!(way == "attachment" || !ACTIVE.contains(&essence), "{name}");
            // Should a browser show it all the same, it runs nothing and guesses nothing.
            assert!(got.header("content-security-policy").ends_with("; sandbox"), "{name}");
            assert_eq!(got.header("x-content-type-options"), "nosniff", "{name}");
            assert_eq!(got.header("x-frame-options"), "", "{name}");
        }
    }
}
