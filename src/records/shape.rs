//! Which columns of a collection are read for whom, and where each stands in the JSON of a record.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;

use crate::json;
use crate::schema::{Collection, Field};
use crate::sql::ValueRef;

/// For whom a record is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Everybody: hidden fields are not even read.
    Public,
    /// Superusers: hidden fields are shown.
    Superuser,
    /// The product itself: all columns, nothing of it is shown.
    Internal,
}

/// The columns of a collection as one audience sees them. Made once per schema version.
#[derive(Debug)]
pub struct Shape {
    /// The collection whose records have this shape.
    pub collection: Arc<Collection>,
    /// Names of the columns to select, in this order.
    pub columns: Vec<String>,
    /// For each column its field in the collection.
    fields: Vec<usize>,
    /// The keys of the JSON object in byte order, each with its rendered name.
    pub(crate) keys: Vec<(Vec<u8>, Key)>,
    /// Column of `id`.
    id: usize,
    /// Columns of `email` and `emailVisibility` in an auth collection.
    pub(crate) email: Option<(usize, usize)>,
}

/// What stands behind a key of the JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    /// The value of a column.
    Column(usize),
    /// Text that is the same for all records of the collection, already rendered.
    Fixed(Vec<u8>),
    /// The expanded relations, if any were asked for.
    Expand,
}

impl Shape {
    /// Works out the shape of `collection` for `audience`.
    pub fn new(collection: Arc<Collection>, audience: Audience) -> Self {
        let is_auth = collection.auth().is_some();
        let shown = |field: &Field| match audience {
            Audience::Public => !field.hidden,
            Audience::Superuser => {
                !(is_auth && field.system && matches!(field.name.as_str(), "password" | "tokenKey"))
            }
            Audience::Internal => false,
        };
        let needed = |field: &Field| {
            audience == Audience::Internal
                || shown(field)
                || field.name == "id"
                || (is_auth && matches!(field.name.as_str(), "email" | "emailVisibility"))
        };
        let mut fields: Vec<usize> =
            (0..collection.fields.len()).filter(|&i| needed(&collection.fields[i])).collect();
        fields.sort_by(|&a, &b| collection.fields[a].name.cmp(&collection.fields[b].name));
        let columns: Vec<String> =
            fields.iter().map(|&i| collection.fields[i].name.clone()).collect();
        let position = |name: &str| columns.iter().position(|column| column == name);
        let mut keys: Vec<(&str, Key)> = fields
            .iter()
            .enumerate()
            .filter(|&(_, &i)| shown(&collection.fields[i]))
            .map(|(column, &i)| (collection.fields[i].name.as_str(), Key::Column(column)))
            .collect();
        keys.push(("collectionId", Key::Fixed(quoted(&collection.id))));
        keys.push(("collectionName", Key::Fixed(quoted(&collection.name))));
        keys.push(("expand", Key::Expand));
        keys.sort_by_key(|(name, _)| *name);
        let keys = keys.into_iter().map(|(name, key)| (prefix(name), key)).collect();
        let email = if is_auth { position("email").zip(position("emailVisibility")) } else { None };
        let id = position("id").unwrap_or_default();
        Self { columns, fields, keys, id, email, collection }
    }

    /// The field of a column.
    pub fn field(&self, column: usize) -> &Field {
        &self.collection.fields[self.fields[column]]
    }

    /// Where the field of a column stands in the collection.
    pub(crate) fn position(&self, column: usize) -> usize {
        self.fields[column]
    }

    /// The column of a field, by name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.binary_search_by(|column| column.as_str().cmp(name)).ok()
    }

    /// The id in a row of this shape.
    pub fn id<'a>(&self, get: impl Fn(usize) -> ValueRef<'a>) -> &'a str {
        get(self.id).text()
    }
}

fn quoted(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    json::write_str(&mut out, text);
    out
}

fn prefix(name: &str) -> Vec<u8> {
    let mut out = quoted(name);
    out.push(b':');
    out
}

/// Most shapes kept; past it the cache starts over.
const MAX_SHAPES: usize = 4096;

/// Key of a cached shape: the collection's address, which its entry keeps alive, and the audience.
type ShapeKey = (usize, Audience);

/// The shapes of the collections in use.
#[derive(Debug, Default)]
pub(crate) struct ShapeCache {
    shapes: RwLock<HashMap<ShapeKey, Arc<Shape>>>,
}

impl ShapeCache {
    /// The shape of this very version of `collection`.
    pub(crate) fn get(&self, collection: &Arc<Collection>, audience: Audience) -> Arc<Shape> {
        let key = (Arc::as_ptr(collection) as usize, audience);
        if let Some(shape) = self.shapes.read().get(&key) {
            return Arc::clone(shape);
        }
        let shape = Arc::new(Shape::new(Arc::clone(collection), audience));
        let mut shapes = self.shapes.write();
        if shapes.len() >= MAX_SHAPES {
            shapes.clear();
        }
        shapes.insert(key, Arc::clone(&shape));
        shape
    }
}
