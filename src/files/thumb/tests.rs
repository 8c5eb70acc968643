//! Pictures of every kind, turned ones, and ones made to take the machine's memory.

use std::io::Cursor;

use image::{DynamicImage, ExtendedColorType, ImageEncoder as _, ImageFormat, Rgb, RgbImage};

use crate::files::budget::Budget;
use crate::files::thumb::Size;
use crate::files::thumb::limits::MEMORY;
use crate::files::thumb::picture::{Picture, Refusal, make};

fn thumb(bytes: &[u8], size: &str) -> Result<Picture, Refusal> {
    let size = Size::parse(size).expect("a size");
    make(Cursor::new(bytes), bytes.len() as u64, &size, false, &Budget::new(MEMORY))
}

fn written(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.into().write_to(&mut Cursor::new(&mut bytes), format).expect("a picture");
    bytes
}

/// Red, green, blue and white in the corners, as they are stored.
fn corners() -> RgbImage {
    RgbImage::from_fn(64, 32, |x, y| match (x < 32, y < 16) {
        (true, true) => Rgb([255, 0, 0]),
        (false, true) => Rgb([0, 255, 0]),
        (true, false) => Rgb([0, 0, 255]),
        (false, false) => Rgb([255, 255, 255]),
    })
}

/// A JPEG that says how it is to be turned.
fn turned(image: RgbImage, orientation: u8) -> Vec<u8> {
    let jpeg = written(image, ImageFormat::Jpeg);
    let tiff = [b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", &[orientation, 0, 0, 0][..]];
    let exif = [b"Exif\0\0", tiff.concat().as_slice(), &[0; 4]].concat();
    let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat()
}

#[test]
fn pictures_are_turned_as_they_say() {
    let name = |pixel: &Rgb<u8>| match pixel.0.map(|part| part > 128) {
        [true, false, false] => 'r',
        [false, true, false] => 'g',
        [false, false, true] => 'b',
        [true, true, true] => 'w',
        _ => '?',
    };
    // What the corners of the picture are once it is turned, row by row.
    for (orientation, expected, sides) in [
        (1, "rgbw", (20, 10)),
        (2, "grwb", (20, 10)),
        (3, "wbgr", (20, 10)),
        (4, "bwrg", (20, 10)),
        (5, "rbgw", (10, 20)),
        (6, "brwg", (10, 20)),
        (7, "wgbr", (10, 20)),
        (8, "gwrb", (10, 20)),
    ] {
        let whole = thumb(&turned(corners(), orientation), "20x20f").expect("a thumb");
        let seen = image::load_from_memory(&whole.bytes).expect("a picture").into_rgb8();
        assert_eq!(seen.dimensions(), sides, "{orientation}");
        let (right, bottom) = (sides.0 - 3, sides.1 - 3);
        let at = [(2, 2), (right, 2), (2, bottom), (right, bottom)];
        let shown: String = at.iter().map(|(x, y)| name(seen.get_pixel(*x, *y))).collect();
        assert_eq!(shown, expected, "{orientation}");
        // What is cut away is cut as it is seen, not as it is stored.
        let top = thumb(&turned(corners(), orientation), "32x8t").expect("a thumb");
        let seen = image::load_from_memory(&top.bytes).expect("a picture").into_rgb8();
        assert_eq!(seen.dimensions(), (32, 8), "{orientation}");
        let shown: String = [3, 28].iter().map(|x| name(seen.get_pixel(*x, 3))).collect();
        assert_eq!(shown, expected[..2], "{orientation}");
    }
}

#[test]
fn every_kind_of_pixel_is_read() {
    let image = DynamicImage::from(corners());
    for pixels in [
        DynamicImage::from(image.to_luma8()),
        image.to_luma_alpha8().into(),
        image.to_rgb8().into(),
        image.to_rgba8().into(),
        image.to_luma16().into(),
        image.to_luma_alpha16().into(),
        image.to_rgb16().into(),
        image.to_rgba16().into(),
    ] {
        let kind = pixels.color();
        let made = thumb(&written(pixels, ImageFormat::Png), "20x20").expect("a thumb");
        assert_eq!(made.content_type, "image/png", "{kind:?}");
        let seen = image::load_from_memory(&made.bytes).expect("a picture");
        assert_eq!((seen.width(), seen.height()), (20, 20), "{kind:?}");
    }
}

#[test]
fn random_bytes_behind_a_picture_s_mark_are_refused() {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as usize
    };
    let formats = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP];
    for format in formats {
        let whole = written(
            DynamicImage::from(corners()).into_rgba8(),
            match format {
                ImageFormat::Jpeg => ImageFormat::Png,
                other => other,
            },
        );
        let whole = if format == ImageFormat::Jpeg { turned(corners(), 6) } else { whole };
        for _ in 0..300 {
            let mut bytes = whole.clone();
            for _ in 0..=random() % 4 {
                let at = random() % bytes.len();
                bytes[at] = random() as u8;
            }
            bytes.truncate(bytes.len() - random() % 20);
            // Whatever it is, it ends, and nothing is gigantic.
            if let Ok(made) = thumb(&bytes, "20x10") {
                assert!(made.bytes.len() < 10_000);
            }
        }
    }
}

