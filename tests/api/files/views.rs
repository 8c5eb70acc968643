//! Files that a view names, back to the record that holds them.

use image::ImageFormat;
use serde_json::json;

use super::form::Form;
use super::thumbs::picture;
use crate::support::TestApp;

#[tokio::test]
async fn a_file_is_found_through_five_views_and_not_through_six() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let fields = json!([
        {"name": "img", "type": "file", "thumbs": ["20x10"]},
        {"name": "more", "type": "file", "maxSelect": 3},
        {"name": "inner", "type": "file", "hidden": true},
    ]);
    let body = json!({"name": "base", "fields": fields});
    assert_eq!(root.post("/api/collections", body).await.status, 200);
    let png = picture(40, 30, ImageFormat::Png);
    let form = Form::new().bytes("img", "a.png", &png).file("more", "b.txt", "b");
    let form = form.file("more", "c.txt", "c").file("inner", "d.txt", "d");
    let made = form.post(&root, "/api/collections/base/records").await;
    assert_eq!(made.status, 200, "{}", made.body);
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    let (id, img) = (text(&made.body["id"]), text(&made.body["img"]));
    let (second, inner) = (text(&made.body["more"][1]), text(&made.body["inner"]));
    let mut queries = vec!["select id, img as f, more, inner from base".to_owned()];
    queries.extend((1..6).map(|n| format!("select v{n}.id, v{n}.f, v{n}.more from v{n}")));
    for (n, query) in queries.into_iter().enumerate() {
        let name = format!("v{}", n + 1);
        let body = json!({"name": name, "type": "view", "viewQuery": query});
        let made = root.post("/api/collections", body).await;
        assert_eq!(made.status, 200, "{}", made.body);
        let got = root.fetch(&format!("/api/files/{name}/{id}/{img}?thumb=20x10"), &[]).await;
        let other = root.fetch(&format!("/api/files/{name}/{id}/{second}"), &[]).await;
        if n < 5 {
            let thumb = image::load_from_memory(&got.bytes).expect("a picture");
            assert_eq!((thumb.width(), thumb.height()), (20, 10), "{name}");
            assert_eq!(other.bytes, b"c", "{name}");
        } else {
            assert_eq!((got.status, other.status), (404, 404), "{name}");
        }
    }
    for path in [format!("base/{id}/{inner}"), format!("v1/{id}/{inner}"), format!("v1/no/{img}")] {
        assert_eq!(root.fetch(&format!("/api/files/{path}"), &[]).await.status, 404, "{path}");
    }
    let computed = json!({"name": "vx", "type": "view",
        "viewQuery": "select id, max(img) as f from base group by id"});
    assert_eq!(root.post("/api/collections", computed).await.status, 200);
    assert_eq!(root.fetch(&format!("/api/files/vx/{id}/{img}"), &[]).await.status, 404);
}
