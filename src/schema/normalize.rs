//! What a collection gets without asking before it is checked: an id, the fields and indexes its
//! type needs, secrets, and options that do not contradict it (contract §4.2, §4.4, §4.6).

use crate::schema::index::{Index, required_index};
use crate::schema::{
    AuthOptions, Collection, CollectionKind, Schema, auth_defaults, field_list, names, system,
};

/// Completes a collection that is about to be created, or to replace `old`.
pub fn normalize(collection: &mut Collection, old: Option<&Collection>, schema: &Schema) {
    if old.is_none() && collection.id.is_empty() {
        let id = names::collection_id(collection.type_name(), &collection.name);
        collection.id = names::first_free(id, |id| schema.find_by_id(id).is_some());
    }
    if !collection.is_view() {
        field_list::ensure_id(&mut collection.fields);
    }
    if collection.auth().is_some() {
        field_list::ensure_auth(&mut collection.fields);
        ensure_auth_indexes(collection);
    }
    name_table_in_indexes(collection);
    let is_superusers = collection.name == system::SUPERUSERS && collection.system;
    let names: Vec<String> = collection.fields.iter().map(|field| field.name.clone()).collect();
    if let CollectionKind::Auth(options) = &mut collection.kind {
        blank_unknown_mappings(options, &names);
        if is_superusers {
            keep_superusers_able(options);
        }
        match old.and_then(Collection::auth) {
            // Who may sign in changed: everybody has to prove it anew.
            Some(before) if before.auth_rule != options.auth_rule => {
                options.auth_token.secret = auth_defaults::secret();
            }
            _ => {}
        }
    }
}

/// What holds of a collection once it is checked: superusers sign in here, not elsewhere.
pub fn settle(collection: &mut Collection) {
    let is_superusers = collection.name == system::SUPERUSERS && collection.system;
    if let CollectionKind::Auth(options) = &mut collection.kind
        && is_superusers
    {
        options.oauth2.enabled = false;
        options.oauth2.providers.clear();
    }
}

/// Superusers always have their password, and a code by mail is never enough for them.
fn keep_superusers_able(options: &mut AuthOptions) {
    options.password_auth.enabled = true;
    if options.otp.enabled {
        options.mfa.enabled = true;
    }
}

fn blank_unknown_mappings(options: &mut AuthOptions, fields: &[String]) {
    let mapped = &mut options.oauth2.mapped_fields;
    let all = [&mut mapped.id, &mut mapped.name, &mut mapped.username, &mut mapped.avatar_url];
    for name in all {
        if !fields.contains(name) {
            name.clear();
        }
    }
}

fn ensure_auth_indexes(collection: &mut Collection) {
    for column in ["tokenKey", "email"] {
        let has_one = collection.indexes.iter().any(|text| {
            let index = Index::parse(text);
            let own = index.as_ref().and_then(Index::unique_column);
            own.is_some_and(|own| own.eq_ignore_ascii_case(column))
        });
        if !has_one {
            let index = required_index(collection, column);
            collection.indexes.push(index);
        }
    }
}

/// Rewrites definitions that name another table; the others stay as they were sent.
fn name_table_in_indexes(collection: &mut Collection) {
    for text in &mut collection.indexes {
        let Some(index) = Index::parse(text) else { continue };
        if index.table != collection.name {
            let schema = String::new();
            *text = Index { table: collection.name.clone(), schema, ..index }.print();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json, json};

    use super::*;
    use crate::clock::DateTime;
    use crate::schema::Draft;

    fn object(json: Json) -> Map<String, Json> {
        let Json::Object(map) = json else { return Map::new() };
        map
    }

    fn created(body: Json) -> Collection {
        let mut collection = Draft::create(&object(body)).unwrap().collection;
        normalize(&mut collection, None, &Schema::default());
        collection
    }

    fn updated(old: &Collection, body: Json) -> Collection {
        let mut collection = Draft::update(old, &object(body)).unwrap().collection;
        normalize(&mut collection, Some(old), &Schema::default());
        collection
    }

    #[test]
    fn a_new_collection_gets_id_fields_indexes_and_secrets() {
        let mem = created(json!({
            "name": "mem",
            "type": "auth",
            "fields": [{"name": "username", "type": "text"}],
            "indexes": ["CREATE UNIQUE INDEX idx_mem_user ON mem (username COLLATE NOCASE)"],
        }));
        assert_eq!(mem.id, "pbc_1912883146");
        assert_eq!(mem.fields.len(), 7);
        assert_eq!(mem.indexes.len(), 3);
        assert_eq!(
            mem.indexes[1],
            "CREATE UNIQUE INDEX `idx_tokenKey_pbc_1912883146` ON `mem` (`tokenKey`)"
        );
        assert!(mem.auth().unwrap().tokens().iter().all(|(_, token)| !token.secret.is_empty()));
    }

    #[test]
    fn an_index_of_ones_own_takes_the_place_of_the_required_one() {
        let indexes = [
            "CREATE UNIQUE INDEX a1 ON probe (tokenKey)",
            "CREATE UNIQUE INDEX a2 ON probe (email COLLATE NOCASE)",
        ];
        let probe = created(json!({"name": "probe", "type": "auth", "indexes": indexes}));
        assert_eq!(probe.indexes, indexes);
    }

    #[test]
    fn indexes_follow_the_name_of_the_collection() {
        let before = created(json!({"name": "a", "indexes": ["CREATE INDEX `i` ON `a` (`id`)"]}));
        let after = updated(&before, json!({"name": "b"}));
        assert_eq!(after.indexes, ["CREATE INDEX `i` ON `b` (`id`)"]);
    }

    #[test]
    fn a_changed_auth_rule_ends_all_tokens() {
        let before = created(json!({"name": "a", "type": "auth"}));
        let secret = |c: &Collection| c.auth().unwrap().auth_token.secret.reveal().to_owned();
        let same = updated(&before, json!({"manageRule": "id = 1"}));
        let other = updated(&before, json!({"authRule": "verified = true"}));
        assert_eq!(secret(&same), secret(&before));
        assert_ne!(secret(&other), secret(&before));
    }

    #[test]
    fn superusers_keep_a_way_in() {
        let all = system::collections(DateTime::from_unix_ms(0));
        let superusers = all.iter().find(|c| c.name == system::SUPERUSERS).unwrap();
        let after = updated(
            superusers,
            json!({
                "otp": {"enabled": true},
                "oauth2": {"enabled": true},
                "passwordAuth": {"enabled": false},
            }),
        );
        let options = after.auth().unwrap();
        assert!(options.mfa.enabled && options.password_auth.enabled && options.oauth2.enabled);
        let mut after = after.clone();
        settle(&mut after);
        assert!(!after.auth().unwrap().oauth2.enabled);
    }

    #[test]
    fn mappings_to_unknown_fields_are_dropped() {
        let fields = json!([{"name": "nick", "type": "text"}]);
        let mapped = json!({"mappedFields": {"name": "nick", "id": "nope"}});
        let a = created(json!({"name": "a", "type": "auth", "fields": fields, "oauth2": mapped}));
        let mapped = &a.auth().unwrap().oauth2.mapped_fields;
        assert_eq!((mapped.name.as_str(), mapped.id.as_str()), ("nick", ""));
    }
}
