//! Thumbs over the wire: sizes, kinds, the cache beside the original, and what has none.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use serde_json::json;

use super::folder::{left, stored};
use super::form::Form;
use crate::support::{Caller, Fetched, TestApp};

const WEBP: [(&str, &str); 1] = [("accept", "image/avif,image/webp;q=0.8,*/*")];

/// A picture, red above and blue below.
pub fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let pixel = |_, y| Rgba(if y < height / 2 { [255, 0, 0, 255] } else { [0, 0, 255, 255] });
    let image = DynamicImage::from(RgbaImage::from_fn(width, height, pixel));
    let image = if format == ImageFormat::Jpeg { image.into_rgb8().into() } else { image };
    let mut bytes = Vec::new();
    image.write_to(&mut Cursor::new(&mut bytes), format).expect("a picture");
    bytes
}

async fn gallery(app: &TestApp) -> Caller {
    let root = app.superuser().await;
    let thumbs = ["20x10", "20x10t", "20x10b", "20x10f", "0x8", "8x0", "16000x16000"];
    let fields = json!([{"name": "img", "type": "file", "thumbs": thumbs}]);
    let body = json!({"name": "gallery", "fields": fields, "viewRule": "", "listRule": ""});
    let made = root.post("/api/collections", body).await;
    assert_eq!(made.status, 200, "{}", made.body);
    root
}

/// The path of an uploaded file.
async fn upload(root: &Caller, name: &str, content: &[u8]) -> String {
    let form = Form::new().bytes("img", name, content);
    let made = form.post(root, "/api/collections/gallery/records").await;
    assert_eq!(made.status, 200, "{}", made.body);
    let text = |key: &str| made.body[key].as_str().expect("text").to_owned();
    format!("/api/files/gallery/{}/{}", text("id"), text("img"))
}

fn sides(fetched: &Fetched) -> (u32, u32) {
    let image = image::load_from_memory(&fetched.bytes).expect("a picture");
    (image.width(), image.height())
}

#[tokio::test]
async fn each_mode_gives_its_size() {
    let app = TestApp::spawn().await;
    let root = gallery(&app).await;
    let path = upload(&root, "pic.png", &picture(40, 30, ImageFormat::Png)).await;
    for (size, expected) in [
        ("20x10", (20, 10)),
        ("20x10t", (20, 10)),
        ("20x10b", (20, 10)),
        ("20x10f", (13, 10)),
        ("0x8", (11, 8)),
        ("8x0", (8, 6)),
        ("100x100", (100, 100)),
        ("30x30", (40, 30)),
        ("nope", (40, 30)),
        ("", (40, 30)),
        // Larger than any thumb may be.
        ("16000x16000", (40, 30)),
    ] {
        let got = root.fetch(&format!("{path}?thumb={size}"), &[]).await;
        assert_eq!((got.status, sides(&got)), (200, expected), "{size}");
        assert_eq!(got.header("content-type"), "image/png", "{size}");
        let is_thumb = expected != (40, 30);
        let name = path.rsplit('/').next().expect("a name");
        let name = if is_thumb { format!("{size}_{name}") } else { name.to_owned() };
        let disposition = format!("inline; filename=\"{name}\"");
        assert_eq!(got.header("content-disposition"), disposition, "{size}");
        assert_eq!(got.header("vary"), "Origin", "{size}");
    }
    let colour = |got: &Fetched| {
        let image = image::load_from_memory(&got.bytes).expect("a picture").into_rgb8();
        image.get_pixel(10, 5).0
    };
    let top = root.fetch(&format!("{path}?thumb=20x10t"), &[]).await;
    let bottom = root.fetch(&format!("{path}?thumb=20x10b"), &[]).await;
    assert_eq!((colour(&top), colour(&bottom)), ([255, 0, 0], [0, 0, 255]));
}

