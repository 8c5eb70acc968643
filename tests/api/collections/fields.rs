//! Fields that change under the records of a collection.

use serde_json::{Value, json};

use super::{add, changed, make, path, rows, spawn, with};

fn select(name: &str, max: u8) -> Value {
    json!({"name": name, "type": "select", "values": ["x", "y"], "maxSelect": max})
}

#[tokio::test]
async fn one_and_many_turn_into_each_other_under_any_name() {
    let (_test, root) = spawn().await;
    let fields = json!([select("one", 1), select("all", 2)]);
    let t = make(&root, json!({"name": "t", "fields": fields})).await;
    add(&root, "t", json!({"one": "x", "all": ["x", "y"]})).await;
    add(&root, "t", json!({})).await;
    let swapped = changed(&t, |name, field| {
        Some(match name {
            "one" => with(with(field, "name", json!("all")), "maxSelect", json!(2)),
            "all" => with(with(field, "name", json!("one")), "maxSelect", json!(1)),
            _ => field,
        })
    });
    let answer = root.patch(&path("t"), json!({"fields": swapped})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let found = rows(&root, "t", "one,all").await;
    assert_eq!(found, json!([{"one": "y", "all": ["x"]}, {"one": "", "all": []}]));
}

#[tokio::test]
async fn system_fields_keep_their_ids_and_names() {
    let (_test, root) = spawn().await;
    let users = root.get(&path("users")).await.body;
    for (option, value) in [("name", "mail"), ("id", "another")] {
        let fields = changed(&users, |name, field| {
            Some(if name == "email" { with(field, option, json!(value)) } else { field })
        });
        let refused = root.patch(&path("users"), json!({"fields": fields})).await;
        assert_eq!(refused.codes(), json!({"fields": "system_field_change"}), "{option}");
    }
    let fields = changed(&users, |name, field| {
        let is_own = matches!(name, "email" | "verified" | "password");
        Some(if is_own { with(field, "hidden", json!(name != "password")) } else { field })
    });
    let after = root.patch(&path("users"), json!({"fields": fields})).await.body;
    let hidden = |wanted: &str| {
        let fields = after["fields"].as_array().expect("fields").iter();
        fields.clone().find(|f| f["name"] == wanted).map(|f| f["hidden"].clone())
    };
    assert_eq!(hidden("email"), Some(json!(false)));
    assert_eq!(hidden("password"), Some(json!(true)));
    assert_eq!(hidden("verified"), Some(json!(true)));
}

#[tokio::test]
async fn ids_of_ones_own_form_differ_by_more_than_case() {
    let (_test, root) = spawn().await;
    let id = json!({"name": "id", "type": "text", "pattern": "^[a-zA-Z0-9_./]+$", "min": 2});
    make(&root, json!({"name": "t", "fields": [id]})).await;
    let create = async |id: &str| root.post("/api/collections/t/records", json!({"id": id})).await;
    assert_eq!(create("Abc").await.status, 200);
    for (id, code, params) in [
        ("Abc", "pk_invalid", Value::Null),
        ("aBC", "pk_invalid", Value::Null),
        ("con", "reserved_pk", json!({"reserved": "CON"})),
        ("a/b", "forbidden_pk_character", json!({"ch": "/"})),
        ("a", "min_text_constraint", json!({"min": 2})),
        ("a b", "invalid_format", Value::Null),
    ] {
        let answer = create(id).await;
        assert_eq!(answer.codes(), json!({"id": code}), "{id}");
        assert_eq!(answer.body["data"]["id"]["params"], params, "{id}");
    }
}

#[tokio::test]
async fn a_relation_keeps_its_target() {
    let (_test, root) = spawn().await;
    let relation = json!({"name": "r", "type": "relation", "collectionId": "_pb_users_auth_"});
    let t = make(&root, json!({"name": "t", "fields": [relation]})).await;
    for target in ["pbc_3142635823", "nowhere"] {
        let fields = changed(&t, |name, field| {
            Some(if name == "r" { with(field, "collectionId", json!(target)) } else { field })
        });
        let refused = root.patch(&path("t"), json!({"fields": fields})).await;
        let code = &refused.body["data"]["fields"]["1"]["collectionId"]["code"];
        assert_eq!(*code, "validation_field_relation_change", "{target}");
    }
}
