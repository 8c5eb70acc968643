//! Id tokens: what must fit, and that nothing in one leads anywhere.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::provider::{Provider, Says, token};
use super::{PATH, app_with, form, offer};
use crate::support::{Answer, TestApp};

/// A key of the issuer, or of somebody else.
struct Key {
    key: EncodingKey,
    algorithm: Algorithm,
    name: &'static str,
}

impl Key {
    fn rsa(name: &'static str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        let der = pair.as_der().expect("a key");
        // The library wants what is inside of PKCS #8.
        let inner = der.as_ref();
        let key = EncodingKey::from_rsa_der(&inner[26..]);
        Self { key, algorithm: Algorithm::RS256, name }
    }

    fn ec(name: &'static str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        let der = pair.to_pkcs8v1().expect("a key");
        let key = EncodingKey::from_ec_der(der.as_ref());
        Self { key, algorithm: Algorithm::ES256, name }
    }

    fn public(&self) -> Value {
        let key = Jwk::from_encoding_key(&self.key, self.algorithm).expect("a public key");
        let mut json = serde_json::to_value(key).expect("JSON");
        json["kid"] = json!(self.name);
        json["use"] = json!("sig");
        json
    }

    fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.name.to_owned());
        encode(&header, claims, &self.key).expect("a token")
    }
}