#[tokio::test]
async fn kinds_stay_and_webp_goes_to_whoever_names_it() {
    let app = TestApp::spawn().await;
    let root = gallery(&app).await;
    for (name, format, kept) in [
        ("a.png", ImageFormat::Png, "image/png"),
        ("a.jpg", ImageFormat::Jpeg, "image/jpeg"),
        ("a.gif", ImageFormat::Gif, "image/gif"),
        ("a.webp", ImageFormat::WebP, "image/webp"),
    ] {
        let path = upload(&root, name, &picture(400, 300, format)).await + "?thumb=20x10";
        let wildcard = root.fetch(&path, &[("accept", "image/*,*/*;q=0.8")]).await;
        let refused = root.fetch(&path, &[("accept", "image/webp;q=0, image/png")]).await;
        for plain in [root.fetch(&path, &[]).await, wildcard, refused] {
            assert_eq!((plain.header("content-type"), sides(&plain)), (kept, (20, 10)), "{name}");
            assert_eq!(plain.header("vary"), "Origin", "{name}");
        }
        let webp = root.fetch(&path, &WEBP).await;
        assert_eq!((webp.header("content-type"), sides(&webp)), ("image/webp", (20, 10)));
        let vary = if kept == "image/webp" { "Origin" } else { "Accept" };
        assert_eq!(webp.header("vary"), vary, "{name}");
        assert!(webp.header("content-disposition").ends_with(".webp\""), "{name}");
    }
}

#[tokio::test]
async fn a_thumb_is_kept_beside_its_original_and_goes_with_it() {
    let app = TestApp::spawn().await;
    let root = gallery(&app).await;
    let path = upload(&root, "pic.png", &picture(40, 30, ImageFormat::Png)).await;
    let thumb = format!("{path}?thumb=20x10");
    let asked = (0..20).map(|_| root.fetch(&thumb, &[]));
    let answers = futures_util::future::join_all(asked).await;
    let tag = answers[0].header("etag").to_owned();
    assert!(answers.iter().all(|answer| sides(answer) == (20, 10) && answer.header("etag") == tag));
    root.fetch(&thumb, &WEBP).await;
    let name = path.rsplit('/').next().expect("a name");
    let kept = |ending: &str| format!("/thumbs_{name}/20x10_{name}{ending}");
    let files = stored(&app);
    for ending in ["", ".attrs", ".webp", ".webp.attrs"] {
        let ending = kept(ending);
        assert_eq!(files.iter().filter(|file| file.ends_with(&ending)).count(), 1, "{files:?}");
    }
    assert_eq!(files.len(), 6, "{files:?}");
    // What is kept is served as it is.
    let again = root.fetch(&thumb, &[("if-none-match", &tag)]).await;
    assert_eq!((again.status, again.bytes.len()), (304, 0));
    let part = root.fetch(&thumb, &[("range", "bytes=1-3"), ("if-range", &tag)]).await;
    assert_eq!((part.status, part.bytes.as_slice()), (206, &b"PNG"[..]));
    let record = path.split('/').nth(4).expect("an id");
    let gone = root.delete(&format!("/api/collections/gallery/records/{record}")).await;
    assert_eq!(gone.status, 204);
    assert_eq!(root.fetch(&thumb, &[]).await.status, 404);
    assert_eq!(left(&app), Vec::<String>::new());
}

#[tokio::test]
async fn what_has_no_thumb_is_served_as_it_is() {
    let app = TestApp::spawn().await;
    let root = gallery(&app).await;
    let png = picture(40, 30, ImageFormat::Png);
    let jpeg = picture(40, 30, ImageFormat::Jpeg);
    let gigantic = [&png[..16], &50_000_u32.to_be_bytes(), &50_000_u32.to_be_bytes(), &png[24..]];
    for (name, content) in [
        ("broken.png", png[..60].to_vec()),
        ("cut.jpg", jpeg[..jpeg.len() - 30].to_vec()),
        ("gigantic.png", gigantic.concat()),
        ("a.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>".to_vec()),
        ("a.txt", b"hello".to_vec()),
        ("empty.png", Vec::new()),
    ] {
        let path = upload(&root, name, &content).await;
        for _ in 0..2 {
            let got = root.fetch(&format!("{path}?thumb=20x10"), &WEBP).await;
            assert_eq!((got.status, &got.bytes), (200, &content), "{name}");
            assert!(!got.header("content-disposition").contains("20x10"), "{name}");
            // It will never have one: caches may keep it.
            assert!(got.header("cache-control").starts_with("max-age=2592000"), "{name}");
        }
    }
}
