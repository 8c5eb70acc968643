//! Whose record somebody is, and what that does to those who were there before.

use greenroom::sql::Statement;
use greenroom::store::{Cost, Tx};
use serde_json::{Value, json};

use super::provider::{Provider, Says};
use super::{PATH, app_with, form, links, offer, sign_in};
use crate::support::{Caller, TestApp};

const PASSWORD: &str = "1234567890";

fn person(id: &str, email: &str) -> Value {
    json!({"sub": id, "name": "Ada", "email": email, "email_verified": true})
}

/// Whether the password still opens the account.
async fn opens(app: &TestApp, email: &str) -> bool {
    let body = json!({"identity": email, "password": PASSWORD});
    app.guest().post("/api/collections/users/auth-with-password", body).await.status == 200
}

async fn is_signed_in(caller: &Caller) -> bool {
    caller.post("/api/collections/users/auth-refresh", json!({})).await.status == 200
}

async fn with_two_services(provider: &Provider) -> (TestApp, Caller) {
    let (app, root) = app_with(provider).await;
    offer(&root, json!([provider.options("oidc"), provider.options("oidc2")])).await;
    (app, root)
}

async fn by(caller: &Caller, service: &str) -> crate::support::Answer {
    let mut body = form();
    body["provider"] = json!(service);
    caller.post(PATH, body).await
}

/// CVE-2024-38351: who signs up with the address of somebody else keeps nothing once they come.
#[tokio::test]
async fn s1_the_owner_of_an_address_takes_the_account_from_who_signed_up_with_it() {
    let provider = Provider::of(json!({})).await;
    let (app, root) = with_two_services(&provider).await;
    let thief = app.user("victim").await;
    provider.knows(json!({"sub": "thief-1"}));
    assert_eq!(by(&thief, "oidc2").await.status, 200);
    assert_eq!(links(&root, &thief.id).await, ["oidc2:thief-1"]);

    provider.knows(person("victim-1", "victim@example.com"));
    let answer = sign_in(&app.guest()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["record"]["id"], json!(thief.id));
    assert_eq!(answer.body["record"]["verified"], true);
    assert_eq!(answer.body["meta"]["isNew"], false);
    assert!(!opens(&app, "victim@example.com").await, "the password of the thief works on");
    assert!(!is_signed_in(&thief).await, "the token of the thief works on");
    assert_eq!(links(&root, &thief.id).await, ["oidc:victim-1"]);
    // The account of the thief at the other service is nobody's now.
    provider.knows(json!({"sub": "thief-1"}));
    let thief_again = by(&app.guest(), "oidc2").await;
    assert_ne!(thief_again.body["record"]["id"], json!(thief.id));
    let victim = app.guest().with_token(answer.body["token"].as_str().unwrap());
    assert!(is_signed_in(&victim).await);
}

/// What came with the account goes with it: sessions, and the app that would ask its owner for
/// codes.
#[tokio::test]
async fn s1_neither_a_session_nor_an_authenticator_app_outlives_the_take_over() {
    let provider = Provider::of(person("victim-1", "victim@example.com")).await;
    let (app, root) = app_with(&provider).await;
    let totp = json!({"totp": {"enabled": true}});
    assert_eq!(root.patch("/api/collections/users", totp).await.status, 200);
    let thief = app.user("victim").await;
    let path = "/api/collections/users/auth-with-password?session=1";
    let body = json!({"identity": "victim@example.com", "password": PASSWORD});
    let session = app.guest().post(path, body).await;
    let spent = json!({"refreshToken": session.body["refreshToken"]});
    assert!(spent["refreshToken"].is_string(), "{}", session.body);
    let enrolled =
        thief.post("/api/collections/users/totp/enroll", json!({"password": PASSWORD})).await;
    assert_eq!(enrolled.status, 200, "{}", enrolled.body);
    assert_eq!(apps(&app).await, 1);

    let victim = sign_in(&app.guest()).await;
    assert_eq!((victim.status, &victim.body["record"]["id"]), (200, &json!(thief.id)));
    assert_eq!(apps(&app).await, 0);
    let refreshed = app.guest().post("/api/collections/users/auth-refresh", spent).await;
    assert_eq!(refreshed.status, 401, "{}", refreshed.body);
}

