//! The passwords that a batch has set so far: a later operation may name one as the old password,
//! and cannot have been tried against a hash that did not exist yet.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::crypto::Secret;
use crate::records::auth_form::Passwords;
use crate::schema::Collection;

/// Passwords as they were typed, by collection and record; clones share them.
#[derive(Clone, Default)]
pub(crate) struct Typed(Arc<Mutex<HashMap<(String, String), Secret>>>);

impl Typed {
    /// The password that was set last.
    pub fn find(&self, collection: &Collection, id: &str) -> Option<Secret> {
        self.0.lock().get(&(collection.id.clone(), id.to_owned())).cloned()
    }

    /// Remembers what was just written.
    pub fn note(&self, collection: &Collection, id: &str, passwords: &Passwords) {
        let position = collection.fields.iter().position(|field| field.name == "password");
        let set = passwords.iter().find(|(field, _)| Some(*field) == position);
        if let Some((_, plain)) = set.filter(|_| collection.auth().is_some()) {
            self.0.lock().insert((collection.id.clone(), id.to_owned()), plain.clone());
        }
    }
}
