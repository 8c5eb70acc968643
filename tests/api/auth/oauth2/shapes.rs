//! What each service answers about its users, by its public documentation, and what is read out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::provider::{Provider, Says, token};
use super::{PATH, app_with, form, offer};

/// A service, its answer, and id, name, user name, address and picture of who that is.
type Case = (&'static str, Value, [&'static str; 5]);

fn people() -> Vec<Case> {
    vec![
        (
            "google",
            json!({"sub": "1", "name": "A B", "picture": "http://p/", "email": "a@x.com",
                   "email_verified": true}),
            ["1", "A B", "", "a@x.com", "http://p/"],
        ),
        (
            "google",
            json!({"sub": "2", "email": "b@x.com", "email_verified": false}),
            ["2", "", "", "", ""],
        ),
        (
            "microsoft",
            json!({"id": "1", "displayName": "A", "mail": "c@x.com", "userPrincipalName": "no@x"}),
            ["1", "A", "", "c@x.com", ""],
        ),
        ("microsoft", json!({"id": "2", "mail": null}), ["2", "", "", "", ""]),
        (
            "yandex",
            json!({"id": "1", "login": "l", "real_name": "R", "default_email": "d@x.com",
                   "is_avatar_empty": false, "default_avatar_id": "131/0-0"}),
            ["1", "R", "l", "d@x.com", "https://avatars.yandex.net/get-yapic/131/0-0/islands-200"],
        ),
        (
            "yandex",
            json!({"id": "2", "login": "l", "is_avatar_empty": true, "default_avatar_id": "0/0"}),
            ["2", "", "l", "", ""],
        ),
        (
            "facebook",
            json!({"id": "1", "name": "A", "email": "e@x.com",
                   "picture": {"data": {"url": "http://p/"}}}),
            ["1", "A", "", "e@x.com", "http://p/"],
        ),
        (
            "instagram2",
            json!({"id": "no", "user_id": "1", "username": "u", "name": "A",
                   "profile_picture_url": "http://p/", "email": "no@x.com"}),
            ["1", "A", "u", "", "http://p/"],
        ),
    ]
}

fn talkers() -> Vec<Case> {
    vec![
        (
            "discord",
            json!({"id": "1", "username": "u", "global_name": "G", "discriminator": "0",
                   "avatar": "h", "email": "f@x.com", "verified": true}),
            ["1", "G", "u", "f@x.com", "https://cdn.discordapp.com/avatars/1/h.png"],
        ),
        (
            "discord",
            json!({"id": "2", "username": "u", "discriminator": "1234", "avatar": null,
                   "email": "no@x.com", "verified": false}),
            ["2", "u#1234", "u", "", ""],
        ),
        (
            "twitter",
            json!({"data": {"id": "1", "name": "A", "username": "u",
                   "profile_image_url": "http://p/", "confirmed_email": "g@x.com"}}),
            ["1", "A", "u", "g@x.com", "http://p/"],
        ),
        (
            "kakao",
            json!({"id": 1, "properties": {"nickname": "n", "profile_image": "http://p/"},
                   "kakao_account": {"email": "h@x.com", "is_email_valid": true,
                                     "is_email_verified": true}}),
            ["1", "", "n", "h@x.com", "http://p/"],
        ),
        (
            "kakao",
            json!({"id": 2, "kakao_account": {"email": "no@x.com", "is_email_valid": false,
                                              "is_email_verified": true}}),
            ["2", "", "", "", ""],
        ),
        // The address of a user of VK comes with the token.
        (
            "vk",
            json!({"response": [{"id": 1, "first_name": "F", "last_name": "L", "screen_name": "s",
                   "photo_max": "http://p/"}]}),
            ["1", "F L", "s", "token@x.com", "http://p/"],
        ),
    ]
}

