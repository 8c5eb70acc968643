//! Definitions that are refused, with the codes and the places the contract names.

use serde_json::{Value as Json, json};

use super::*;
use crate::clock::DateTime;
use crate::schema::{normalize, system};

fn schema() -> Schema {
    let all = system::collections(DateTime::from_unix_ms(0));
    Schema::new(1, all.into_iter().map(std::sync::Arc::new).collect())
}

fn rule_check(rule: &str) -> Result<(), String> {
    if rule.contains("nope") { Err("unknown field \"nope\"".to_owned()) } else { Ok(()) }
}

fn faults(draft: &mut Draft, old: Option<&Collection>) -> Json {
    let schema = schema();
    normalize::normalize(&mut draft.collection, old, &schema);
    serde_json::to_value(validate(draft, old, &schema, &rule_check)).unwrap()
}

/// Where the faults of a new collection are, and their codes.
fn created(body: Json) -> Vec<String> {
    let mut body = body;
    if body.get("name").is_none() {
        body["name"] = "probe".into();
    }
    codes(&faults(&mut Draft::create(body.as_object().unwrap()).unwrap(), None))
}

/// The same for a change of an existing collection.
fn patched(name: &str, body: Json) -> Vec<String> {
    let schema = schema();
    let old = schema.find(name).unwrap();
    let Json::Object(body) = body else { panic!("a change is an object") };
    codes(&faults(&mut Draft::update(old, &body).unwrap(), Some(old)))
}

fn codes(json: &Json) -> Vec<String> {
    fn walk(path: &str, json: &Json, found: &mut Vec<String>) {
        if let Some(code) = json["code"].as_str() {
            found.push(format!("{path} {}", code.trim_start_matches("validation_")));
            return;
        }
        for (key, inner) in json.as_object().into_iter().flatten() {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            walk(&path, inner, found);
        }
    }
    let mut found = Vec::new();
    walk("", json, &mut found);
    found
}

fn field(json: Json) -> Json {
    let mut body = json!({"fields": []});
    body["fields"] = Json::Array(vec![json]);
    body
}

#[test]
fn names_are_checked() {
    for (name, expected) in [
        ("", "name required"),
        ("with space", "name match_invalid"),
        ("ünïcode", "name match_invalid"),
        ("USERS", "name collection_name_exists"),
        ("has_via_inside", "name found_via"),
        ("_collections", "name collection_name_invalid"),
        ("_gr_changes", "name collection_name_invalid"),
        ("_pb_users_auth_", "name collection_name_id_duplicate"),
        (&"y".repeat(256), "name length_out_of_range"),
    ] {
        assert_eq!(created(json!({"name": name})), [expected], "{name}");
    }
    for name in ["a", "_under", "1num", "select", "_logs", "null", "id"] {
        assert!(created(json!({"name": name})).is_empty(), "{name}");
    }
}

#[test]
fn ids_and_types_are_checked() {
    assert_eq!(created(json!({"id": "a b"})), ["id match_invalid"]);
    assert_eq!(created(json!({"type": "foo"})), ["type in_invalid"]);
    assert_eq!(patched("users", json!({"type": "base"})), ["type collection_type_change"]);
    assert_eq!(patched("users", json!({"id": "zzz"})), ["id values_mismatch"]);
}

