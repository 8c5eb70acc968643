//! What is known of a file, as headers of an object (contract §6.1), and back.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use object_store::{Attribute, Attributes as Headers, ObjectMeta};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::files::Attributes;

/// The label of the content's MD5: the tag of an object is none where it came in parts. Who reads
/// an object finds it among the others, too: then it is sure.
pub(in crate::files) const MD5: &str = "md5";
/// What stays as it is in the values of labels, which are headers.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// The headers of an object.
pub(super) fn headers(attributes: &Attributes) -> Headers {
    let mut headers = Headers::new();
    let fixed = [
        (Attribute::ContentType, &attributes.content_type),
        (Attribute::CacheControl, &attributes.cache_control),
        (Attribute::ContentDisposition, &attributes.content_disposition),
        (Attribute::ContentEncoding, &attributes.content_encoding),
        (Attribute::ContentLanguage, &attributes.content_language),
    ];
    for (name, value) in fixed {
        if !value.is_empty() {
            headers.insert(name, value.clone().into());
        }
    }
    let md5 = (MD5.to_owned(), attributes.md5.clone());
    let md5 = (!attributes.md5.is_empty()).then_some(md5);
    let others = attributes.metadata.clone().into_iter().filter(|(name, _)| name != MD5);
    for (name, value) in others.chain(md5) {
        let value = utf8_percent_encode(&value, PLAIN).to_string();
        headers.insert(Attribute::Metadata(name.into()), value.into());
    }
    headers
}

/// What the headers of an object say.
pub(super) fn attributes(headers: &Headers, meta: &ObjectMeta) -> Attributes {
    let text = |name| headers.get(&name).map(|value| value.to_string()).unwrap_or_default();
    let mut metadata = BTreeMap::new();
    for (name, value) in headers {
        if let Attribute::Metadata(name) = name {
            let value = percent_decode_str(value.as_ref()).decode_utf8_lossy().into_owned();
            metadata.insert(name.to_ascii_lowercase(), value);
        }
    }
    let md5 = metadata.get(MD5).filter(|md5| !md5.is_empty()).cloned();
    Attributes {
        cache_control: text(Attribute::CacheControl),
        content_disposition: text(Attribute::ContentDisposition),
        content_encoding: text(Attribute::ContentEncoding),
        content_language: text(Attribute::ContentLanguage),
        content_type: text(Attribute::ContentType),
        metadata,
        md5: md5.unwrap_or_else(|| tag(meta.e_tag.as_deref().unwrap_or_default())),
    }
}

/// The MD5 that a tag is, in base64; a tag that is none stands for itself.
fn tag(etag: &str) -> String {
    let plain = etag.trim_start_matches("W/").trim_matches('"');
    let bytes: Option<Vec<u8>> = (0..plain.len() / 2)
        .map(|i| plain.get(2 * i..2 * i + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    match bytes {
        Some(bytes) if plain.len() == 32 => STANDARD.encode(bytes),
        _ => plain.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_clients_are_kept_in_headers_as_observed() {
        let name = "He llo +=#%ü.txt";
        let md5 = "XrY7u+Ae7tCTyyK7j1rNww==".to_owned();
        let attributes = Attributes::new("text/plain", name, md5.clone());
        let headers = headers(&attributes);
        let stored = headers.get(&Attribute::Metadata("original-filename".into())).unwrap();
        assert_eq!(stored.as_ref(), "He%20llo%20+=%23%25%C3%BC.txt");
        assert_eq!(tag("\"5eb63bbbe01eeed093cb22bb8f5acdc3\""), md5);
        assert_eq!(
            tag("\"5eb63bbbe01eeed093cb22bb8f5acdc3-2\""),
            "5eb63bbbe01eeed093cb22bb8f5acdc3-2"
        );
        assert_eq!(tag(""), "");
    }
}