fn code() -> Vec<Case> {
    vec![
        (
            "github",
            json!({"id": 1, "login": "l", "name": "A", "email": "no@x.com",
                   "avatar_url": "http://p/"}),
            ["1", "A", "l", "mail@x.com", "http://p/"],
        ),
        (
            "gitlab",
            json!({"id": 1, "username": "u", "name": "A", "email": "i@x.com",
                   "avatar_url": "http://p/", "confirmed_at": "2020-01-01T00:00:00.000Z"}),
            ["1", "A", "u", "i@x.com", "http://p/"],
        ),
        (
            "gitlab",
            json!({"id": 2, "username": "u", "email": "no@x.com", "confirmed_at": null}),
            ["2", "", "u", "", ""],
        ),
        (
            "bitbucket",
            json!({"uuid": "{1}", "username": "u", "display_name": "A",
                   "account_status": "active", "links": {"avatar": {"href": "http://p/"}}}),
            ["{1}", "A", "u", "bucket@x.com", "http://p/"],
        ),
        (
            "gitee",
            json!({"id": 1, "login": "l", "name": "A", "email": null, "avatar_url": "http://p/"}),
            ["1", "A", "l", "tee@x.com", "http://p/"],
        ),
        (
            "gitea",
            json!({"id": 1, "login": "l", "full_name": "A", "email": "no@x.com",
                   "avatar_url": "http://p/", "active": true}),
            ["1", "A", "l", "mail@x.com", "http://p/"],
        ),
    ]
}

fn work() -> Vec<Case> {
    vec![
        (
            "linear",
            json!({"data": {"viewer": {"id": "1", "displayName": "d", "name": "A",
                   "email": "j@x.com", "avatarUrl": "http://p/", "active": true}}}),
            ["1", "A", "d", "j@x.com", "http://p/"],
        ),
        (
            "notion",
            json!({"id": "no", "bot": {"owner": {"type": "user", "user": {"id": "1", "name": "A",
                   "avatar_url": "http://p/", "person": {"email": "k@x.com"}}}}}),
            ["1", "A", "", "k@x.com", "http://p/"],
        ),
        (
            "monday",
            json!({"data": {"me": {"id": "1", "enabled": true, "name": "A", "email": "l@x.com",
                   "is_verified": true, "photo_small": "http://p/"}}}),
            ["1", "A", "", "l@x.com", "http://p/"],
        ),
        (
            "monday",
            json!({"data": {"me": {"id": "2", "enabled": true, "email": "no@x.com",
                   "is_verified": false}}}),
            ["2", "", "", "", ""],
        ),
        (
            "lark",
            json!({"code": 0, "data": {"name": "A", "avatar_url": "http://p/", "open_id": "no",
                   "union_id": "1", "email": "no@x.com"}}),
            ["1", "A", "", "", "http://p/"],
        ),
        (
            "box",
            json!({"id": "1", "name": "A", "login": "m@x.com", "avatar_url": "http://p/",
                   "status": "active"}),
            ["1", "A", "", "m@x.com", "http://p/"],
        ),
    ]
}

fn more_work() -> Vec<Case> {
    vec![
        (
            "wakatime",
            json!({"data": {"id": "1", "display_name": "A", "username": "u", "email": "n@x.com",
                   "is_email_confirmed": true, "photo": "http://p/", "photo_public": true}}),
            ["1", "A", "u", "n@x.com", "http://p/"],
        ),
        (
            "wakatime",
            json!({"data": {"id": "2", "email": "no@x.com", "is_email_confirmed": false,
                   "photo": "http://p/", "photo_public": false}}),
            ["2", "", "", "", ""],
        ),
        (
            "livechat",
            json!({"account_id": "1", "name": "A", "email": "o@x.com", "email_verified": true,
                   "avatar_url": "http://p/"}),
            ["1", "A", "", "o@x.com", "http://p/"],
        ),
        (
            "livechat",
            json!({"account_id": "2", "email": "no@x.com", "email_verified": false}),
            ["2", "", "", "", ""],
        ),
        (
            "mailcow",
            json!({"id": "1", "username": "u", "full_name": "A", "email": "p@x.com", "active": 1}),
            ["1", "A", "u", "p@x.com", ""],
        ),
        (
            "planningcenter",
            json!({"data": {"id": "1", "attributes": {"status": "active", "name": "A",
                   "avatar": "http://p/"}}}),
            ["1", "A", "", "", "http://p/"],
        ),
    ]
}

