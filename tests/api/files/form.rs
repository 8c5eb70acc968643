//! `multipart/form-data` as clients send it.

use crate::support::{Answer, Caller};

const BOUNDARY: &str = "edge-of-a-part";

/// A form that is being written.
pub struct Form(String);

impl Form {
    pub fn new() -> Self {
        Self(String::new())
    }

    pub fn text(self, name: &str, value: &str) -> Self {
        self.part(&format!("name=\"{name}\""), value)
    }

    pub fn file(self, name: &str, file: &str, content: &str) -> Self {
        self.part(&format!("name=\"{name}\"; filename=\"{file}\""), content)
    }

    fn part(mut self, head: &str, value: &str) -> Self {
        let head = format!("Content-Disposition: form-data; {head}");
        self.0.push_str(&format!("--{BOUNDARY}\r\n{head}\r\n\r\n{value}\r\n"));
        self
    }

    fn end(self) -> (String, String) {
        let body = self.0 + &format!("--{BOUNDARY}--\r\n");
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
