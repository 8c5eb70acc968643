//! `multipart/form-data` as clients send it.

use crate::support::{Answer, Caller};

const BOUNDARY: &str = "edge-of-a-part";

/// A form that is being written.
pub struct Form(Vec<u8>);

impl Form {
    pub fn new() -> Self {
        Self(Vec::new())
    }

    pub fn text(self, name: &str, value: &str) -> Self {
        self.part(&format!("name=\"{name}\""), value.as_bytes())
    }

    pub fn file(self, name: &str, file: &str, content: &str) -> Self {
        self.bytes(name, file, content.as_bytes())
    }

    pub fn bytes(self, name: &str, file: &str, content: &[u8]) -> Self {
        self.part(&format!("name=\"{name}\"; filename=\"{file}\""), content)
    }

    fn part(mut self, head: &str, value: &[u8]) -> Self {
        let head = format!("Content-Disposition: form-data; {head}");
        self.0.extend_from_slice(format!("--{BOUNDARY}\r\n{head}\r\n\r\n").as_bytes());
        self.0.extend_from_slice(value);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    fn end(mut self) -> (String, Vec<u8>) {
        self.0.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let body = self.0;
        (format!("multipart/form-data; boundary={BOUNDARY}"), body)
    }

    pub async fn post(self, caller: &Caller, path: &str) -> Answer {
        let (kind, body) = self.end();
        caller.post_text(path, &kind, &body).await
    }

    pub async fn patch(self, caller: &Caller, path: &str) -> Answer {
        let (kind, body) = self.end();
        caller.patch_text(path, &kind, &body).await
    }
}