fn leisure() -> Vec<Case> {
    vec![
        (
            "spotify",
            json!({"id": "1", "display_name": "A", "email": "no@x.com",
                   "images": [{"url": "http://p/"}]}),
            ["1", "A", "", "", "http://p/"],
        ),
        (
            "trakt",
            json!({"user": {"username": "u", "name": "A", "ids": {"slug": "no", "uuid": "1"},
                   "images": {"avatar": {"full": "http://p/"}}}}),
            ["1", "A", "u", "", "http://p/"],
        ),
        (
            "twitch",
            json!({"data": [{"id": "1", "login": "l", "display_name": "A", "email": "q@x.com",
                   "profile_image_url": "http://p/"}]}),
            ["1", "A", "l", "q@x.com", "http://p/"],
        ),
        (
            "patreon",
            json!({"data": {"id": "1", "attributes": {"full_name": "A", "vanity": "v",
                   "email": "r@x.com", "image_url": "http://p/", "is_email_verified": true}}}),
            ["1", "A", "v", "r@x.com", "http://p/"],
        ),
        (
            "patreon",
            json!({"data": {"id": "2", "attributes": {"email": "no@x.com",
                   "is_email_verified": false}}}),
            ["2", "", "", "", ""],
        ),
        (
            "strava",
            json!({"id": 1, "username": "u", "firstname": "F", "lastname": "L",
                   "profile": "http://p/"}),
            ["1", "F L", "u", "", "http://p/"],
        ),
        (
            "oidc3",
            json!({"sub": "1", "name": "A", "preferred_username": "u", "picture": "http://p/",
                   "email": "s@x.com", "email_verified": "true"}),
            ["1", "A", "u", "s@x.com", "http://p/"],
        ),
        ("oidc3", json!({"sub": "2", "email": "no@x.com"}), ["2", "", "", "", ""]),
    ]
}

fn all() -> [Vec<Case>; 6] {
    [people(), talkers(), code(), work(), more_work(), leisure()]
}

/// Answers about one person, and with the lists of addresses that some services keep apart.
fn knows(provider: &Provider, user: Value, id_token: Option<String>) {
    provider.answers(move |came| match came.path() {
        "/token" => {
            let mut grant = token();
            grant["email"] = json!("token@x.com");
            grant["id_token"] = json!(id_token);
            Says::json(&grant)
        }
        "/user" => Says::json(&user),
        "/user/emails" if user.get("uuid").is_some() => Says::json(&json!({"values": [
            {"email": "no@x.com", "is_primary": false, "is_confirmed": true},
            {"email": "bucket@x.com", "is_primary": true, "is_confirmed": true},
        ]})),
        "/user/emails" => Says::json(&json!([
            {"email": "no@x.com", "primary": true, "verified": false},
            {"email": "no@x.com", "primary": false, "verified": true},
            {"email": "mail@x.com", "primary": true, "verified": true},
        ])),
        "/emails" => Says::json(&json!([
            {"email": "no@x.com", "state": "confirmed", "scope": []},
            {"email": "tee@x.com", "state": "confirmed", "scope": ["committed", "primary"]},
        ])),
        _ => Says::status(404),
    });
}

