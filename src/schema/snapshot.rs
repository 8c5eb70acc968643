//! All collections at one moment, and the one place where that moment changes.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::schema::{Collection, CollectionKind, Field};

/// All collections as of one schema version. A request takes one and keeps it to its end.
#[derive(Debug, Default)]
pub struct Schema {
    version: u64,
    collections: Vec<Arc<Collection>>,
    by_id: HashMap<String, usize>,
    by_lower_name: HashMap<String, usize>,
    /// For each collection id the relation fields that point to it: (collection, field).
    references: HashMap<String, Vec<(usize, usize)>>,
    /// Ids of the collections whose rows may come in an order that tells of hidden values.
    telling: HashSet<String>,
}

impl Schema {
    /// Collections in the order of their creation.
    pub fn new(version: u64, collections: Vec<Arc<Collection>>) -> Self {
        let by_id = collections.iter().enumerate().map(|(i, c)| (c.id.clone(), i)).collect();
        let by_lower_name =
            collections.iter().enumerate().map(|(i, c)| (c.name.to_lowercase(), i)).collect();
        let mut references: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
        for (i, collection) in collections.iter().enumerate().filter(|(_, c)| !c.is_view()) {
            for (j, field) in collection.fields.iter().enumerate() {
                if let crate::schema::FieldType::Relation(relation) = &field.kind {
                    references.entry(relation.collection_id.clone()).or_default().push((i, j));
                }
            }
        }
        let telling = telling(&collections);
        Self { version, collections, by_id, by_lower_name, references, telling }
    }

    /// True when the rows of a collection may come in an order that tells of values not everybody
    /// reads: by an index on them, of its own or of a collection behind a view.
    pub fn may_tell_by_order(&self, collection: &Collection) -> bool {
        self.telling.contains(&collection.id)
    }

    /// The same schema with `collection` in the place of the one with its id, or at the end.
    #[must_use]
    pub fn with(&self, collection: Arc<Collection>) -> Self {
        let mut all = self.collections.clone();
        match self.by_id.get(&collection.id) {
            Some(&at) => all[at] = collection,
            None => all.push(collection),
        }
        Self::new(self.version, all)
    }

    /// The same schema without the collection of this id.
    #[must_use]
    pub fn without(&self, id: &str) -> Self {
        let others = self.collections.iter().filter(|collection| collection.id != id);
        Self::new(self.version, others.cloned().collect())
    }

    /// Grows with every change of any collection.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// All collections in the order of their creation.
    pub fn collections(&self) -> &[Arc<Collection>] {
        &self.collections
    }

    /// By exact id, or by name in any case. Where the id of one is the name of another, the older
    /// one is meant, so that nobody can take its place.
    pub fn find(&self, id_or_name: &str) -> Option<&Arc<Collection>> {
        let by_id = self.by_id.get(id_or_name).copied();
        let found = match (by_id, self.at_name(id_or_name)) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        found.map(|at| &self.collections[at])
    }

    /// By exact id.
    pub fn find_by_id(&self, id: &str) -> Option<&Arc<Collection>> {
        self.by_id.get(id).map(|&i| &self.collections[i])
    }

    /// By name in any case.
    pub fn find_by_name(&self, name: &str) -> Option<&Arc<Collection>> {
        self.at_name(name).map(|at| &self.collections[at])
    }

    fn at_name(&self, name: &str) -> Option<usize> {
        let found = if name.bytes().any(|b| b.is_ascii_uppercase() || !b.is_ascii()) {
            self.by_lower_name.get(&name.to_lowercase())
        } else {
            self.by_lower_name.get(name)
        };
        found.copied()
    }

    /// The relation fields of stored collections that point to a collection.
    pub fn references_to(&self, id: &str) -> impl Iterator<Item = (&Arc<Collection>, &Field)> {
        self.references.get(id).into_iter().flatten().map(|&(i, j)| {
            let collection = &self.collections[i];
            (collection, &collection.fields[j])
        })
    }
}

/// See [`Schema::may_tell_by_order`]. A view that puts its rows into an order is taken at its word.
fn telling(collections: &[Arc<Collection>]) -> HashSet<String> {
    let mut names: Vec<String> = Vec::new();
    let mut ids = HashSet::new();
    for collection in collections {
        if collection.indexes_secrets() {
            ids.insert(collection.id.clone());
        }
        if collection.indexes_hidden() {
            names.push(collection.name.to_lowercase());
        }
    }
    if names.is_empty() {
        return ids;
    }
    // A view may stand before those it shows.
    let views = || collections.iter().filter(|collection| collection.is_view());
    for _ in views() {
        let known = names.len();
        for view in views().filter(|view| !ids.contains(&view.id)).collect::<Vec<_>>() {
            let CollectionKind::View { query } = &view.kind else { continue };
            let query = query.to_lowercase();
            if !query.contains("order by") && names.iter().any(|name| query.contains(name)) {
                ids.insert(view.id.clone());
                names.push(view.name.to_lowercase());
            }
        }
        if names.len() == known {
            break;
        }
    }
    ids
}

/// The current [`Schema`], swapped as a whole right after the commit that changed it.
#[derive(Debug, Default)]
pub struct SchemaCache {
    current: ArcSwap<Schema>,
}

impl SchemaCache {
    /// A cache that starts with `schema`.
    pub fn new(schema: Schema) -> Self {
        Self { current: ArcSwap::from_pointee(schema) }
    }

    /// The schema of this moment.
    pub fn load(&self) -> Arc<Schema> {
        self.current.load_full()
    }

    /// Puts the collections in place under the next version.
    pub fn publish(&self, collections: Vec<Arc<Collection>>) {
        let version = self.current.load().version() + 1;
        self.current.store(Arc::new(Schema::new(version, collections)));
    }
}
