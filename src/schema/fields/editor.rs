//! Field kind `editor`: rich text, kept as it was sent.

use serde::{Deserialize, Serialize};

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};
use crate::schema::field::require;
use crate::schema::{Field, FieldKind, Place, checks};
use crate::sql::Value;

/// Rich text, kept as it was sent. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Editor {
    /// `max_size`.
    pub max_size: i64,
    /// `convertURLs`.
    #[serde(rename = "convertURLs")]
    pub convert_urls: bool,
}

impl Editor {
    /// Bytes where the options say nothing.
    pub const DEFAULT_MAX_SIZE: i64 = 5 << 20;
}

impl FieldKind for Editor {
    fn validate(&self, field: &Field, value: &Value) -> Result<(), Issue> {
        let text = value.text();
        require(field, !text.is_empty())?;
        let max = if self.max_size > 0 { self.max_size } else { Self::DEFAULT_MAX_SIZE };
        if text.len() as u64 > max.unsigned_abs() {
            let message = format!("The maximum allowed content size is {max} bytes.");
            let issue = Issue::with_message(Code::ContentSizeLimit, message);
            return Err(issue.param("maxSize", max));
        }
        Ok(())
    }

    fn check_options(&self, _: &Place<'_>, errors: &mut FieldErrors) {
        checks::at_least(errors, "maxSize", self.max_size, 0);
        checks::at_most(errors, "maxSize", self.max_size, checks::MAX_SAFE_INT);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::FieldType;
    use crate::schema::fields::testing::{check, field};

    #[test]
    fn rich_text_is_kept_as_it_came() {
        let field = field(FieldType::Editor(Editor { max_size: 12, ..Editor::default() }));
        let text = Value::from("<p>a&b</p>");
        check(&field, &json!("<p>a&b</p>"), &text, r#""<p>a&b</p>""#, None);
        let long = Value::from("<p>1234567</p>");
        let code = Some("validation_content_size_limit");
        check(&field, &json!("<p>1234567</p>"), &long, r#""<p>1234567</p>""#, code);
    }
}
