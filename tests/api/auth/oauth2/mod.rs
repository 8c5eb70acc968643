//! Sign-in with accounts of other services, against a service that runs beside the test.

mod account;
mod flow;
mod id_token;
mod provider;
mod redirect;
mod shapes;

use serde_json::{Value, json};

use crate::support::{Answer, Caller, TestApp};
use provider::Provider;

const PATH: &str = "/api/collections/users/auth-with-oauth2";

/// A server whose users may come from this service, and its superuser.
async fn app_with(provider: &Provider) -> (TestApp, Caller) {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    offer(&root, json!([provider.options("oidc")])).await;
    (app, root)
}

/// Lets users come from these services.
async fn offer(root: &Caller, providers: Value) {
    let body = json!({"oauth2": {"enabled": true, "providers": providers}});
    let answer = root.patch("/api/collections/users", body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

fn form() -> Value {
    json!({
        "provider": "oidc", "code": "CODE", "codeVerifier": "VERIFIER",
        "redirectURL": "http://app.test/back",
    })
}

/// Comes back with a code.
async fn sign_in(caller: &Caller) -> Answer {
    caller.post(PATH, form()).await
}

/// The services that a user is linked to.
async fn links(root: &Caller, user: &str) -> Vec<String> {
    let filter = format!("recordRef='{user}'");
    let path = format!("/api/collections/_externalAuths/records?sort=provider&filter={filter}");
    let answer = root.get(&path).await;
    let items = answer.body["items"].as_array().expect("a list").clone();
    let text = |item: &Value, key: &str| item[key].as_str().unwrap_or_default().to_owned();
    items.iter().map(|i| format!("{}:{}", text(i, "provider"), text(i, "providerId"))).collect()
}
