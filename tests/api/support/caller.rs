//! Who asks, and what they are answered.

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde_json::{Value, json};

/// A guest, or whoever a token says.
#[derive(Clone)]
pub struct Caller {
    client: reqwest::Client,
    url: String,
    /// Sent as it is in `Authorization`.
    pub token: String,
    /// The id of the record that signed in.
    pub id: String,
    /// The address that a proxy in front says the caller has.
    forwarded_for: Option<String>,
}

/// An answer as it came.
#[derive(Debug, PartialEq)]
pub struct Raw {
    pub status: u16,
    /// All but the date, in byte order.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Status and body of an answer.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body; `null` when there is none.
    pub body: Value,
}

/// An answer that need not be JSON.
#[derive(Debug)]
pub struct Fetched {
    /// The status.
    pub status: u16,
    headers: HeaderMap,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Fetched {
    /// A header; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Answer {
    /// The codes by field, without their common prefix.
    pub fn codes(&self) -> Value {
        let Some(data) = self.body["data"].as_object() else { return Value::Null };
        let code = |leaf: &Value| leaf["code"].as_str().map(|c| c.replace("validation_", ""));
        data.iter().map(|(field, leaf)| (field.clone(), json!(code(leaf)))).collect()
    }

    /// The sentence of an error.
    pub fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }
}

impl Caller {
    pub fn new(client: reqwest::Client, url: String) -> Self {
        Self { client, url, token: String::new(), id: String::new(), forwarded_for: None }
    }

    /// The same client with another token.
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: token.into(), ..self.clone() }
    }

    /// The same, from another address behind a proxy.
    pub fn at(&self, address: &str) -> Self {
        Self { forwarded_for: Some(address.to_owned()), ..self.clone() }
    }

    /// Signs in with a password.
    pub async fn signed_in(&self, collection: &str, identity: &str, password: &str) -> Self {
        let path = format!("/api/collections/{collection}/auth-with-password");
        let answer = self.post(&path, json!({"identity": identity, "password": password})).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        Self {
            token: text(&answer.body["token"]),
            id: text(&answer.body["record"]["id"]),
            ..self.clone()
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(("application/json", body.to_string().into_bytes())))
            .await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(("application/json", body.to_string().into_bytes())))
            .await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(("application/json", body.to_string().into_bytes())))
            .await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// Posts any text under any content type.
    pub async fn post_text(
        &self,
        path: &str,
        content_type: &str,
        body: impl AsRef<[u8]>,
    ) -> Answer {
        self.send(Method::POST, path, Some((content_type, body.as_ref().to_vec()))).await
    }

    /// Patches with any text under any content type.
    pub async fn patch_text(
        &self,
        path: &str,
        content_type: &str,
        body: impl AsRef<[u8]>,
    ) -> Answer {
        self.send(Method::PATCH, path, Some((content_type, body.as_ref().to_vec()))).await
    }

    /// Whatever comes, headers and all.
    pub async fn fetch(&self, path: &str, headers: &[(&str, &str)]) -> Fetched {
        let mut request = self.client.get(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.expect("the server answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("a whole answer").to_vec();
        Fetched { status, headers, bytes }
    }

    /// Sends JSON, if there is a body, and gives back what came, byte by byte.
    pub async fn raw(&self, method: &str, path: &str, body: Option<&Value>) -> Raw {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.request(method, path);
        if let Some(body) = body {
            let kind = reqwest::header::CONTENT_TYPE;
            request = request.header(kind, "application/json").body(body.to_string());
        }
        let response = request.send().await.expect("the server answers");
        let mut headers: Vec<(String, String)> = response
            .headers()
            .iter()
            .filter(|(name, _)| *name != reqwest::header::DATE)
            .map(|(name, value)| (name.to_string(), format!("{value:?}")))
            .collect();
        headers.sort();
        let status = response.status().as_u16();
        Raw { status, headers, body: response.bytes().await.expect("a whole answer").to_vec() }
    }

    /// An answer that is read while it comes.
    pub async fn open(&self, path: &str) -> reqwest::Response {
        self.request(Method::GET, path).send().await.expect("the server answers")
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if !self.token.is_empty() {
            request = request.header(AUTHORIZATION, &self.token);
        }
        if let Some(address) = &self.forwarded_for {
            request = request.header("X-Forwarded-For", address);
        }
        request
    }

    async fn send(&self, method: Method, path: &str, body: Option<(&str, Vec<u8>)>) -> Answer {
        let mut request = self.request(method, path);
        if let Some((content_type, body)) = body {
            request = request.header(reqwest::header::CONTENT_TYPE, content_type).body(body);
        }
        let response = request.send().await.expect("the server answers");
        let status = response.status().as_u16();
        let text = response.text().await.expect("a whole answer");
        let body = if text.is_empty() { Value::Null } else { parse(&text) };
        Answer { status, body }
    }
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("no JSON ({e}): {text}"))
}
