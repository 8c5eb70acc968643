//! From a code to a token: what is offered, what the service is asked, what the client gets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::provider::{Provider, Says, token};
use super::{PATH, app_with, form, offer, sign_in};
use crate::support::TestApp;

fn ada() -> Value {
    json!({
        "sub": "ada-1", "name": "Ada", "preferred_username": "ada", "picture": "",
        "email": "ada@example.com", "email_verified": true,
    })
}

#[tokio::test]
async fn a_code_becomes_a_new_user_and_the_answer_has_the_contract_s_shape() {
    let provider = Provider::of(ada()).await;
    let (app, _) = app_with(&provider).await;
    let answer = sign_in(&app.guest()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let meta = answer.body["meta"].as_object().unwrap().clone();
    let expiry = meta["expiry"].as_str().unwrap();
    assert!(expiry.len() == 24 && expiry.ends_with('Z'), "{expiry}");
    let mut rest = Value::Object(meta.clone());
    rest["expiry"] = json!("");
    assert_eq!(
        rest,
        json!({
            "accessToken": "AT", "avatarURL": "", "avatarUrl": "", "email": "ada@example.com",
            "expiry": "", "id": "ada-1", "isNew": true, "name": "Ada", "rawUser": ada(),
            "refreshToken": "RT", "username": "ada",
        })
    );
    let record = &answer.body["record"];
    assert_eq!((&record["name"], &record["verified"]), (&json!("Ada"), &json!(true)));
    let token = answer.body["token"].as_str().unwrap();
    let own = app.guest().with_token(token);
    assert_eq!(own.post("/api/collections/users/auth-refresh", json!({})).await.status, 200);

    let [exchange, user] = provider.came().try_into().unwrap();
    assert_eq!(exchange.path(), "/token");
    let basic = STANDARD.encode("client:se+cret");
    assert_eq!(exchange.headers["authorization"], format!("Basic {basic}"));
    assert_eq!(
        exchange.body,
        "code=CODE&code_verifier=VERIFIER&grant_type=authorization_code\
         &redirect_uri=http%3A%2F%2Fapp.test%2Fback"
    );
    assert_eq!(user.path(), "/user");
    assert_eq!(user.headers["authorization"], "Bearer AT");
    let again = sign_in(&app.guest()).await;
    assert_eq!(again.body["meta"]["isNew"], false);
    assert_eq!(again.body["record"]["id"], record["id"]);
}

#[tokio::test]
async fn what_is_offered_leads_to_the_service_and_shows_no_secret() {
    let provider = Provider::of(ada()).await;
    let (app, root) = app_with(&provider).await;
    let mut second = provider.options("oidc2");
    second["pkce"] = json!(false);
    second["displayName"] = json!("Our own");
    offer(&root, json!([provider.options("oidc"), second])).await;
    let answer = app.guest().get("/api/collections/users/auth-methods").await;
    let text = answer.body.to_string();
    assert!(!text.contains("se cret"), "{text}");
    let oauth2 = &answer.body["oauth2"];
    assert_eq!(oauth2["enabled"], true);
    let first = &oauth2["providers"][0];
    let (state, challenge) = (first["state"].as_str().unwrap(), &first["codeChallenge"]);
    let start = format!("{}/auth?client_id=client&code_challenge=", provider.url);
    let url = first["authURL"].as_str().unwrap();
    assert_eq!(
        url,
        format!(
            "{start}{}&code_challenge_method=S256&response_type=code\
             &scope=openid+email+profile&state={state}&redirect_uri=",
            challenge.as_str().unwrap()
        )
    );
    let second = &oauth2["providers"][1];
    assert_eq!((&second["displayName"], &second["codeVerifier"]), (&json!("Our own"), &json!("")));
    let old = &answer.body["authProviders"][0];
    assert_eq!((&old["state"], &old["logo"]), (&first["state"], &json!("")));
    let settings = root.get("/api/collections/users").await.body.to_string();
    assert!(!settings.contains("se cret"), "{settings}");
    // Written again without it, the secret stays.
    let mut shown = provider.options("oidc");
    shown.as_object_mut().unwrap().remove("clientSecret");
    offer(&root, json!([shown])).await;
    assert_eq!(sign_in(&app.guest()).await.status, 200);
}

#[tokio::test]
async fn bad_forms_are_refused_in_the_contract_s_words() {
    let provider = Provider::of(ada()).await;
    let (app, root) = app_with(&provider).await;
    let guest = app.guest();
    for (body, codes) in [
        (json!({}), json!({"code": "required", "provider": "required"})),
        (json!({"provider": "oidc"}), json!({"code": "required"})),
        (json!({"provider": "google", "code": "x"}), json!({"provider": "invalid_provider"})),
        (json!({"provider": "OIDC", "code": "x"}), json!({"provider": "invalid_provider"})),
        (json!({"provider": "x".repeat(101), "code": "x"}), json!({"provider": "length_too_long"})),
        (json!({"provider": "oidc", "code": 5}), json!({})),
        (json!({"provider": "oidc", "code": "x", "createData": "x"}), json!({})),
        (json!({"provider": "oidc", "code": "x", "createData": []}), json!({})),
    ] {
        let answer = guest.post(PATH, body.clone()).await;
        let message = "An error occurred while loading the submitted data.";
        assert_eq!((answer.status, answer.message()), (400, message), "{body}");
        assert_eq!(answer.codes(), codes, "{body}");
    }
    assert!(provider.came().is_empty());
    let off = root.patch("/api/collections/users", json!({"oauth2": {"enabled": false}})).await;
    assert_eq!(off.status, 200);
    for collection in ["users", "_superusers"] {
        let path = format!("/api/collections/{collection}/auth-with-oauth2");
        let answer = guest.post(&path, form()).await;
        let message = "The collection is not configured to allow OAuth2 authentication.";
        assert_eq!((answer.status, answer.message()), (403, message), "{collection}");
    }
    assert_eq!(guest.post("/api/collections/_mfas/auth-with-oauth2", form()).await.status, 404);
}

#[tokio::test]
async fn a_client_that_the_header_does_not_prove_proves_itself_in_the_body() {
    let provider = Provider::start(|came| match (came.path(), came.field("client_secret")) {
        ("/token", None) => Says::status(401),
        ("/token", Some(secret)) if secret == "se cret" => Says::json(&token()),
        ("/user", _) => Says::json(&ada()),
        _ => Says::status(404),
    })
    .await;
    let (app, _) = app_with(&provider).await;
    assert_eq!(sign_in(&app.guest()).await.status, 200);
    let came = provider.came();
    assert_eq!(came.len(), 3);
    assert!(!came[1].headers.contains_key("authorization"));
    assert_eq!(came[1].field("client_id").as_deref(), Some("client"));
    // A code that is refused is not tried twice: that would spend it.
    provider.answers(|_| Says { status: 400, ..Says::json(&json!({"error": "invalid_grant"})) });
    let refused = sign_in(&app.guest()).await;
    assert_eq!((refused.status, refused.message()), (400, "Failed to fetch OAuth2 token."));
    assert_eq!(provider.came().len(), 1);
}

/// Each single wrong attribute refuses: the service here checks what a real one does.
#[tokio::test]
async fn an_exchange_with_one_thing_wrong_signs_nobody_in() {
    let provider = Provider::start(|came| match came.path() {
        "/token" => {
            let wanted = [
                ("code", "CODE"),
                ("code_verifier", "VERIFIER"),
                ("redirect_uri", "http://app.test/back"),
                ("grant_type", "authorization_code"),
            ];
            let fits = wanted.iter().all(|(k, v)| came.field(k).as_deref() == Some(*v));
            let basic = format!("Basic {}", STANDARD.encode("client:se+cret"));
            if fits && came.headers.get("authorization") == Some(&basic) {
                Says::json(&token())
            } else {
                Says { status: 400, ..Says::json(&json!({"error": "invalid_grant"})) }
            }
        }
        "/user" => Says::json(&ada()),
        _ => Says::status(404),
    })
    .await;
    let (app, root) = app_with(&provider).await;
    let guest = app.guest();
    for (key, value) in [
        ("code", json!("CODE2")),
        ("codeVerifier", json!("VERIFIER2")),
        ("codeVerifier", json!("")),
        ("codeVerifier", json!(null)),
        ("redirectURL", json!("http://app.test/elsewhere")),
        ("redirectURL", json!("")),
        ("provider", json!("oidc2")),
    ] {
        let mut body = form();
        body[key] = value.clone();
        let answer = guest.post(PATH, body).await;
        assert_eq!(answer.status, 400, "{key}={value}: {}", answer.body);
        assert!(answer.body.get("token").is_none());
    }
    for (key, value) in [("clientId", "other"), ("clientSecret", "other")] {
        let mut options = provider.options("oidc");
        options[key] = json!(value);
        offer(&root, json!([options])).await;
        assert_eq!(sign_in(&guest).await.message(), "Failed to fetch OAuth2 token.", "{key}");
    }
    let mut options = provider.options("oidc");
    options["pkce"] = json!(false);
    offer(&root, json!([options])).await;
    assert_eq!(sign_in(&guest).await.status, 400, "without PKCE there is no verifier");
    let mut options = provider.options("oidc");
    options["pkce"] = json!(true);
    offer(&root, json!([options])).await;
    assert_eq!(root.get("/api/collections/users/records").await.body["totalItems"], 0);
    assert_eq!(sign_in(&guest).await.status, 200, "with everything right");
    let mut old = form();
    old["redirectUrl"] = old["redirectURL"].take();
    assert_eq!(guest.post(PATH, old).await.status, 200, "the older name");
}

#[tokio::test]
async fn answers_that_are_none_sign_nobody_in() {
    let provider = Provider::of(ada()).await;
    let (app, root) = app_with(&provider).await;
    let long = "x".repeat(2 << 20);
    for says in [
        Says::status(500),
        Says::redirect("/user2"),
        Says { body: b"text".to_vec(), ..Says::status(200) },
        Says::json(&json!([])),
        Says::json(&json!({})),
        Says::json(&json!({"sub": ""})),
        Says::json(&json!({"sub": null, "id": "x"})),
        Says::json(&json!({"sub": "ada", "long": long})),
    ] {
        let answer = says.clone();
        provider.answers(move |came| match came.path() {
            "/token" => Says::json(&token()),
            "/user" => answer.clone(),
            _ => Says::json(&ada()),
        });
        let refused = sign_in(&app.guest()).await;
        let message = "Failed to fetch OAuth2 user.";
        assert_eq!((refused.status, refused.message()), (400, message), "{}", refused.body);
    }
    for says in [
        Says::status(500),
        Says::redirect("/user"),
        Says::json(&json!({"token_type": "Bearer"})),
        Says::json(&json!({"access_token": "AT", "error": "no"})),
        Says::json(&json!({"access_token": ""})),
        Says { body: b"access_token".to_vec(), ..Says::status(200) },
    ] {
        let answer = says.clone();
        provider.answers(move |came| match came.path() {
            "/token" => answer.clone(),
            _ => Says::json(&ada()),
        });
        let refused = sign_in(&app.guest()).await;
        assert_eq!((refused.status, refused.message()), (400, "Failed to fetch OAuth2 token."));
    }
    assert_eq!(root.get("/api/collections/users/records").await.body["totalItems"], 0);
}

#[tokio::test]
async fn apple_s_client_secret_is_signed_with_the_key_that_was_sent() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let path = "/api/settings/apple/generate-client-secret";
    let (pem, verified) = super::id_token::apple_key();
    let good = json!({
        "clientId": "com.example", "teamId": "ABCDEFGHIJ", "keyId": "KLMNOPQRST",
        "privateKey": pem, "duration": 100,
    });
    assert_eq!(app.guest().post(path, good.clone()).await.status, 401);
    let answer = root.post(path, good.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let claims = verified(answer.body["secret"].as_str().unwrap());
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!("ABCDEFGHIJ"), &json!("com.example")));
    assert_eq!(claims["aud"], json!(["https://appleid.apple.com"]));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 100);
    for (key, value, code) in [
        ("clientId", json!(""), "required"),
        ("teamId", json!("short"), "length_invalid"),
        ("keyId", json!(""), "required"),
        ("privateKey", json!("x"), "match_invalid"),
        ("duration", json!(0), "required"),
        ("duration", json!(-1), "min_greater_equal_than_required"),
        ("duration", json!(15_777_001), "max_less_equal_than_required"),
    ] {
        let mut bad = good.clone();
        bad[key] = value;
        let refused = root.post(path, bad).await;
        assert_eq!((refused.status, refused.message()), (400, "Invalid client secret data."));
        assert_eq!(refused.codes(), json!({ key: code }));
    }
    let mut bad = good;
    bad["privateKey"] = json!("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----");
    let refused = root.post(path, bad).await;
    assert_eq!(refused.status, 400);
    assert!(!refused.body.to_string().contains("AAAA"), "{}", refused.body);
}