/// How many authenticator apps there are.
async fn apps(app: &TestApp) -> usize {
    let all = Statement::new("SELECT secret FROM _gr_totp".to_owned(), Vec::new());
    let read = move |tx: &Tx<'_>| {
        let mut count = 0;
        tx.query(&all, |_| {
            count += 1;
            Ok(())
        })?;
        Ok(count)
    };
    app.app.store.read(Cost::Bounded, read).await.expect("a count")
}

/// CVE-2026-44166: an address that the client names is not one that the service proved.
#[tokio::test]
async fn s2_an_address_of_the_client_s_own_is_not_proved() {
    let provider = Provider::of(person("thief-1", "thief@example.com")).await;
    let (app, root) = with_two_services(&provider).await;
    let mut body = form();
    body["createData"] = json!({"email": "victim@example.com"});
    let made = app.guest().post(PATH, body).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let record = &made.body["record"];
    let shown = (&record["email"], &record["verified"]);
    assert_eq!(shown, (&json!("victim@example.com"), &json!(false)));
    let id = record["id"].as_str().unwrap();
    let thief = app.guest().with_token(made.body["token"].as_str().unwrap());
    // Neither another sign-in nor another service makes it one.
    assert_eq!(sign_in(&app.guest()).await.body["record"]["verified"], false);
    provider.knows(person("thief-2", "thief2@example.com"));
    let other = by(&thief, "oidc2").await;
    assert_eq!((other.status, &other.body["record"]["verified"]), (200, &json!(false)));

    provider.knows(person("victim-1", "victim@example.com"));
    let victim = sign_in(&app.guest()).await;
    assert_eq!(victim.body["record"]["id"], json!(id));
    assert_eq!(links(&root, id).await, ["oidc:victim-1"]);
    assert!(!is_signed_in(&thief).await);
}

#[tokio::test]
async fn an_address_that_the_service_does_not_prove_finds_nobody() {
    let provider = Provider::of(json!({})).await;
    let (app, root) = app_with(&provider).await;
    let user = app.user("ada").await;
    for proof in [json!(false), json!("false"), json!(null), json!(0)] {
        let mut unproved = person("x", "ada@example.com");
        unproved["email_verified"] = proof;
        provider.knows(unproved);
        let answer = sign_in(&app.guest()).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert_eq!(answer.codes(), json!({"email": "required"}));
    }
    assert!(links(&root, &user.id).await.is_empty());
    assert!(opens(&app, "ada@example.com").await);
}

#[tokio::test]
async fn who_proved_their_address_before_keeps_password_and_links() {
    let provider = Provider::of(json!({"sub": "first"})).await;
    let (app, root) = with_two_services(&provider).await;
    let ada = app.user("ada").await;
    let path = format!("/api/collections/users/records/{}", ada.id);
    assert_eq!(root.patch(&path, json!({"verified": true})).await.status, 200);
    assert_eq!(by(&ada, "oidc2").await.status, 200);
    provider.knows(person("second", "ada@example.com"));
    let answer = sign_in(&app.guest()).await;
    assert_eq!(answer.body["record"]["id"], json!(ada.id));
    assert_eq!(links(&root, &ada.id).await, ["oidc:second", "oidc2:first"]);
    assert!(opens(&app, "ada@example.com").await && is_signed_in(&ada).await);
    // One account of a service to a record.
    provider.knows(person("third", "ada@example.com"));
    let third = sign_in(&app.guest()).await;
    assert_eq!((third.status, third.message()), (400, "Failed to authenticate."));
    let taken = json!({
        "collectionRef": "not_unique", "provider": "not_unique", "recordRef": "not_unique"
    });
    assert_eq!(third.codes(), taken);
    assert_eq!(links(&root, &ada.id).await, ["oidc:second", "oidc2:first"]);
}

