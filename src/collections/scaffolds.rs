//! What a new collection of each type starts with, for forms.

use crate::collections::catalog::Collections;
use crate::crypto::{ID_ALPHABET, random_text};
use crate::json;
use crate::schema::Collection;
use crate::schema::index::required_index_of;

/// Characters that stand in the names of indexes for an id that is not known yet.
const PLACEHOLDER_LENGTH: usize = 10;

impl Collections {
    /// The JSON of all scaffolds, by type.
    pub fn scaffolds(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for (i, type_name) in ["auth", "base", "view"].into_iter().enumerate() {
            body.push(if i == 0 { b'{' } else { b',' });
            json::write_str(&mut body, type_name);
            body.push(b':');
            scaffold(type_name).write_json(&mut body);
        }
        body.push(b'}');
        body
    }
}

fn scaffold(type_name: &str) -> Collection {
    let mut collection = Collection::scaffold(type_name);
    if collection.auth().is_some() {
        let id = random_text(PLACEHOLDER_LENGTH, ID_ALPHABET);
        collection.indexes =
            ["tokenKey", "email"].map(|column| required_index_of(&id, "", column)).to_vec();
    }
    collection
}