async fn lets_people_in_without_an_address(root: &crate::support::Caller) {
    let users = root.get("/api/collections/users").await.body;
    let mut fields = users["fields"].clone();
    for field in fields.as_array_mut().expect("a list") {
        if field["name"] == "email" {
            field["required"] = json!(false);
        }
    }
    let body = json!({"fields": fields, "oauth2": {"mappedFields": {"name": "", "avatarURL": ""}}});
    let answer = root.patch("/api/collections/users", body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn every_service_is_read_by_its_documentation() {
    let provider = Provider::of(json!({})).await;
    let (app, root) = app_with(&provider).await;
    lets_people_in_without_an_address(&root).await;
    let mut seen = std::collections::HashSet::from(["apple"]);
    for (name, user, expected) in all().concat() {
        // Nobody is to be taken for somebody of another case.
        let removed = root.delete("/api/collections/users/truncate").await;
        assert_eq!(removed.status, 204, "{}", removed.body);
        seen.insert(name);
        offer(&root, json!([provider.options(name)])).await;
        knows(&provider, user.clone(), None);
        let mut body = form();
        body["provider"] = json!(name);
        let answer = app.guest().post(PATH, body).await;
        assert_eq!(answer.status, 200, "{name} {user}: {}", answer.body);
        let meta = &answer.body["meta"];
        let read = ["id", "name", "username", "email", "avatarURL"].map(|key| meta[key].clone());
        assert_eq!(read, expected.map(|text| json!(text)), "{name} {user}");
        assert_eq!(meta["rawUser"], user, "{name}");
        let record = &answer.body["record"];
        assert_eq!((&record["email"], &record["verified"]), (&json!(expected[3]), &json!(true)));
    }
    let all = root.get("/api/collections/meta/oauth2-providers").await.body;
    let names = all.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap());
    let missing: Vec<&str> =
        names.filter(|name| !seen.contains(name) && !matches!(*name, "oidc" | "oidc2")).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[tokio::test]
async fn accounts_that_a_service_closed_or_does_not_name_sign_nobody_in() {
    let provider = Provider::of(json!({})).await;
    let (app, root) = app_with(&provider).await;
    lets_people_in_without_an_address(&root).await;
    for (name, user) in [
        ("bitbucket", json!({"uuid": "{1}", "account_status": "inactive"})),
        ("bitbucket", json!({"uuid": "{1}"})),
        ("gitea", json!({"id": 1, "login": "l", "active": false})),
        ("linear", json!({"data": {"viewer": {"id": "1", "active": false}}})),
        ("monday", json!({"data": {"me": {"id": "1", "enabled": false}}})),
        ("box", json!({"id": "1", "login": "a@x.com", "status": "inactive"})),
        ("mailcow", json!({"id": "1", "email": "a@x.com", "active": 0})),
        ("planningcenter", json!({"data": {"id": "1", "attributes": {"status": "inactive"}}})),
        ("vk", json!({"response": []})),
        ("twitch", json!({"data": []})),
        ("strava", json!({"id": 0})),
        ("notion", json!({"bot": {"owner": {"type": "workspace", "workspace": true}}})),
        ("instagram2", json!({"id": "1"})),
        ("trakt", json!({"user": {"username": "u", "ids": {"slug": "u"}}})),
    ] {
        offer(&root, json!([provider.options(name)])).await;
        knows(&provider, user.clone(), None);
        let mut body = form();
        body["provider"] = json!(name);
        let answer = app.guest().post(PATH, body).await;
        assert_eq!(answer.message(), "Failed to fetch OAuth2 user.", "{name} {user}");
    }
}

#[tokio::test]
async fn services_are_asked_in_their_own_way() {
    let provider = Provider::of(json!({})).await;
    let (app, root) = app_with(&provider).await;
    for (name, header, value) in [
        ("notion", "notion-version", "2022-06-28"),
        ("trakt", "trakt-api-key", "client"),
        ("twitch", "client-id", "client"),
    ] {
        offer(&root, json!([provider.options(name)])).await;
        let mut body = form();
        body["provider"] = json!(name);
        app.guest().post(PATH, body).await;
        assert_eq!(provider.came()[1].headers[header], value, "{name}");
    }
    for (name, wanted) in [("linear", "viewer"), ("monday", "me")] {
        offer(&root, json!([provider.options(name)])).await;
        let mut body = form();
        body["provider"] = json!(name);
        app.guest().post(PATH, body).await;
        let question: Value = serde_json::from_str(&provider.came()[1].body).unwrap();
        assert!(question["query"].as_str().unwrap().contains(wanted), "{question}");
    }
}

#[tokio::test]
async fn microsoft_s_address_is_of_the_claim_that_was_chosen() {
    let provider = Provider::of(json!({})).await;
    let (app, root) = app_with(&provider).await;
    lets_people_in_without_an_address(&root).await;
    let claims = |audience: &str| json!({"aud": audience, "email": "claim@x.com", "xms_edov": "1"});
    for (claim, audience, expected) in [
        ("", "client", "mail@x.com"),
        ("email", "client", "claim@x.com"),
        ("email_and_xms_edov", "client", "claim@x.com"),
        ("verified_primary_email", "client", ""),
        ("email", "another", ""),
    ] {
        let mut options = provider.options("microsoft");
        options["extra"] = json!({"idTokenEmailClaim": claim});
        offer(&root, json!([options])).await;
        let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let id_token = format!("{}.{}.AA", part(json!({"alg": "RS256"})), part(claims(audience)));
        knows(&provider, json!({"id": "1", "mail": "mail@x.com"}), Some(id_token));
        let mut body = form();
        body["provider"] = json!("microsoft");
        let answer = app.guest().post(PATH, body).await;
        assert_eq!(answer.body["meta"]["email"], expected, "{claim} {}", answer.body);
    }
}
