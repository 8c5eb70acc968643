//! The refresh token in a cookie: out of reach of scripts, and of pages from elsewhere.

use reqwest::header::{HeaderMap, ORIGIN, SET_COOKIE};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp};

const REFRESH: &str = "/api/collections/users/auth-refresh";
const SIGN_IN: &str = "/api/collections/users/auth-with-password?session=cookie";

/// A browser, or somebody who would like to be taken for one.
struct Page {
    client: Client,
    url: String,
    cookie: String,
    headers: Vec<(&'static str, String)>,
}

struct Answer {
    status: u16,
    cookie: Option<String>,
    body: Value,
}

impl Page {
    fn new(app: &TestApp) -> Self {
        let url = format!("http://{}", app.address);
        Self {
            client: Client::new(),
            headers: vec![("x-session-cookie", "1".into()), (ORIGIN.as_str(), url.clone())],
            cookie: String::new(),
            url,
        }
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if !self.cookie.is_empty() {
            request = request.header("cookie", format!("a=b; {}; c=d", self.cookie));
        }
        let kind = reqwest::header::CONTENT_TYPE;
        if let Some(body) = body {
            request = request.header(kind, "application/json").body(body.to_string());
        }
        let response = request.send().await.expect("the server answers");
        let set = |headers: &HeaderMap| Some(headers.get(SET_COOKIE)?.to_str().ok()?.to_owned());
        let (status, cookie) = (response.status().as_u16(), set(response.headers()));
        let text = response.text().await.expect("a whole answer");
        let body = serde_json::from_str(&text).unwrap_or_default();
        Answer { status, cookie, body }
    }

    async fn sign_in(&self) -> Answer {
        let form = json!({"identity": "ada@example.com", "password": PASSWORD});
        self.send(Method::POST, SIGN_IN, Some(form)).await
    }

    async fn refresh(&self) -> Answer {
        self.send(Method::POST, REFRESH, None).await
    }

    /// Keeps what an answer said, as a browser does.
    fn keep(&mut self, answer: &Answer) {
        let cookie = answer.cookie.as_deref().expect("a cookie");
        self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    }
}

#[tokio::test]
async fn a_page_is_renewed_by_its_cookie_and_never_sees_the_token() {
    let app = TestApp::spawn().await;
    app.user("ada").await;
    let mut page = Page::new(&app);
    let signed_in = page.sign_in().await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.body);
    assert!(signed_in.body.get("refreshToken").is_none(), "{}", signed_in.body);
    let cookie = signed_in.cookie.clone().expect("a cookie");
    let attributes: Vec<&str> = cookie.split("; ").skip(1).collect();
    let path = "Path=/api/collections/users/auth-refresh";
    assert_eq!(attributes, [path, "HttpOnly", "SameSite=Strict", "Max-Age=2592000"]);
    page.keep(&signed_in);
    let first = page.cookie.clone();
    let renewed = page.refresh().await;
    assert_eq!(renewed.status, 200, "{}", renewed.body);
    assert!(renewed.body["token"].is_string() && renewed.body.get("refreshToken").is_none());
    page.keep(&renewed);
    assert_ne!(page.cookie, first);
    let out = page.send(Method::DELETE, REFRESH, None).await;
    assert_eq!(out.status, 204);
    assert!(
        out.cookie
            .is_some_and(|cookie| cookie.contains("gr_refresh=; ") && cookie.contains("Max-Age=0"))
    );
    let over = page.refresh().await;
    assert_eq!(over.status, 401);
    assert!(over.cookie.is_some_and(|cookie| cookie.contains("Max-Age=0")));
}

#[tokio::test]
async fn a_cookie_is_not_taken_from_pages_that_did_not_ask_or_are_from_elsewhere() {
    let app = TestApp::spawn().await;
    app.user("ada").await;
    let mut page = Page::new(&app);
    let signed_in = page.sign_in().await;
    page.keep(&signed_in);
    let own = page.headers.clone();
    let evil = (ORIGIN.as_str(), "https://evil.example".to_owned());
    page.headers = vec![own[1].clone()];
    assert_eq!(page.refresh().await.status, 401, "a form or a picture sends no such header");
    assert_eq!(page.sign_in().await.status, 403, "nobody is signed in as somebody else");
    assert_eq!(page.send(Method::DELETE, REFRESH, None).await.status, 401);
    page.headers = vec![own[0].clone(), evil];
    assert_eq!(page.refresh().await.status, 403);
    assert_eq!(page.sign_in().await.status, 403);
    assert_eq!(page.send(Method::DELETE, REFRESH, None).await.status, 403);
    page.headers = vec![own[0].clone()];
    assert_eq!(page.refresh().await.status, 200, "a server that renders pages names no origin");
    page.headers = own;
    page.headers.push(("host", "app.example.com".into()));
    page.headers[1].1 = "https://app.example.com".into();
    let public = page.sign_in().await;
    assert_eq!(public.status, 200, "{}", public.body);
    assert!(public.cookie.is_some_and(|cookie| cookie.ends_with("; Secure")));
}