#[test]
fn fields_share_their_checks() {
    for (name, expected) in [
        ("", "required"),
        ("a b", "match_invalid"),
        ("a_via_b", "found_via"),
        ("null", "not_in_invalid"),
        ("_rowid_", "not_in_invalid"),
        ("collectionId", "not_in_invalid"),
    ] {
        let body = field(json!({"name": name, "type": "text"}));
        assert_eq!(created(body), [format!("fields.1.name {expected}")], "{name}");
    }
    let twins = json!([{"name": "A", "type": "text"}, {"name": "a", "type": "text"}]);
    assert_eq!(created(json!({"fields": twins})), ["fields.2.name duplicated_field_name"]);
    let id = field(json!({"name": "id", "type": "number"}));
    assert_eq!(created(id), ["fields.1.name duplicated_field_name"]);
    let renamed = json!({"name": "key", "type": "text", "id": "text3208210256"});
    assert_eq!(created(field(renamed)), ["fields missing_primary_key"]);
    let help = field(json!({"name": "a", "type": "text", "help": "x".repeat(301)}));
    assert_eq!(created(help), ["fields.1.help length_out_of_range"]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of cases")]
fn options_of_fields_are_checked() {
    let users = "_pb_users_auth_";
    for (options, expected) in [
        (
            json!({"type": "text", "min": -1, "max": -1}),
            vec!["min min_greater_equal_than_required"],
        ),
        (json!({"type": "text", "min": 5, "max": 4}), vec!["max min_greater_equal_than_required"]),
        (json!({"type": "text", "pattern": "["}), vec!["pattern invalid_regex"]),
        (json!({"type": "text", "pattern": "a{2000}"}), vec!["pattern invalid_regex"]),
        (
            json!({"type": "text", "autogeneratePattern": "["}),
            vec!["autogeneratePattern invalid_regex"],
        ),
        (
            json!({"type": "text", "autogeneratePattern": "^a"}),
            vec!["autogeneratePattern invalid_autogenerate_pattern"],
        ),
        (
            json!({"type": "text", "autogeneratePattern": "[a-z]{3}", "min": 5}),
            vec!["autogeneratePattern invalid_autogenerate_pattern_value"],
        ),
        (
            json!({"type": "text", "primaryKey": true}),
            vec![
                "name in_invalid",
                "pattern required",
                "primaryKey unsupported_composite_pk",
                "required required",
            ],
        ),
        (json!({"type": "number", "min": 5, "max": 4}), vec!["max min_number_constraint"]),
        (json!({"type": "number", "min": 1.5, "onlyInt": true}), vec!["min only_int_constraint"]),
        (
            json!({"type": "email", "onlyDomains": ["a.b"], "exceptDomains": ["a.co"]}),
            vec!["exceptDomains empty", "onlyDomains empty"],
        ),
        (
            json!({"type": "email", "onlyDomains": ["x", "", "y.co"]}),
            vec!["onlyDomains.0 is_domain"],
        ),
        (json!({"type": "editor", "maxSize": -1}), vec!["maxSize min_greater_equal_than_required"]),
        (json!({"type": "autodate"}), vec!["onCreate required", "onUpdate required"]),
        (json!({"type": "select"}), vec!["values required"]),
        (
            json!({"type": "select", "values": ["a"], "maxSelect": 2}),
            vec!["maxSelect max_less_equal_than_required"],
        ),
        (json!({"type": "relation"}), vec!["collectionId required"]),
        (
            json!({"type": "relation", "collectionId": "users"}),
            vec!["collectionId field_relation_missing_collection"],
        ),
        (
            json!({"type": "relation", "collectionId": users, "minSelect": 1}),
            vec!["maxSelect required"],
        ),
        (
            json!({"type": "file", "thumbs": ["10x10", "0x10", "0x0", "10x10z", "10x"]}),
            vec!["thumbs.2 not_in_invalid", "thumbs.3 match_invalid", "thumbs.4 match_invalid"],
        ),
        (
            json!({"type": "password", "min": 5, "max": 72, "cost": 3}),
            vec!["cost min_greater_equal_than_required", "max max_less_equal_than_required"],
        ),
    ] {
        let mut options = options;
        options["name"] = "f".into();
        let expected: Vec<String> =
            expected.iter().map(|fault| format!("fields.1.{fault}")).collect();
        let found = created(field(options.clone()));
        // The id is the other half of two primary keys.
        let found: Vec<String> =
            found.into_iter().filter(|fault| !fault.starts_with("fields.0")).collect();
        assert_eq!(found, expected, "{options}");
    }
}

#[test]
fn indexes_are_checked() {
    for (indexes, expected) in [
        (json!(["nope"]), "indexes.0 invalid_index_expression"),
        (
            json!(["CREATE INDEX i ON probe (id)", "CREATE INDEX I ON probe (id, id)"]),
            "indexes.1 duplicated_index_name",
        ),
        (
            json!(["CREATE INDEX i ON probe (id)", "CREATE INDEX j ON other (`id`)"]),
            "indexes.1 duplicated_index_definition",
        ),
        (
            json!(["CREATE INDEX idx_EMAIL__pb_users_auth_ ON probe (id)"]),
            "indexes.0 existing_index_name",
        ),
        (
            json!(["CREATE INDEX idx__collections_type ON probe (id)"]),
            "indexes.0 existing_index_name",
        ),
    ] {
        assert_eq!(created(json!({"indexes": indexes})), [expected], "{indexes}");
    }
}

#[test]
fn rules_are_compiled_and_those_of_system_collections_kept() {
    assert_eq!(created(json!({"listRule": "nope = 1"})), ["listRule invalid_rule"]);
    assert_eq!(
        patched("_mfas", json!({"listRule": ""})),
        ["listRule collection_system_rule_change"]
    );
    assert_eq!(
        patched("_superusers", json!({"authRule": null, "name": "x"})),
        ["authRule collection_system_rule_change", "name collection_system_name_change"]
    );
    assert_eq!(
        patched("_mfas", json!({"system": false})),
        ["system collection_system_flag_change"]
    );
    assert_eq!(patched("_mfas", json!({"fields": []})), ["fields system_field_change"]);
}

#[test]
fn a_view_has_neither_writing_rules_nor_indexes() {
    let view = json!({"type": "view", "createRule": "", "indexes": ["x"]});
    assert_eq!(
        created(view),
        [
            "createRule nil",
            "fields required",
            "indexes indexes_not_supported",
            "viewQuery required",
        ]
    );
}

#[test]
fn options_of_auth_collections_are_checked() {
    let provider = json!({"name": "google", "clientId": "a", "clientSecret": "b"});
    for (body, expected) in [
        (json!({"manageRule": ""}), vec!["manageRule nil_or_not_empty_required"]),
        (json!({"authRule": "nope = 1"}), vec!["authRule invalid_rule"]),
        (
            json!({"passwordAuth": {"identityFields": []}}),
            vec!["passwordAuth.identityFields required"],
        ),
        (
            json!({"passwordAuth": {"identityFields": ["nope"]}}),
            vec!["passwordAuth.identityFields missing_field"],
        ),
        (
            json!({"passwordAuth": {"identityFields": ["verified"]}}),
            vec!["passwordAuth.identityFields missing_unique_constraint"],
        ),
        (
            json!({"otp": {"enabled": true, "duration": 5, "length": 2}}),
            vec![
                "otp.duration min_greater_equal_than_required",
                "otp.length min_greater_equal_than_required",
            ],
        ),
        (json!({"mfa": {"enabled": true}}), vec!["mfa.enabled mfa_not_enough_auths"]),
        (
            json!({"authToken": {"secret": "s", "duration": 5}}),
            vec![
                "authToken.duration min_greater_equal_than_required",
                "authToken.secret length_out_of_range",
            ],
        ),
        (
            json!({"verificationTemplate": {"subject": "", "body": ""}}),
            vec!["verificationTemplate.body required", "verificationTemplate.subject required"],
        ),
        (
            json!({"oauth2": {"enabled": true, "providers": [provider, provider]}}),
            vec!["oauth2.providers.1.name duplicated_provider"],
        ),
        (
            json!({"oauth2": {"enabled": true, "providers": [{"name": "nope"}]}}),
            vec![
                "oauth2.providers.0.clientId required",
                "oauth2.providers.0.clientSecret required",
                "oauth2.providers.0.name missing_provider",
            ],
        ),
        (
            json!({"fields": [{"name": "oldPassword", "type": "text"}]}),
            vec!["fields.1.name reserved_field_name"],
        ),
        (json!({}), vec![]),
    ] {
        let mut body = body;
        body["type"] = "auth".into();
        assert_eq!(created(body.clone()), expected, "{body}");
    }
}