/// Files of a few bytes whose headers promise billions of pixels.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let side = 50_000_u16;
    let sides = |bytes: [u8; 2]| [bytes, bytes].concat();
    let mut png = written(corners(), ImageFormat::Png);
    png[16..24].copy_from_slice(&[0, 0, 0xC3, 0x50, 0, 0, 0xC3, 0x50]);
    let mut gif = written(DynamicImage::from(corners()).into_rgba8(), ImageFormat::Gif);
    gif[6..10].copy_from_slice(&sides(side.to_le_bytes()));
    let mut jpeg = written(corners(), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|mark| mark == [0xFF, 0xC0]).expect("a frame");
    jpeg[frame + 5..frame + 9].copy_from_slice(&sides(side.to_be_bytes()));
    // A frame of 16,383 x 16,383 on a screen of 10 x 10.
    let frame =
        [b"GIF89a\x0a\0\x0a\0\0\0\0,\0\0\0\0\xFF\x3F\xFF\x3F\0\x02\x02\x4C\x01\0;".as_slice()];
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let length = u32::try_from(data.len()).expect("short").to_le_bytes();
        [kind.as_slice(), &length, data].concat()
    };
    let webp = |chunks: &[Vec<u8>]| chunk(b"RIFF", &[b"WEBP", chunks.concat().as_slice()].concat());
    let canvas = |side: u32, flags: u8| {
        let side = &(side - 1).to_le_bytes()[..3];
        chunk(b"VP8X", &[&[flags, 0, 0, 0], side, side].concat())
    };
    let mut lossy = vec![0x10, 0, 0, 0x9D, 1, 0x2A, 0xFF, 0x3F, 0xFF, 0x3F];
    lossy.resize(4000, 0);
    let lossy = chunk(b"VP8 ", &lossy);
    let mut lossless = vec![0x2F, 0xFF, 0xFF, 0xFF, 0x0F];
    lossless.resize(4000, 0);
    let lossless = chunk(b"VP8L", &lossless);
    let inner = [&[0; 6][..], &[9, 0, 0, 9, 0, 0], &[0; 4], &lossy].concat();
    vec![
        ("png", png),
        ("gif", gif),
        ("gif with a large frame", frame.concat()),
        ("jpeg", jpeg),
        ("webp", webp(&[canvas(50_000, 0), lossy.clone()])),
        ("lossy webp", webp(std::slice::from_ref(&lossy))),
        ("lossless webp", webp(std::slice::from_ref(&lossless))),
        ("webp with a large picture", webp(&[canvas(10, 0), lossy])),
        ("webp with a large lossless picture", webp(&[canvas(10, 0), lossless])),
        ("webp with a large frame", webp(&[canvas(10, 2), chunk(b"ANMF", &inner)])),
    ]
}

/// A small file whose profile is large once it is unpacked.
fn packed() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    encoder.set_icc_profile(vec![0; 100 << 20]).expect("a profile");
    encoder.write_image(&[0; 300], 10, 10, ExtendedColorType::Rgb8).expect("a picture");
    bytes
}

#[test]
fn bombs_are_refused() {
    for (name, bytes) in bombs() {
        assert!(thumb(&bytes, "100x100").is_err(), "{name}");
    }
}

/// The most memory this process ever had, in bytes.
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux says");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}

/// Runs another test of this file in a process of its own.
#[cfg(target_os = "linux")]
fn alone(test: &str) {
    let name = format!("files::thumb::tests::{test}");
    let me = std::env::current_exe().expect("this program");
    let output = std::process::Command::new(me).args(["--ignored", "--exact", &name]).output();
    let output = output.expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn bombs_take_no_memory() {
    alone("only_bombs");
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "measures its process: another test starts it"]
fn only_bombs() {
    let before = peak();
    for (name, bytes) in bombs() {
        assert!(thumb(&bytes, "100x100").is_err(), "{name}");
        let taken = peak() - before;
        assert!(taken < 24 << 20, "{name} took {taken} bytes");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn many_large_pictures_share_their_memory() {
    alone("only_large_pictures");
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "measures its process: another test starts it"]
fn only_large_pictures() {
    let photo = RgbImage::from_fn(5000, 3000, |x, y| Rgb([x as u8, y as u8, (x * y) as u8]));
    let files = [written(photo, ImageFormat::Jpeg), packed()];
    let alpha = DynamicImage::new_rgba16(3000, 3000);
    let files = files.into_iter().chain([written(alpha, ImageFormat::Png)]).collect::<Vec<_>>();
    let (budget, before) = (Budget::new(MEMORY), peak());
    std::thread::scope(|scope| {
        for file in files.iter().cycle().take(12) {
            let budget = &budget;
            scope.spawn(move || {
                let size = Size::parse("300x300").expect("a size");
                let made = make(Cursor::new(file), file.len() as u64, &size, true, budget);
                // The profile is not needed and not unpacked beyond its limit.
                assert!(made.is_ok() || file.len() < 1 << 20);
            });
        }
    });
    let taken = peak() - before;
    assert!(taken < MEMORY + (32 << 20), "{taken} bytes");
    // Else the pictures are no test of it.
    assert!(taken > MEMORY / 8, "{taken} bytes");
}