/// A private key in the form of Apple's portal, and a token's claims if it signed them.
pub fn apple_key() -> (String, impl Fn(&str) -> Value) {
    use base64::Engine as _;
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    let der = pair.to_pkcs8v1().expect("a key");
    let key = EncodingKey::from_ec_der(der.as_ref());
    let text = base64::engine::general_purpose::STANDARD.encode(der.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
    let verified = move |token: &str| {
        let public = Jwk::from_encoding_key(&key, Algorithm::ES256).expect("a public key");
        let public = jsonwebtoken::DecodingKey::from_jwk(&public).expect("a public key");
        let mut validation = jsonwebtoken::Validation::new(Algorithm::ES256);
        validation.validate_aud = false;
        jsonwebtoken::decode::<Value>(token, &public, &validation).expect("it fits").claims
    };
    (pem, verified)
}

/// The options of Apple, answered by `provider`, with an id token and the keys it fits.
pub fn apple(app: &TestApp, provider: &Provider) -> (Value, (String, Value)) {
    let key = Key::ec("k");
    let mut options = provider.options("apple");
    options["extra"] = json!({"jwksURL": format!("{}/keys", provider.url)});
    let mut claims = claims(app);
    claims["iss"] = json!("https://appleid.apple.com");
    claims.as_object_mut().expect("claims").remove("name");
    (options, (key.sign(&claims), json!({"keys": [key.public()]})))
}

const ISSUER: &str = "https://issuer.example.com";

fn claims(app: &TestApp) -> Value {
    let now = app.clock.now().unix_secs();
    json!({
        "iss": ISSUER, "aud": "client", "sub": "ada-1", "name": "Ada", "exp": now + 60,
        "iat": now, "email": "ada@example.com", "email_verified": true,
    })
}

/// A service without an address for users: who they are is in the id token.
async fn issuer(keys: Value) -> (Provider, TestApp) {
    let provider = Provider::start(move |_| Says::json(&json!({ "keys": keys }))).await;
    let (app, root) = app_with(&provider).await;
    let mut options = provider.options("oidc2");
    options["userInfoURL"] = json!("");
    options["extra"] = json!({"jwksURL": format!("{}/keys", provider.url), "issuers": [ISSUER]});
    offer(&root, json!([options])).await;
    (provider, app)
}

async fn sign_in(provider: &Provider, app: &TestApp, keys: &Value, id_token: Value) -> Answer {
    let keys = keys.clone();
    provider.came();
    provider.answers(move |came| match came.path() {
        "/token" => {
            let mut grant = token();
            grant["id_token"] = id_token.clone();
            Says::json(&grant)
        }
        "/keys" => Says::json(&json!({ "keys": keys })),
        _ => Says::status(404),
    });
    let mut body = form();
    body["provider"] = json!("oidc2");
    app.guest().post(PATH, body).await
}

/// Tokens that say the right thing and that the key did not sign.
fn forged(app: &TestApp, key: &Key) -> Vec<(&'static str, Value)> {
    let (foreign, other) = (Key::ec("k"), Key::rsa("k"));
    let good = key.sign(&claims(app));
    let (head, rest) = good.split_once('.').expect("three parts");
    let (body, signature) = rest.split_once('.').expect("it works");
    let none = "eyJhbGciOiJub25lIn0";
    // With the public key as a shared secret.
    let shared = EncodingKey::from_secret(key.public().to_string().as_bytes());
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("k".to_owned());
    let shared = encode(&header, &claims(app), &shared).expect("it works");
    let (unknown, same) = (Key { name: "unknown", ..Key::ec("k") }, claims(app));
    vec![
        ("key", json!(foreign.sign(&same))),
        ("kind of key", json!(other.sign(&same))),
        ("name of the key", json!(unknown.sign(&same))),
        ("shared key", json!(shared)),
        ("no algorithm", json!(format!("{none}.{body}."))),
        ("no algorithm, signed", json!(format!("{none}.{body}.{signature}"))),
        ("no signature", json!(format!("{head}.{body}."))),
        ("two parts", json!(format!("{head}.{body}"))),
        ("no token", json!("")),
        ("null", json!(null)),
        ("a number", json!(7)),
    ]
}

/// CVE-2026-31813, CVE-2026-30863: issuer AND audience AND key, each on its own.
#[tokio::test]
async fn s8_an_id_token_with_one_thing_wrong_signs_nobody_in() {
    let (key, foreign) = (Key::ec("k"), Key::ec("k"));
    let keys = json!([key.public(), {"kty": "unheard of", "kid": "x"}]);
    let (provider, app) = issuer(keys.clone()).await;
    let evil = Provider::start(|_| Says::status(200)).await;
    let now = app.clock.now().unix_secs();
    let mut wrong: Vec<(&str, Value)> = Vec::new();
    for (claim, value) in [
        ("iss", json!(evil.url)),
        ("iss", json!("https://issuer.example.com/")),
        ("iss", json!([ISSUER])),
        ("iss", json!(null)),
        ("aud", json!("another")),
        ("aud", json!(["another"])),
        ("aud", json!([])),
        ("aud", json!("")),
        ("aud", json!(null)),
        ("azp", json!("another")),
        ("exp", json!(now - 301)),
        ("exp", json!(null)),
        ("exp", json!("soon")),
        ("iat", json!(now + 400)),
        ("nbf", json!(now + 400)),
        ("sub", json!("")),
        ("sub", json!(null)),
    ] {
        let mut bad = claims(&app);
        bad[claim] = value;
        wrong.push((claim, json!(key.sign(&bad))));
    }
    let good = key.sign(&claims(&app));
    wrong.extend(forged(&app, &key));
    for (what, id_token) in wrong {
        let answer = sign_in(&provider, &app, &keys, id_token).await;
        let refused = (400, "Failed to fetch OAuth2 user.");
        assert_eq!((answer.status, answer.message()), refused, "{what}: {}", answer.body);
        let asked = provider.came();
        let known = asked.iter().all(|came| matches!(came.path(), "/token" | "/keys"));
        assert!(known, "{what}: {asked:?}");
    }
    assert!(evil.came().is_empty(), "the token's own issuer was asked");
    for keys in [json!([]), json!([foreign.public()]), json!("no list")] {
        let answer = sign_in(&provider, &app, &keys, json!(good)).await;
        assert_eq!(answer.status, 400, "{keys}");
    }
    let mut for_encryption = key.public();
    for_encryption["use"] = json!("enc");
    let answer = sign_in(&provider, &app, &json!([for_encryption]), json!(good)).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    let answer = sign_in(&provider, &app, &keys, json!(good)).await;
    assert_eq!(answer.status, 200, "with everything right: {}", answer.body);
    assert_eq!(answer.body["meta"]["id"], "ada-1");
    assert_eq!(answer.body["record"]["verified"], true);
}

#[tokio::test]
async fn an_id_token_may_have_what_the_standard_allows() {
    let (rsa, ec) = (Key::rsa("r"), Key::ec("e"));
    let keys = json!([rsa.public(), ec.public()]);
    let (provider, app) = issuer(keys.clone()).await;
    let now = app.clock.now().unix_secs();
    for (claim, value) in [
        ("aud", json!(["another", "client"])),
        ("azp", json!("client")),
        ("exp", json!(now - 200)),
        ("iat", json!(now + 200)),
        ("email_verified", json!("true")),
        ("nonce", json!("anything")),
    ] {
        for key in [&rsa, &ec] {
            let mut good = claims(&app);
            good[claim] = value.clone();
            let answer = sign_in(&provider, &app, &keys, json!(key.sign(&good))).await;
            assert_eq!(answer.status, 200, "{claim}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn apple_is_its_own_issuer_whatever_the_options_say() {
    let key = Key::ec("k");
    let keys = json!([key.public()]);
    let (provider, app) = issuer(keys.clone()).await;
    let root = app.superuser().await;
    let mut options = provider.options("apple");
    options["extra"] =
        json!({"jwksURL": format!("{}/keys", provider.url), "issuers": ["https://evil.example"]});
    offer(&root, json!([options])).await;
    for (issuer, status) in
        [("https://evil.example", 400), (ISSUER, 400), ("https://appleid.apple.com", 200)]
    {
        let (mut same, keys) = (claims(&app), keys.clone());
        same["iss"] = json!(issuer);
        let id_token = key.sign(&same);
        provider.answers(move |came| match came.path() {
            "/token" => {
                let mut grant = token();
                grant["id_token"] = json!(id_token);
                Says::json(&grant)
            }
            _ => Says::json(&json!({ "keys": keys })),
        });
        let mut body = form();
        body["provider"] = json!("apple");
        let answer = app.guest().post(PATH, body).await;
        assert_eq!(answer.status, status, "{issuer}: {}", answer.body);
    }
}
