//! `/api/oauth2-redirect`: the code goes to the page that waits, the window to a page of ours.

use serde_json::{Value, json};

use crate::support::{Stream, TestApp};

const SUCCESS: &str = "../_/#/auth/oauth2-redirect-success";
const FAILURE: &str = "../_/#/auth/oauth2-redirect-failure";

/// A browser that shows where it is sent instead of going there.
struct Browser {
    client: reqwest::Client,
    url: String,
}

impl Browser {
    fn new(app: &TestApp) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let url = format!("http://{}/api/oauth2-redirect", app.address);
        Self { client: client.build().expect("a client"), url }
    }

    async fn get(&self, pairs: &[(&str, &str)]) -> (u16, String) {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let request =
            self.client.get(format!("{}?{}", self.url, query.extend_pairs(pairs).finish()));
        Self::went(request).await
    }

    async fn post(&self, pairs: &[(&str, &str)]) -> (u16, String) {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let body = form.extend_pairs(pairs).finish();
        let kind = "application/x-www-form-urlencoded";
        Self::went(self.client.post(&self.url).header("content-type", kind).body(body)).await
    }

    async fn went(request: reqwest::RequestBuilder) -> (u16, String) {
        let answer = request.send().await.expect("the server answers");
        let location = answer.headers()["location"].to_str().expect("text").to_owned();
        (answer.status().as_u16(), location)
    }
}

async fn told(stream: &mut Stream) -> Value {
    let message = stream.next().await.expect("a message");
    assert_eq!(message.topic, "@oauth2");
    message.data
}

#[tokio::test]
async fn a_code_is_handed_over_once_to_who_waits_for_it() {
    let app = TestApp::spawn().await;
    let browser = Browser::new(&app);
    let mut page = Stream::open(&app.guest()).await;
    let id = page.client_id.clone();
    let (failure, success) = ((307, FAILURE.to_owned()), (307, SUCCESS.to_owned()));
    let code = [("state", id.as_str()), ("code", "a\"b\n")];
    assert_eq!(browser.get(&code).await, failure, "nobody waits");
    page.follow(&app.guest(), &["@oauth2"]).await;
    assert_eq!(browser.get(&code).await, success);
    assert_eq!(told(&mut page).await, json!({"state": id, "code": "a\"b\n"}));
    assert_eq!(browser.get(&code).await, failure, "it waited once");
    page.follow(&app.guest(), &["@oauth2"]).await;
    let error = [("state", id.as_str()), ("code", "x"), ("error", "access_denied")];
    assert_eq!(browser.get(&error).await, failure);
    let expected = json!({"state": id, "code": "x", "error": "access_denied"});
    assert_eq!(told(&mut page).await, expected);
    page.follow(&app.guest(), &["@oauth2"]).await;
    assert_eq!(browser.get(&[("state", &id)]).await, failure);
    assert_eq!(told(&mut page).await, json!({"state": id, "code": ""}));
    page.follow(&app.guest(), &["@oauth2"]).await;
    let posted = browser.post(&[("state", &id), ("code", "posted")]).await;
    assert_eq!(posted, (303, SUCCESS.to_owned()));
    assert_eq!(told(&mut page).await, json!({"state": id, "code": "posted"}));
    for bad in [vec![], vec![("state", "nobody"), ("code", "x")], vec![("code", "x")]] {
        assert_eq!(browser.get(&bad).await, failure);
        assert_eq!(browser.post(&bad).await, (303, FAILURE.to_owned()));
    }
}

#[tokio::test]
async fn a_code_from_another_address_is_not_handed_over() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let trusted = json!({"trustedProxy": {"headers": ["X-Forwarded-For"], "useLeftmostIP": false}});
    assert_eq!(root.patch("/api/settings", trusted).await.status, 200);
    let guest = app.guest().at("10.0.0.1");
    let page = Stream::open(&guest).await;
    page.follow(&guest, &["@oauth2"]).await;
    let browser = Browser::new(&app);
    let url = format!("{}?state={}&code=x", browser.url, page.client_id);
    for (address, page) in [("10.0.0.2", FAILURE), ("10.0.0.1", SUCCESS)] {
        let request = browser.client.get(&url).header("X-Forwarded-For", address);
        assert_eq!(Browser::went(request).await, (307, page.to_owned()), "{address}");
    }
}

/// CVE-2026-22032: nothing that a client sends decides where a window goes.
#[tokio::test]
async fn s11_a_window_goes_to_pages_of_ours_only() {
    let app = TestApp::spawn().await;
    let browser = Browser::new(&app);
    let evil = "https://evil.example/";
    for name in ["redirect", "redirect_uri", "redirectURL", "url", "next", "RelayState", "state"] {
        for value in [evil, "//evil.example", r"\\evil.example", "javascript:alert(1)"] {
            let pairs = [(name, value), ("code", value), ("error", value)];
            assert_eq!(browser.get(&pairs).await, (307, FAILURE.to_owned()), "{name}={value}");
            assert_eq!(browser.post(&pairs).await, (303, FAILURE.to_owned()), "{name}={value}");
        }
    }
    let request = browser.client.get(&browser.url);
    let request = request.header("host", "evil.example").header("x-forwarded-host", "evil.example");
    assert_eq!(Browser::went(request).await, (307, FAILURE.to_owned()));
}

/// Apple tells a name once, beside the code, and nothing of it with the token.
#[tokio::test]
async fn apple_s_name_waits_for_the_code_it_came_with() {
    use super::provider::{Provider, Says, token};

    let provider = Provider::of(json!({})).await;
    let (app, root) = super::app_with(&provider).await;
    let (issuer, claims) = super::id_token::apple(&app, &provider);
    super::offer(&root, json!([issuer])).await;
    let (id_token, keys) = claims;
    provider.answers(move |came| match came.path() {
        "/token" => {
            let mut grant = token();
            grant["id_token"] = json!(id_token);
            Says::json(&grant)
        }
        _ => Says::json(&keys),
    });
    let page = Stream::open(&app.guest()).await;
    page.follow(&app.guest(), &["@oauth2"]).await;
    let user = r#"{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"no@example.com"}"#;
    let pairs = [("state", page.client_id.as_str()), ("code", "CODE"), ("user", user)];
    assert_eq!(Browser::new(&app).post(&pairs).await, (303, SUCCESS.to_owned()));
    let mut body = super::form();
    body["provider"] = json!("apple");
    let first = app.guest().post(super::PATH, body.clone()).await;
    assert_eq!(first.body["meta"]["name"], "Ada Lovelace", "{}", first.body);
    assert_eq!(first.body["record"]["name"], "Ada Lovelace");
    let second = app.guest().post(super::PATH, body).await;
    assert_eq!(second.body["meta"]["name"], "");
}
