//! The `Range` header: which bytes of a file are asked for.

/// More pieces than any client needs; a request for more gets the whole file.
const MAX_RANGES: usize = 16;

/// Some bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// The first one.
    pub start: u64,
    /// How many.
    pub length: u64,
}

/// Why a range cannot be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RangeError {
    /// It cannot be understood.
    Invalid,
    /// It lies behind the end of the file.
    NoOverlap,
}

/// The ranges of a header for a file of `size` bytes; none means the whole file.
///
/// # Errors
/// See [`RangeError`].
pub fn parse(header: &str, size: u64) -> Result<Vec<ByteRange>, RangeError> {
    let list = header.strip_prefix("bytes=").ok_or(RangeError::Invalid)?;
    let mut ranges = Vec::new();
    let mut is_behind = false;
    for item in list.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        match range(item, size)? {
            Some(range) => ranges.push(range),
            None => is_behind = true,
        }
    }
    if is_behind && ranges.is_empty() {
        return if size == 0 { Ok(ranges) } else { Err(RangeError::NoOverlap) };
    }
    let sum = ranges.iter().fold(0_u64, |sum, range| sum.saturating_add(range.length));
    if sum > size || ranges.len() > MAX_RANGES {
        ranges.clear();
    }
    Ok(ranges)
}

/// One range; `None` when it begins behind the end.
fn range(item: &str, size: u64) -> Result<Option<ByteRange>, RangeError> {
    let (first, last) = item.split_once('-').ok_or(RangeError::Invalid)?;
    let (first, last) = (first.trim(), last.trim());
    if first.is_empty() {
        let length = number(last)?.min(size);
        return Ok(Some(ByteRange { start: size - length, length }));
    }
    let start = number(first)?;
    if start >= size {
        return Ok(None);
    }
    let end = if last.is_empty() { size - 1 } else { number(last)?.min(size - 1) };
    if start > end {
        return Err(RangeError::Invalid);
    }
    Ok(Some(ByteRange { start, length: end - start + 1 }))
}

fn number(text: &str) -> Result<u64, RangeError> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(RangeError::Invalid);
    }
    text.parse().map_err(|_| RangeError::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_observed() {
        let of = |header| {
            parse(header, 11).map(|ranges| {
                ranges.iter().map(|range| (range.start, range.length)).collect::<Vec<_>>()
            })
        };
        for (header, expected) in [
            ("bytes=0-4", Ok(vec![(0, 5)])),
            ("bytes=6-", Ok(vec![(6, 5)])),
            ("bytes=-5", Ok(vec![(6, 5)])),
            ("bytes=5-100", Ok(vec![(5, 6)])),
            ("bytes=0-1,3-4", Ok(vec![(0, 2), (3, 2)])),
            ("bytes=0-9,0-9", Ok(vec![])),
            ("bytes=", Ok(vec![])),
            ("bytes=-0", Ok(vec![(11, 0)])),
            ("bytes=100-200", Err(RangeError::NoOverlap)),
            ("bytes=4-2", Err(RangeError::Invalid)),
            ("bytes=abc", Err(RangeError::Invalid)),
            ("bytes=+1-2", Err(RangeError::Invalid)),
            ("bytes=-", Err(RangeError::Invalid)),
            ("items=0-1", Err(RangeError::Invalid)),
        ] {
            assert_eq!(of(header), expected, "{header}");
        }
        assert_eq!(parse("bytes=0-1", 0), Ok(vec![]));
    }
}
