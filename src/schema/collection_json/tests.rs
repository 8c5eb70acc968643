//! Collections on the wire, on the disk and in the bodies of clients.

use serde_json::json;

use super::*;
use crate::clock::DateTime;
use crate::schema::system;
use crate::sql::ValueRef;

fn object(json: Json) -> Map<String, Json> {
    let Json::Object(object) = json else { panic!("an object") };
    object
}

fn create(body: Json) -> Collection {
    Draft::create(&object(body)).unwrap().collection
}

fn update(current: &Collection, body: Json) -> Collection {
    Draft::update(current, &object(body)).unwrap().collection
}

fn users() -> Collection {
    system::collections(DateTime::from_unix_ms(0)).pop().unwrap()
}

fn text(collection: &Collection) -> String {
    let mut out = Vec::new();
    collection.write_json(&mut out);
    String::from_utf8(out).unwrap()
}

/// A row of the disk.
struct Stored(Vec<Value>);

impl Row for Stored {
    fn get(&self, index: usize) -> ValueRef<'_> {
        self.0.get(index).map_or(ValueRef::Null, Value::as_ref)
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

#[test]
fn a_collection_is_shown_in_the_order_of_the_contract() {
    let cats = create(json!({"name": "cats", "listRule": "", "id": "pbc_3834699042"}));
    assert_eq!(
        text(&cats),
        concat!(
            r#"{"id":"pbc_3834699042","listRule":"","viewRule":null,"createRule":null,"#,
            r#""updateRule":null,"deleteRule":null,"name":"cats","type":"base","#,
            r#""fields":[{"autogeneratePattern":"[a-z0-9]{15}","help":"","hidden":false,"#,
            r#""id":"text3208210256","max":15,"min":15,"name":"id","pattern":"^[a-z0-9]+$","#,
            r#""presentable":false,"primaryKey":true,"required":true,"system":true,"#,
            r#""type":"text"}],"indexes":[],"created":"","updated":"","system":false}"#
        )
    );
}

#[test]
fn an_auth_collection_is_valid_json_without_secrets() {
    let shown = text(&users());
    assert!(shown.contains(r#""system":false,"authRule":"","manageRule":null,"authAlert":{"#));
    assert!(shown.contains(r#""authToken":{"duration":432000},"passwordResetToken""#));
    let parsed: Json = serde_json::from_str(&shown).unwrap();
    let subject = "Confirm your {APP_NAME} new email address";
    assert_eq!(parsed["confirmEmailChangeTemplate"]["subject"], subject);
    let view = create(json!({"type": "view", "viewQuery": "select 1 as id"}));
    assert!(text(&view).ends_with(r#""system":false,"viewQuery":"select 1 as id"}"#));
}

#[test]
fn the_disk_keeps_everything() {
    for collection in system::collections(DateTime::from_unix_ms(0)) {
        let row = collection.to_row();
        let names: Vec<&str> = row.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, Collection::COLUMNS);
        let stored = Stored(row.into_iter().map(|(_, value)| value).collect());
        assert_eq!(Collection::load(&stored).unwrap(), collection);
    }
}

#[test]
fn older_folders_are_read() {
    let mut row: Vec<Value> = users().to_row().into_iter().map(|(_, value)| value).collect();
    row[4] = r#"[{"id":"e","name":"email","type":"email","onlyDomains":null}]"#.into();
    row[5] = "null".into();
    row[11] = r#"{"oauth2":{"providers":null},"authToken":{"secret":"s","duration":5}}"#.into();
    let collection = Collection::load(&Stored(row)).unwrap();
    assert_eq!(collection.fields.len(), 1);
    assert!(collection.indexes.is_empty());
    assert_eq!(collection.auth().unwrap().auth_token.secret.reveal(), "s");
}

#[test]
fn a_patch_merges_objects_and_replaces_lists() {
    let before = users();
    let after = update(
        &before,
        json!({
            "AUTHTOKEN": {"duration": 100},
            "oauth2": {"enabled": true},
            "passwordAuth": {"identityFields": ["name"]},
            "mfa": {"duration": null},
            "indexes": null,
        }),
    );
    let (old, new) = (before.auth().unwrap(), after.auth().unwrap());
    assert_eq!(new.auth_token.duration, 100);
    assert_eq!(new.auth_token.secret, old.auth_token.secret);
    assert!(new.oauth2.enabled);
    assert_eq!(new.oauth2.mapped_fields, old.oauth2.mapped_fields);
    assert_eq!(new.password_auth.identity_fields, ["name"]);
    assert_eq!(new.mfa.duration, 0);
    assert!(after.indexes.is_empty());
    assert_eq!(after.fields, before.fields);
}

#[test]
fn a_client_secret_that_is_not_sent_stays() {
    let provider = |secret: Json| {
        let mut provider = json!({"name": "google", "clientId": "a"});
        if !secret.is_null() {
            provider["clientSecret"] = secret;
        }
        json!({"oauth2": {"providers": [provider]}})
    };
    let secret = |collection: &Collection| {
        collection.auth().unwrap().oauth2.providers[0].client_secret.reveal().to_owned()
    };
    let with = update(&users(), provider(json!("hush")));
    assert_eq!(secret(&update(&with, provider(json!(null)))), "hush");
    assert_eq!(secret(&update(&with, provider(json!("")))), "");
}

#[test]
fn what_is_not_sent_of_a_provider_stays() {
    let providers = |list: Json| json!({"oauth2": {"providers": list}});
    let google = json!({
        "name": "google", "clientId": "a", "clientSecret": "hush", "displayName": "G",
        "pkce": false, "authURL": "https://a.test/", "extra": {"one": 1},
    });
    let before = update(&users(), providers(json!([google])));
    let sent = json!([
        {"name": "gitlab", "clientId": "b"},
        {"name": "google", "clientID": "c", "authURL": "", "extra": {"two": 2}, "pkce": null},
    ]);
    let after = update(&before, providers(sent));
    let [gitlab, google] = &after.auth().unwrap().oauth2.providers[..] else { panic!("two") };
    assert_eq!((gitlab.display_name.as_str(), gitlab.client_id.as_str()), ("", "b"));
    assert_eq!((google.client_id.as_str(), google.client_secret.reveal()), ("c", "hush"));
    assert_eq!((google.display_name.as_str(), google.auth_url.as_str()), ("G", ""));
    assert_eq!(google.pkce, None);
    assert_eq!(Json::Object(google.extra.clone()), json!({"one": 1, "two": 2}));
}

#[test]
fn a_rule_of_null_is_not_a_rule_of_nothing() {
    let before = create(json!({"listRule": "", "viewRule": "a = 1"}));
    let after = update(&before, json!({"listRule": null}));
    assert_eq!((after.rules.list, after.rules.view), (None, Some("a = 1".to_owned())));
}

#[test]
fn a_type_can_be_unknown_but_not_of_another_kind_of_value() {
    assert!(Draft::create(&object(json!({"type": "foo"}))).unwrap().has_unknown_type);
    let before = users();
    assert_eq!(update(&before, json!({"type": "view"})).type_name(), "view");
    for body in [
        json!({"type": 5}),
        json!({"name": 5}),
        json!({"fields": "x"}),
        json!({"fields": [null]}),
        json!({"fields": [{"type": "nope"}]}),
        json!({"indexes": "x"}),
        json!({"listRule": 5}),
        json!({"system": "x"}),
    ] {
        assert!(Draft::create(&object(body.clone())).is_err(), "{body}");
    }
    assert!(Draft::update(&before, &object(json!({"authToken": 5}))).is_err());
}

#[test]
fn the_day_of_making_can_be_set_later_but_not_at_first() {
    let day = json!({"created": "2000-01-01"});
    assert_eq!(create(day.clone()).created, "");
    assert_eq!(update(&users(), day).created, "2000-01-01 00:00:00.000Z");
    let before = users();
    assert_eq!(update(&before, json!({"created": "never"})).created, before.created);
}
