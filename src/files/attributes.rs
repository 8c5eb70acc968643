//! What the sidecar of a file says of it (contract §6.1).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The sidecar's content. Empty members are written too: other programs read them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attributes {
    /// `Cache-Control`, if the file has one of its own.
    #[serde(rename = "user.cache_control")]
    pub cache_control: String,
    /// `Content-Disposition`, if the file has one of its own.
    #[serde(rename = "user.content_disposition")]
    pub content_disposition: String,
    /// `Content-Encoding`, if the file has one of its own.
    #[serde(rename = "user.content_encoding")]
    pub content_encoding: String,
    /// `Content-Language`, if the file has one of its own.
    #[serde(rename = "user.content_language")]
    pub content_language: String,
    /// What the file is, sniffed when it came.
    #[serde(rename = "user.content_type")]
    pub content_type: String,
    /// `original-filename`, and what others put there.
    #[serde(rename = "user.metadata")]
    pub metadata: BTreeMap<String, String>,
    /// MD5 of the content, in base64.
    pub md5: String,
}

impl Attributes {
    /// Those of a file that was sent as `original`.
    pub fn new(content_type: &str, original: &str, md5: String) -> Self {
        let metadata = [("original-filename".to_owned(), original.to_owned())];
        let content_type = content_type.to_owned();
        Self { content_type, metadata: metadata.into(), md5, ..Self::default() }
    }

    /// Those of a file that was made from another.
    pub fn derived(content_type: &str, md5: String) -> Self {
        Self { content_type: content_type.to_owned(), md5, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sidecar_is_as_the_contract_shows() {
        let md5 = "FNMDgEvh8j1oyMcN96tsEw==".to_owned();
        let attributes = Attributes::new("text/plain; charset=utf-8", "Hello World.TXT", md5);
        let text = concat!(
            r#"{"user.cache_control":"","user.content_disposition":"","#,
            r#""user.content_encoding":"","user.content_language":"","#,
            r#""user.content_type":"text/plain; charset=utf-8","#,
            r#""user.metadata":{"original-filename":"Hello World.TXT"},"#,
            r#""md5":"FNMDgEvh8j1oyMcN96tsEw=="}"#
        );
        assert_eq!(serde_json::to_string(&attributes).unwrap(), text);
        assert_eq!(serde_json::from_str::<Attributes>(text).unwrap(), attributes);
    }
}