#[tokio::test]
async fn who_is_signed_in_links_and_may_take_the_link_away() {
    let provider = Provider::of(person("one", "elsewhere@example.com")).await;
    let (app, root) = app_with(&provider).await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let linked = sign_in(&ada).await;
    assert_eq!(linked.body["record"]["id"], json!(ada.id));
    assert_eq!(linked.body["record"]["email"], "ada@example.com");
    // It is theirs, whoever is signed in.
    assert_eq!(sign_in(&app.guest()).await.body["record"]["id"], json!(ada.id));
    assert_eq!(sign_in(&bob).await.body["record"]["id"], json!(ada.id));
    let list = "/api/collections/_externalAuths/records";
    assert_eq!(bob.get(list).await.body["totalItems"], 0);
    let own = ada.get(list).await.body["items"][0].clone();
    let path = format!("{list}/{}", own["id"].as_str().unwrap());
    assert_eq!(bob.delete(&path).await.status, 404);
    assert_eq!(ada.delete(&path).await.status, 204);
    assert!(links(&root, &ada.id).await.is_empty());
    let other = sign_in(&app.guest()).await;
    assert_eq!((other.status, &other.body["meta"]["isNew"]), (200, &json!(true)));
    assert_ne!(other.body["record"]["id"], json!(ada.id));
    // A superuser is of another collection: nothing is linked to them.
    provider.knows(person("root", "root2@example.com"));
    assert_eq!(sign_in(&root).await.body["record"]["email"], "root2@example.com");
}

#[tokio::test]
async fn a_user_is_made_by_the_create_rule() {
    let provider = Provider::of(person("1", "ada@example.com")).await;
    let (app, root) = app_with(&provider).await;
    let set = async |rule: Value| {
        let body = json!({"createRule": rule});
        assert_eq!(root.patch("/api/collections/users", body).await.status, 200);
    };
    set(json!(null)).await;
    assert_eq!(sign_in(&app.guest()).await.status, 403);
    for rule in ["@request.context != 'oauth2'", "verified = true", "name = 'Bob'"] {
        set(json!(rule)).await;
        let refused = sign_in(&app.guest()).await;
        assert_eq!((refused.status, refused.message()), (400, "Failed to create record."));
    }
    set(json!(
        "@request.context = 'oauth2' && @request.body.name = 'Eve' && @request.method = 'POST'"
    ))
    .await;
    for bad in [json!({"verified": true}), json!({"password": PASSWORD})] {
        let mut body = form();
        body["createData"] = json!({"name": "Eve"});
        body["createData"].as_object_mut().unwrap().extend(bad.as_object().unwrap().clone());
        assert_eq!(app.guest().post(PATH, body).await.status, 400, "{bad}");
    }
    let mut body = form();
    body["createData"] = json!({"name": "Eve", "tokenKey": "chosen", "email": ""});
    let made = app.guest().post(PATH, body).await;
    assert_eq!(made.status, 200, "{}", made.body);
    assert_eq!(made.body["record"]["name"], "Eve");
    assert_eq!(made.body["record"]["email"], "ada@example.com");
    assert!(!opens(&app, "ada@example.com").await);
}

