//! `WxH`, `WxHt`, `WxHb`, `WxHf`, `0xH`, `Wx0`: what is cut out of a picture, and how large it
//! becomes (contract §3.6).

use crate::files::thumb::limits::{MAX_THUMB_PIXELS, MAX_THUMB_SIDE};

/// The longest text that is read as a size.
const MAX_TEXT: usize = 32;

/// A size that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Size {
    text: String,
    width: u32,
    height: u32,
    mode: Mode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Mode {
    /// One side follows from the other.
    Ratio,
    /// The whole picture inside the box; never larger than it was.
    Fit,
    /// The box filled, the rest cut away evenly.
    Centre,
    /// The box filled, the bottom cut away.
    Top,
    /// The box filled, the top cut away.
    Bottom,
}

/// What becomes of a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Plan {
    /// Left, top, width and height of what is kept.
    pub crop: [f64; 4],
    /// Width and height of the thumb.
    pub to: (u32, u32),
}

impl Size {
    /// Reads a size; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let plain = text.strip_suffix(['t', 'b', 'f']).unwrap_or(text);
        let number = |side: &str| {
            let is_number = !side.is_empty() && side.bytes().all(|b| b.is_ascii_digit());
            if is_number { side.parse::<u32>().ok() } else { None }
        };
        let (width, height) = plain.split_once('x')?;
        let (width, height) = (number(width)?, number(height)?);
        let mode = match text.chars().last() {
            _ if width == 0 && height == 0 => return None,
            _ if width == 0 || height == 0 => Mode::Ratio,
            Some('t') => Mode::Top,
            Some('b') => Mode::Bottom,
            Some('f') => Mode::Fit,
            _ => Mode::Centre,
        };
        Some(Self { text: text.to_owned(), width, height, mode })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What becomes of a picture of these sides; `None` when the thumb would be too large.
    pub(super) fn plan(&self, (width, height): (u32, u32)) -> Option<Plan> {
        let to = self.sides(f64::from(width), f64::from(height));
        let is_allowed =
            to.0.max(to.1) <= f64::from(MAX_THUMB_SIDE) && to.0 * to.1 <= MAX_THUMB_PIXELS as f64;
        is_allowed.then(|| Plan {
            crop: self.crop(f64::from(width), f64::from(height)),
            to: (to.0 as u32, to.1 as u32),
        })
    }

    /// Bytes that scaling and encoding take at most, whichever way the picture lies; `None` when
    /// the thumb would be too large.
    pub(super) fn memory(&self, (width, height): (u32, u32)) -> Option<u64> {
        let plans = [self.plan((width, height)), self.plan((height, width))];
        let memory = |Plan { crop: [_, _, width, height], to }| {
            let (w, h) = (f64::from(to.0), f64::from(to.1));
            // Between both directions of scaling; then the thumb, turned, and as encoders see it.
            let between = (w * height).max(h * width) * 4.0;
            (between + w * h * 24.0) as u64
        };
        plans.into_iter().flatten().map(memory).max()
    }

    /// The sides of the thumb: whole numbers, one at least.
    fn sides(&self, width: f64, height: f64) -> (f64, f64) {
        let (w, h) = (f64::from(self.width), f64::from(self.height));
        match self.mode {
            Mode::Ratio if self.width == 0 => ((h * width / height).round().max(1.0), h),
            Mode::Ratio => (w, (w * height / width).round().max(1.0)),
            Mode::Fit if width <= w && height <= h => (width, height),
            Mode::Fit if width / height > w / h => (w, (w * height / width).floor().max(1.0)),
            Mode::Fit => ((h * width / height).floor().max(1.0), h),
            Mode::Centre | Mode::Top | Mode::Bottom => (w, h),
        }
    }

    fn crop(&self, width: f64, height: f64) -> [f64; 4] {
        let above = match self.mode {
            Mode::Ratio | Mode::Fit => return [0.0, 0.0, width, height],
            Mode::Centre => 0.5,
            Mode::Top => 0.0,
            Mode::Bottom => 1.0,
        };
        let wanted = f64::from(self.width) / f64::from(self.height);
        // Never a rounding error more than there is.
        let (w, h) = ((height * wanted).min(width), (width / wanted).min(height));
        [(width - w) / 2.0, (height - h) * above, w, h]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_as_observed() {
        for (size, source, expected) in [
            ("20x10", (160, 90), (20, 10)),
            ("20x10f", (160, 90), (17, 10)),
            ("10x20f", (160, 90), (10, 5)),
            ("0x8", (160, 90), (14, 8)),
            ("8x0", (160, 90), (8, 5)),
            ("33x0", (160, 90), (33, 19)),
            ("500x500f", (160, 90), (160, 90)),
            ("1x1f", (160, 90), (1, 1)),
            ("3x1000f", (160, 90), (3, 1)),
            ("20x10f", (30, 300), (1, 10)),
            ("0x500", (30, 300), (50, 500)),
            ("0x8", (3000, 2), (12000, 8)),
            ("8x0", (3000, 2), (8, 1)),
        ] {
            let plan = Size::parse(size).unwrap().plan(source);
            assert_eq!(plan.map(|plan| plan.to), Some(expected), "{size} of {source:?}");
        }
    }

    #[test]
    fn what_is_kept_has_the_shape_of_the_box() {
        for (size, source, expected) in [
            ("10x10", (40, 20), [10.0, 0.0, 20.0, 20.0]),
            ("10x10t", (20, 40), [0.0, 0.0, 20.0, 20.0]),
            ("10x10", (20, 40), [0.0, 10.0, 20.0, 20.0]),
            ("10x10b", (20, 40), [0.0, 20.0, 20.0, 20.0]),
            ("10x10f", (20, 40), [0.0, 0.0, 20.0, 40.0]),
        ] {
            let plan = Size::parse(size).unwrap().plan(source).unwrap();
            assert_eq!(plan.crop, expected, "{size} of {source:?}");
        }
        for source in [(1, 30_000), (29_999, 7), (1921, 1079)] {
            let [left, top, w, h] = Size::parse("97x31b").unwrap().plan(source).unwrap().crop;
            assert!(left + w <= f64::from(source.0) && top + h <= f64::from(source.1));
        }
    }

    #[test]
    fn other_text_is_no_size() {
        let digits = "1".repeat(40);
        for text in [
            "",
            "x",
            "10",
            "10x",
            "x10",
            "0x0",
            "0x0f",
            "10X10",
            "10x10x",
            "10x10tt",
            "-1x10",
            "+1x10",
            "1 x1",
            "10x10é",
            "4294967296x1",
            &format!("{digits}x1"),
        ] {
            assert_eq!(Size::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_thumb_is_never_gigantic() {
        let thin = (3000, 2);
        assert_eq!(Size::parse("0x500").unwrap().plan(thin), None);
        assert_eq!(Size::parse("4294967295x1").unwrap().plan(thin), None);
        assert_eq!(Size::parse("16000x16000").unwrap().plan(thin), None);
        assert!(Size::parse("4096x4096").unwrap().plan(thin).is_some());
    }
}
