//! The answers of the contract to what an auth record's owner, manager or anyone may send.

use serde_json::json;

use super::*;
use crate::clock::DateTime;
use crate::schema::system;

fn collection(name: &str) -> Collection {
    let all = system::collections(DateTime::from_unix_ms(0));
    all.into_iter().find(|collection| collection.name == name).unwrap()
}

/// The values of a stored user.
fn stored(collection: &Collection) -> Vec<Value> {
    let value = |field: &crate::schema::Field| match field.name.as_str() {
        "id" => Value::from("user00000000001"),
        "email" => Value::from("u1@example.com"),
        "password" => Value::from("hash"),
        "tokenKey" => Value::from("key"),
        _ => field.kind.zero(),
    };
    collection.fields.iter().map(value).collect()
}

fn object(body: &Json) -> Map<String, Json> {
    body.as_object().unwrap().clone()
}

/// `{"field":"code"}` of all that is at fault.
fn codes(errors: &FieldErrors) -> Json {
    let json = serde_json::to_value(errors).unwrap();
    let leaves = json.as_object().unwrap().iter();
    leaves
        .map(|(field, leaf)| {
            (field.clone(), leaf["code"].as_str().unwrap().replace("validation_", "").into())
        })
        .collect::<Map<String, Json>>()
        .into()
}

/// What the form says of a body, with the password fields checked when it says nothing.
fn check(body: &Json, is_new: bool, is_manager: bool, old_fits: Option<bool>) -> Json {
    let users = collection("users");
    let before = stored(&users);
    let body = object(body);
    let mut values = before.clone();
    if is_new {
        values = users.fields.iter().map(|field| field.kind.zero()).collect();
    }
    crate::records::input::cast_into(&users, &body, &mut values);
    let before = (!is_new).then_some(before.as_slice());
    let mut errors = check_form(&users, &body, &values, before, is_manager, old_fits);
    if errors.is_empty() {
        let stored = (!is_new).then_some(values.as_slice());
        check_passwords(&users, &sent_passwords(&users, &body), stored, &mut errors);
    }
    codes(&errors)
}

#[test]
fn a_create_needs_a_password_twice_and_may_not_verify_itself() {
    for (body, is_manager, expected) in [
        (json!({}), false, json!({"password": "required", "passwordConfirm": "required"})),
        (json!({"password": "a"}), true, json!({"passwordConfirm": "required"})),
        (
            json!({"password": "a", "passwordConfirm": "b"}),
            false,
            json!({"passwordConfirm": "values_mismatch"}),
        ),
        (json!({"password": "1234567890", "passwordConfirm": "1234567890"}), false, json!({})),
        (json!({"password": 1234567890, "passwordConfirm": 1234567890}), false, json!({})),
        (
            json!({"password": "1234567", "passwordConfirm": "1234567"}),
            true,
            json!({"password": "min_text_constraint"}),
        ),
        (
            json!({"password": "x".repeat(72), "passwordConfirm": "x".repeat(72)}),
            true,
            json!({"password": "max_text_constraint"}),
        ),
    ] {
        assert_eq!(check(&body, true, is_manager, None), expected, "{body}");
    }
    for (verified, is_manager, expected) in [
        (json!(true), false, json!({"verified": "values_mismatch"})),
        (json!("true"), false, json!({"verified": "values_mismatch"})),
        (json!(true), true, json!({})),
        (json!(false), false, json!({})),
        (json!(null), false, json!({})),
    ] {
        let body = json!({"password": "12345678", "passwordConfirm": "12345678",
            "verified": verified});
        assert_eq!(check(&body, true, is_manager, None), expected, "{body} {is_manager}");
    }
}

#[test]
fn an_owner_changes_the_password_only_with_the_old_one_and_no_address() {
    let new = json!({"password": "12345678", "passwordConfirm": "12345678", "oldPassword": "x"});
    for (body, old_fits, expected) in [
        (json!({}), false, json!({})),
        (json!({"passwordConfirm": "", "oldPassword": ""}), false, json!({})),
        (
            json!({"password": "x"}),
            false,
            json!({"oldPassword": "required", "passwordConfirm": "required"}),
        ),
        (
            json!({"oldPassword": "x"}),
            true,
            json!({"password": "required", "passwordConfirm": "required"}),
        ),
        (
            json!({"passwordConfirm": "x"}),
            false,
            json!({"oldPassword": "required", "password": "required",
                "passwordConfirm": "values_mismatch"}),
        ),
        (
            json!({"password": "x", "passwordConfirm": "y", "oldPassword": "z"}),
            false,
            json!({"oldPassword": "invalid_old_password", "passwordConfirm": "values_mismatch"}),
        ),
        (new.clone(), false, json!({"oldPassword": "invalid_old_password"})),
        (new, true, json!({})),
        (json!({"email": "u1@example.com", "verified": false}), false, json!({})),
        (json!({"email": "z@example.com"}), false, json!({"email": "values_mismatch"})),
        (json!({"email": ""}), false, json!({"email": "values_mismatch"})),
        (json!({"verified": true}), false, json!({"verified": "values_mismatch"})),
    ] {
        assert_eq!(check(&body, false, false, Some(old_fits)), expected, "{body} {old_fits}");
    }
}

#[test]
fn a_manager_changes_everything_without_the_old_password() {
    for (body, expected) in [
        (json!({"email": "z@example.com", "verified": true}), json!({})),
        (
            json!({"password": "12345678", "passwordConfirm": "12345678", "oldPassword": "wrong"}),
            json!({}),
        ),
        (json!({"password": "x"}), json!({"passwordConfirm": "required"})),
        (
            json!({"oldPassword": "x"}),
            json!({"password": "required", "passwordConfirm": "required"}),
        ),
    ] {
        assert_eq!(check(&body, false, true, Some(false)), expected, "{body}");
    }
}

#[test]
fn a_changed_password_or_address_makes_a_new_token_key() {
    let users = collection("users");
    let at = |name: &str| users.fields.iter().position(|field| field.name == name).unwrap();
    let after = |changes: &[(&str, &str)]| {
        let before = stored(&users);
        let mut values = before.clone();
        for (name, value) in changes {
            values[at(name)] = Value::from(*value);
        }
        rotate_token_key(&users, &before, &mut values);
        values[at("tokenKey")].text().to_owned()
    };
    assert_eq!(after(&[]), "key");
    assert_eq!(after(&[("name", "Ada")]), "key");
    assert_eq!(after(&[("tokenKey", "own")]), "own");
    assert_eq!(after(&[("password", "new hash"), ("tokenKey", "own")]), "own");
    for change in [("email", "z@example.com"), ("password", "new hash")] {
        let key = after(&[change]);
        assert!(key.len() == 50 && key.bytes().all(|b| b.is_ascii_alphanumeric()), "{key}");
    }
}

#[test]
fn only_superusers_are_verified_by_being_one() {
    for (name, expected) in [("_superusers", true), ("users", false)] {
        let collection = collection(name);
        let mut values = stored(&collection);
        keep_superusers_verified(&collection, &mut values);
        let at = collection.fields.iter().position(|field| field.name == "verified").unwrap();
        assert_eq!(values[at].as_ref().is_true(), expected, "{name}");
    }
}
