//! A value as the text that the SQL console shows, spelled as the reference spells it.

use rusqlite::types::ValueRef;

/// The text of a value; none for NULL.
pub(super) fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(int) => Some(int.to_string()),
        ValueRef::Real(real) => Some(number(real)),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(readable(bytes)),
    }
}

/// As short as it can be without another meaning, with an exponent for what is long or tiny.
fn number(real: f64) -> String {
    if real.is_infinite() {
        return if real > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let shortest = format!("{real:e}");
    let Some((digits, exponent)) = shortest.split_once('e') else { return shortest };
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..=5).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
        }
        _ => real.to_string(),
    }
}

/// Bytes that are no text become a mark each.
fn readable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n(char::REPLACEMENT_CHARACTER, chunk.invalid().len()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_they_do_in_the_reference() {
        for (real, expected) in [
            (1.0, "1"),
            (-0.0, "-0"),
            (0.5, "0.5"),
            (100_000.0, "100000"),
            (1_000_000.0, "1e+06"),
            (123_456_789.123_456_79, "1.2345678912345679e+08"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (-1.5e-10, "-1.5e-10"),
            (5.0 / 3.0, "1.6666666666666667"),
            (f64::INFINITY, "+Inf"),
            (1e300, "1e+300"),
        ] {
            assert_eq!(number(real), expected);
        }
        assert_eq!(text(ValueRef::Null), None);
        assert_eq!(text(ValueRef::Integer(-7)).as_deref(), Some("-7"));
        let half = [b'a', 0xe2, 0x82, b'b'];
        assert_eq!(text(ValueRef::Blob(&half)).as_deref(), Some("a\u{fffd}\u{fffd}b"));
    }
}
