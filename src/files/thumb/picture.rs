//! One picture becomes one thumb: headers, room for the pixels, decoding, cutting and scaling,
//! turning, encoding.

use std::io::{self, BufReader, Cursor, Read, Seek};

use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageDecoder as _, ImageFormat, ImageReader, Limits};

use crate::files::budget::Budget;
use crate::files::thumb::head::{Head, HeadError};
use crate::files::thumb::limits::{MAX_FILE, MAX_HEADER, MAX_SIDE};
use crate::files::thumb::size::{Plan, Size};

/// Colours are kept at full resolution, so that less is needed than elsewhere.
const JPEG_QUALITY: u8 = 90;
/// Not told from the original at the size of a thumb, and a tenth of its PNG.
const WEBP_QUALITY: f32 = 80.0;
/// From 1, slow and good, to 30.
const GIF_SPEED: i32 = 10;

/// A thumb in memory.
pub(super) struct Picture {
    pub bytes: Vec<u8>,
    pub content_type: &'static str,
}

/// Why there is no thumb.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("it is too large")]
    TooLarge,
    #[error(transparent)]
    Head(#[from] HeadError),
    #[error(transparent)]
    Decode(#[from] image::ImageError),
    #[error(transparent)]
    Resize(#[from] fast_image_resize::ResizeError),
    #[error("it cannot be written as WebP: {0:?}")]
    Encode(webp::WebPEncodingError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Makes a thumb of a file of `length` bytes. Waits until the budget has room for it.
pub(super) fn make(
    file: impl Read + Seek,
    length: u64,
    size: &Size,
    as_webp: bool,
    budget: &Budget,
) -> Result<Picture, Refusal> {
    if length > MAX_FILE {
        return Err(Refusal::TooLarge);
    }
    let mut file = BufReader::new(file);
    let head = Head::read(&mut file, length)?;
    if head.width.max(head.height) > MAX_SIDE || head.width.min(head.height) == 0 {
        return Err(Refusal::TooLarge);
    }
    let scaling = size.memory((head.width, head.height)).ok_or(Refusal::TooLarge)?;
    let need = head.memory.saturating_add(scaling);
    let _room = budget.take(need).ok_or(Refusal::TooLarge)?;
    let limits = |bytes| {
        let mut limits = Limits::default();
        limits.max_image_width = Some(MAX_SIDE);
        limits.max_image_height = Some(MAX_SIDE);
        limits.max_alloc = Some(bytes);
        limits
    };
    let mut reader = ImageReader::with_format(file, head.format);
    reader.limits(limits(MAX_HEADER));
    let mut decoder = reader.into_decoder()?;
    if decoder.total_bytes() > head.memory {
        return Err(Refusal::TooLarge);
    }
    decoder.set_limits(limits(head.memory))?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = narrow(DynamicImage::from_decoder(decoder)?);
    let mut thumb = scale(&picture, size, orientation)?;
    drop(picture);
    thumb.apply_orientation(orientation);
    encode(thumb, if as_webp { ImageFormat::WebP } else { head.format })
}

/// Eight bits for each part of a colour.
fn narrow(picture: DynamicImage) -> DynamicImage {
    match picture {
        DynamicImage::ImageLuma8(_)
        | DynamicImage::ImageLumaA8(_)
        | DynamicImage::ImageRgb8(_)
        | DynamicImage::ImageRgba8(_) => picture,
        wide if wide.color().has_alpha() => wide.into_rgba8().into(),
        wide => wide.into_rgb8().into(),
    }
}

/// Cuts and scales; the thumb still lies as the picture is stored.
fn scale(
    picture: &DynamicImage,
    size: &Size,
    orientation: Orientation,
) -> Result<DynamicImage, Refusal> {
    let stored = (picture.width(), picture.height());
    let is_turned = turns(orientation);
    let seen = if is_turned { (stored.1, stored.0) } else { stored };
    let Plan { crop, to } = size.plan(seen).ok_or(Refusal::TooLarge)?;
    let [left, top, width, height] = lay(crop, seen, orientation);
    let to = if is_turned { (to.1, to.0) } else { to };
    if to == stored {
        return Ok(picture.clone());
    }
    let mut thumb = DynamicImage::new(to.0, to.1, picture.color());
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Bilinear))
        .crop(left, top, width, height);
    Resizer::new().resize(picture, &mut thumb, &options)?;
    Ok(thumb)
}

/// True when width and height change places.
fn turns(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// Where a part of the picture as it is seen lies in the picture as it is stored.
fn lay(crop: [f64; 4], seen: (u32, u32), orientation: Orientation) -> [f64; 4] {
    let [left, top, width, height] = crop;
    let right = f64::from(seen.0) - left - width;
    let bottom = f64::from(seen.1) - top - height;
    match orientation {
        Orientation::NoTransforms => [left, top, width, height],
        Orientation::FlipHorizontal => [right, top, width, height],
        Orientation::FlipVertical => [left, bottom, width, height],
        Orientation::Rotate180 => [right, bottom, width, height],
        Orientation::Rotate90 => [top, right, height, width],
        Orientation::Rotate90FlipH => [top, left, height, width],
        Orientation::Rotate270 => [bottom, left, height, width],
        Orientation::Rotate270FlipH => [bottom, right, height, width],
    }
}

fn encode(thumb: DynamicImage, format: ImageFormat) -> Result<Picture, Refusal> {
    let mut out = Vec::new();
    let content_type = match format {
        ImageFormat::Jpeg => {
            thumb
                .into_rgb8()
                .write_with_encoder(JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY))?;
            "image/jpeg"
        }
        ImageFormat::Gif => {
            let (width, height) = (thumb.width(), thumb.height());
            let mut encoder = GifEncoder::new_with_speed(&mut out, GIF_SPEED);
            encoder.encode(&thumb.into_rgba8(), width, height, ExtendedColorType::Rgba8)?;
            drop(encoder);
            "image/gif"
        }
        ImageFormat::WebP => {
            out = webp(opaque(thumb))?;
            "image/webp"
        }
        _ => {
            opaque(thumb).write_to(&mut Cursor::new(&mut out), ImageFormat::Png)?;
            "image/png"
        }
    };
    Ok(Picture { bytes: out, content_type })
}

/// Without an alpha that says nothing.
fn opaque(thumb: DynamicImage) -> DynamicImage {
    match thumb {
        DynamicImage::ImageRgba8(pixels) if pixels.pixels().all(|pixel| pixel.0[3] == 255) => {
            DynamicImage::from(pixels).into_rgb8().into()
        }
        other => other,
    }
}

fn webp(thumb: DynamicImage) -> Result<Vec<u8>, Refusal> {
    let (width, height) = (thumb.width(), thumb.height());
    let encoded = if thumb.color().has_alpha() {
        let pixels = thumb.into_rgba8();
        webp::Encoder::from_rgba(&pixels, width, height).encode_simple(false, WEBP_QUALITY)
    } else {
        let pixels = thumb.into_rgb8();
        webp::Encoder::from_rgb(&pixels, width, height).encode_simple(false, WEBP_QUALITY)
    };
    Ok(encoded.map_err(Refusal::Encode)?.to_vec())
}
