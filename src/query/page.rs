//! `page`, `perPage` and `skipTotal` (contract §1.13).

use crate::query::{QueryError, limits};

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// From 1.
    pub page: u64,
    /// From 1 to [`limits::PER_PAGE`].
    pub per_page: u64,
    /// Whether the total is left uncounted.
    pub skip_total: bool,
}

impl Default for Page {
    fn default() -> Self {
        Self { page: 1, per_page: limits::DEFAULT_PER_PAGE, skip_total: false }
    }
}

impl Page {
    /// Reads the three parameters; an empty one counts as none.
    ///
    /// # Errors
    /// Text that is no whole number, or no truth value.
    pub fn parse(
        page: Option<&str>,
        per_page: Option<&str>,
        skip_total: Option<&str>,
    ) -> Result<Self, QueryError> {
        let per_page = match number("perPage", per_page)? {
            0 => limits::DEFAULT_PER_PAGE,
            count => count.min(limits::PER_PAGE),
        };
        Ok(Self { page: number("page", page)?.max(1), per_page, skip_total: truth(skip_total)? })
    }

    /// Records to skip.
    pub fn offset(&self) -> u64 {
        // A page past what the engine can count is as empty as any other past the end.
        let skipped = (self.page - 1).saturating_mul(self.per_page);
        skipped.min(i64::MAX as u64)
    }

    /// How many pages `total` records fill.
    pub fn pages_of(&self, total: u64) -> u64 {
        total.div_ceil(self.per_page)
    }
}

/// Zero for nothing and for all that is below.
fn number(name: &str, text: Option<&str>) -> Result<u64, QueryError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(0) };
    let number: i64 =
        text.parse().map_err(|_| QueryError::new(format!("{name} must be a whole number")))?;
    Ok(u64::try_from(number).unwrap_or(0))
}

/// True for `explain=1` and its spellings: the client wants to read why its filter or sort was
/// refused. What is no truth value means no, because the contract does not know the parameter.
pub fn wants_reason(explain: Option<&str>) -> bool {
    truth(explain).unwrap_or(false)
}

fn truth(text: Option<&str>) -> Result<bool, QueryError> {
    match text.unwrap_or_default() {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "" | "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(QueryError::new("skipTotal must be true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(page: &str, per_page: &str, skip_total: &str) -> Result<Page, QueryError> {
        Page::parse(Some(page), Some(per_page), Some(skip_total))
    }

    #[test]
    fn parameters_are_clamped_as_the_contract_says() {
        assert_eq!(Page::parse(None, None, None).unwrap(), Page::default());
        for (page, per_page, expected) in [
            ("", "", (1, 30)),
            ("0", "0", (1, 30)),
            ("-3", "-1", (1, 30)),
            ("+2", "1001", (2, 1000)),
            ("7", "1000", (7, 1000)),
        ] {
            let parsed = parse(page, per_page, "").unwrap();
            assert_eq!((parsed.page, parsed.per_page), expected, "{page} {per_page}");
        }
        assert!(parse("1", "1", "T").unwrap().skip_total);
        assert!(!parse("1", "1", "False").unwrap().skip_total);
    }

    #[test]
    fn anything_else_is_refused() {
        for (page, per_page, skip_total) in [
            ("x", "", ""),
            ("1.5", "", ""),
            (" 1", "", ""),
            ("99999999999999999999", "", ""),
            ("", "1e3", ""),
            ("", "", "yes"),
            ("", "", "tRUE"),
        ] {
            assert!(parse(page, per_page, skip_total).is_err(), "{page} {per_page} {skip_total}");
        }
    }

    #[test]
    fn an_absurd_page_does_not_overflow() {
        let page = parse("9223372036854775807", "1000", "").unwrap();
        assert_eq!(page.offset(), i64::MAX as u64);
        assert_eq!(parse("3", "20", "").unwrap().offset(), 40);
        assert_eq!((page.pages_of(0), page.pages_of(1001)), (0, 2));
    }
}