#[tokio::test]
async fn fields_take_what_the_service_tells_where_it_fits() {
    let provider = Provider::of(json!({})).await;
    let (app, root) = app_with(&provider).await;
    let people = json!({
        "name": "people", "type": "auth", "createRule": "", "fields": [
            {"name": "nick", "type": "text", "max": 5}, {"name": "full", "type": "text"},
            {"name": "theirs", "type": "text"}, {"name": "picture", "type": "url"}],
        "indexes": ["CREATE UNIQUE INDEX nick ON people (nick COLLATE NOCASE) WHERE nick != ''"],
        "oauth2": {"enabled": true, "providers": [provider.options("oidc")], "mappedFields":
            {"id": "theirs", "name": "full", "username": "nick", "avatarURL": "picture"}},
    });
    let made = root.post("/api/collections", people).await;
    assert_eq!(made.status, 200, "{}", made.body);
    for (id, username, nick) in
        [("1", "ada", "ada"), ("2", "ADA", ""), ("3", "far too long", ""), ("4", "bob", "bob")]
    {
        let email = format!("{id}@example.com");
        let mut user = person(id, &email);
        user["preferred_username"] = json!(username);
        user["picture"] = json!("https://pictures.example.com/1.png");
        provider.knows(user);
        let answer = app.guest().post("/api/collections/people/auth-with-oauth2", form()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let record = &answer.body["record"];
        let told = ["nick", "full", "theirs", "picture"].map(|key| record[key].clone());
        let picture = "https://pictures.example.com/1.png";
        assert_eq!(told, [nick, "Ada", id, picture].map(|text| json!(text)), "{username}");
    }
}

#[tokio::test]
async fn the_first_sign_ins_of_one_person_at_once_make_one_record() {
    let provider = Provider::of(person("1", "ada@example.com")).await;
    let (app, root) = app_with(&provider).await;
    let guest = app.guest();
    let all = futures_util::future::join_all((0..8).map(|_| sign_in(&guest))).await;
    let new = all.iter().filter(|answer| answer.body["meta"]["isNew"] == true).count();
    assert!(all.iter().all(|answer| answer.status == 200), "{all:?}");
    assert_eq!(new, 1);
    assert_eq!(root.get("/api/collections/users/records").await.body["totalItems"], 1);
}

/// 0.36.9: a service's word for where a picture is must not lead into the own network.
#[tokio::test]
async fn s5_pictures_are_not_fetched_from_private_addresses() {
    let inside = Provider::start(|_| Says { body: b"secret".to_vec(), ..Says::status(200) }).await;
    let provider = Provider::of(json!({})).await;
    let (app, _) = app_with(&provider).await;
    let port = inside.url.rsplit(':').next().unwrap().to_owned();
    let hosts = [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0.0.0.0",
        "127.1",
        "2130706433",
        "0x7f.1",
        "[64:ff9b::127.0.0.1]",
        "169.254.169.254",
        "user@127.0.0.1",
    ];
    let urls = hosts.iter().map(|host| format!("http://{host}:{port}/picture.png"));
    for (i, url) in urls.chain(["file:///etc/passwd".to_owned()]).enumerate() {
        let mut user = person(&i.to_string(), &format!("{i}@example.com"));
        user["picture"] = json!(url);
        provider.knows(user);
        let answer = sign_in(&app.guest()).await;
        assert_eq!(answer.status, 200, "{url}: {}", answer.body);
        assert_eq!(answer.body["record"]["avatar"], "", "{url}");
    }
    assert!(inside.came().is_empty(), "somebody came in");
}

#[tokio::test]
async fn a_second_method_follows_where_the_collection_wants_it() {
    let provider = Provider::of(person("1", "ada@example.com")).await;
    let (app, root) = app_with(&provider).await;
    let ada = app.user("ada").await;
    assert_eq!(sign_in(&ada).await.status, 200);
    let mfa = json!({"mfa": {"enabled": true, "duration": 600, "rule": ""}});
    assert_eq!(root.patch("/api/collections/users", mfa).await.status, 200);
    let first = sign_in(&app.guest()).await;
    assert_eq!(first.status, 401);
    assert!(first.body.get("meta").is_none() && first.body.get("token").is_none());
    let mut again = form();
    again["mfaId"] = first.body["mfaId"].clone();
    let refused = app.guest().post(PATH, again.clone()).await;
    assert_eq!(refused.message(), "A different authentication method is required.");
    let password = json!({"identity": "ada@example.com", "password": PASSWORD});
    let path = "/api/collections/users/auth-with-password";
    let half = app.guest().post(path, password).await;
    assert_eq!(half.status, 401, "{}", half.body);
    again["mfaId"] = half.body["mfaId"].clone();
    let whole = app.guest().post(PATH, again).await;
    assert_eq!(whole.status, 200, "{}", whole.body);
    assert_eq!(whole.body["meta"]["id"], "1");
}
