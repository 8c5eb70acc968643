//! The sides of a picture, and what decoding it may cost, told from its headers alone: the
//! decoders learn that too late, some of them after they took the memory.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use image::ImageFormat;

use crate::files::thumb::limits::{MAX_HEADER, MAX_PARTS};

/// What the headers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub format: ImageFormat,
    /// As stored, before the picture is turned.
    pub width: u32,
    pub height: u32,
    /// Bytes that decoding takes at most, the pixels included.
    pub memory: u64,
}

/// What is wrong with the headers.
#[derive(Debug, thiserror::Error)]
pub(super) enum HeadError {
    #[error("it is no picture of a kind that is read")]
    Unknown,
    #[error("its end is missing")]
    Truncated,
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Head {
    /// Reads the headers of a file of `length` bytes and leaves it at its beginning.
    pub fn read(file: &mut (impl BufRead + Seek), length: u64) -> Result<Self, HeadError> {
        let mut start = [0; 32];
        let read = read_up_to(file, &mut start)?;
        let format = image::guess_format(&start[..read]).map_err(|_| HeadError::Unknown)?;
        let head = match format {
            ImageFormat::Png => png(&start),
            ImageFormat::Gif => gif(&start),
            ImageFormat::Jpeg => jpeg(file, length)?,
            ImageFormat::WebP => webp(file, length)?,
            _ => return Err(HeadError::Unknown),
        };
        file.seek(SeekFrom::Start(0))?;
        Ok(head)
    }
}

fn read_up_to(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < buffer.len() {
        match file.read(&mut buffer[read..])? {
            0 => break,
            more => read += more,
        }
    }
    Ok(read)
}

fn bytes<const N: usize>(file: &mut impl Read) -> Result<[u8; N], HeadError> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn pixels(width: u32, height: u32) -> u64 {
    u64::from(width) * u64::from(height)
}

/// Pixels of 8 or 16 bits, made 8; and once more when colours are multiplied by their alpha.
fn png(start: &[u8; 32]) -> Head {
    let side = |at: usize| u32::from_be_bytes([0, 1, 2, 3].map(|i| start[at + i]));
    let (width, height) = (side(16), side(20));
    let per_pixel = if start[24] == 16 { 12 } else { 8 };
    let memory = pixels(width, height).saturating_mul(per_pixel).saturating_add(MAX_HEADER);
    Head { format: ImageFormat::Png, width, height, memory }
}

/// The screen, the first frame, which may be larger, and the alpha.
fn gif(start: &[u8; 32]) -> Head {
    let side = |at: usize| u32::from(u16::from_le_bytes([start[at], start[at + 1]]));
    let (width, height) = (side(6), side(8));
    let memory = pixels(width, height) * 12 + MAX_HEADER;
    Head { format: ImageFormat::Gif, width, height, memory }
}

/// The file and the pixels; of one that does not come line by line also all coefficients.
fn jpeg(file: &mut (impl BufRead + Seek), length: u64) -> Result<Head, HeadError> {
    let mut frame = None;
    file.seek(SeekFrom::Start(2))?;
    for _ in 0..MAX_PARTS {
        let [mark, kind] = bytes(file)?;
        if mark != 0xFF {
            return Err(HeadError::Unknown);
        }
        match kind {
            // A filler: the marker begins one byte later.
            0xFF => _ = file.seek(SeekFrom::Current(-1))?,
            0x01 | 0xD0..=0xD7 => {}
            0xC0..=0xCF if ![0xC4, 0xC8, 0xCC].contains(&kind) => {
                let [high, low, _, h1, h0, w1, w0, parts] = bytes(file)?;
                let sides = [[w1, w0], [h1, h0]].map(|side| u32::from(u16::from_be_bytes(side)));
                frame = Some((sides[0], sides[1], parts, kind == 0xC2));
                skip(file, u16::from_be_bytes([high, low]), 8)?;
            }
            0xDA => {
                let (width, height, parts, is_progressive) = frame.ok_or(HeadError::Unknown)?;
                let [_, _, scanned] = bytes(file)?;
                let has_coefficients = is_progressive || scanned < parts;
                // Two bytes each, and blocks that reach over the edge.
                let coefficients = if has_coefficients { 2 * u64::from(parts) + 1 } else { 0 };
                let per_pixel = 3 + coefficients;
                let memory = pixels(width, height) * per_pixel + 3 * length + MAX_HEADER;
                to_the_end(file)?;
                return Ok(Head { format: ImageFormat::Jpeg, width, height, memory });
            }
            0xD9 => return Err(HeadError::Unknown),
            _ => {
                let [high, low] = bytes(file)?;
                skip(file, u16::from_be_bytes([high, low]), 2)?;
            }
        }
    }
    Err(HeadError::Unknown)
}

/// Passes what is left of a part of `length` bytes, of which `read` are read.
fn skip(file: &mut impl Seek, length: u16, read: u16) -> Result<(), HeadError> {
    let rest = length.checked_sub(read).ok_or(HeadError::Unknown)?;
    file.seek(SeekFrom::Current(i64::from(rest)))?;
    Ok(())
}

/// The decoder would paint what is missing grey; nobody wants to keep that.
fn to_the_end(file: &mut impl BufRead) -> Result<(), HeadError> {
    let mut before = 0;
    loop {
        let piece = file.fill_buf()?;
        if piece.is_empty() {
            return Err(HeadError::Truncated);
        }
        for byte in piece {
            if (before, *byte) == (0xFF, 0xD9) {
                return Ok(());
            }
            before = *byte;
        }
        let length = piece.len();
        file.consume(length);
    }
}

/// The largest of canvas and frames: they need not agree, and are taken before they are compared.
fn webp(file: &mut (impl BufRead + Seek), length: u64) -> Result<Head, HeadError> {
    let mut canvas = None;
    let (mut largest, mut is_extended) = (0, false);
    let mut at = 12;
    for _ in 0..MAX_PARTS {
        if at + 8 > length {
            break;
        }
        let chunk = Chunk::read(file, at)?;
        is_extended |= &chunk.kind == b"VP8X";
        if let Some((width, height)) = chunk.sides {
            canvas.get_or_insert((width, height));
            largest = largest.max(pixels(width, height));
        }
        if &chunk.kind == b"ANMF" {
            largest = largest.max(frame(file, at + 8 + 16, length)?);
        }
        at = chunk.end;
    }
    let is_read = at + 8 > length;
    let Some((width, height)) = canvas.filter(|_| is_read) else { return Err(HeadError::Unknown) };
    let per_pixel = if is_extended { 20 } else { 12 };
    let memory = largest.saturating_mul(per_pixel).saturating_add(2 * length + MAX_HEADER);
    Ok(Head { format: ImageFormat::WebP, width, height, memory })
}

/// The pixels of a picture of an animation, which may stand behind its alpha.
fn frame(file: &mut (impl BufRead + Seek), at: u64, length: u64) -> Result<u64, HeadError> {
    let mut chunk = Chunk::read(file, at)?;
    if &chunk.kind == b"ALPH" && chunk.end + 8 <= length {
        let end = chunk.end;
        chunk = Chunk::read(file, end)?;
        // The decoder does not ask what it is.
        chunk.sides = Some(vp8(file, end)?);
    }
    Ok(chunk.sides.map_or(0, |(width, height)| pixels(width, height)))
}

/// A piece of a WebP file.
struct Chunk {
    kind: [u8; 4],
    sides: Option<(u32, u32)>,
    end: u64,
}

impl Chunk {
    fn read(file: &mut (impl BufRead + Seek), at: u64) -> Result<Self, HeadError> {
        file.seek(SeekFrom::Start(at))?;
        let kind = bytes::<4>(file)?;
        let size = u64::from(u32::from_le_bytes(bytes(file)?));
        let sides = match &kind {
            b"VP8X" => {
                let [_, _, _, _, w0, w1, w2, h0, h1, h2] = bytes(file)?;
                let side = |a, b, c| u32::from_le_bytes([a, b, c, 0]) + 1;
                Some((side(w0, w1, w2), side(h0, h1, h2)))
            }
            b"VP8 " => Some(vp8(file, at)?),
            b"VP8L" => {
                let [_, bits @ ..] = bytes::<5>(file)?;
                let bits = u32::from_le_bytes(bits);
                Some(((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
            }
            _ => None,
        };
        Ok(Self { kind, sides, end: at + 8 + size + (size & 1) })
    }
}

/// The sides of a lossy picture whose chunk begins at `at`.
fn vp8(file: &mut (impl BufRead + Seek), at: u64) -> Result<(u32, u32), HeadError> {
    file.seek(SeekFrom::Start(at + 8))?;
    let [_, _, _, _, _, _, w0, w1, h0, h1] = bytes(file)?;
    let side = |bytes| u32::from(u16::from_le_bytes(bytes) & 0x3FFF);
    Ok((side([w0, w1]), side([h0, h1])))
}
