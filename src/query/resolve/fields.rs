//! Paths through the fields of collections: relations, back-relations, JSON, modifiers.

use std::sync::Arc;

use super::{Purpose, Resolved, Resolver};
use crate::query::ast::Compare;
use crate::query::expand::back_relation;
use crate::query::predicate::{Cond, How, Join, Origin, Scalar, Test};
use crate::query::{QueryError, limits};
use crate::schema::fields::Collation;
use crate::schema::index::Index;
use crate::schema::{Collection, Field, FieldType};
use crate::sql::{ColumnType, Value};

/// What a field that does not exist is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// A mistake.
    Error,
    /// NULL: callers of several collections may be meant.
    Null,
}

/// A word behind a colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Modifier {
    Isset,
    Changed,
    Length,
    Each,
    Lower,
}

/// Where a walk along a path stands.
struct Place {
    origin: Origin,
    collection: Arc<Collection>,
    hops: usize,
}

/// `title:lower` as name and modifier.
pub(super) fn split_modifier(name: &str) -> Result<(&str, Option<Modifier>), QueryError> {
    let Some((field, word)) = name.split_once(':') else { return Ok((name, None)) };
    let modifier = match word {
        "isset" => Modifier::Isset,
        "changed" => Modifier::Changed,
        "length" => Modifier::Length,
        "each" => Modifier::Each,
        "lower" => Modifier::Lower,
        _ => return Err(QueryError::new(format!("unknown modifier in {name:?}"))),
    };
    Ok((field, Some(modifier)))
}

/// The kinds whose values are lists, even when the list has one item at most.
pub(super) fn holds_list(field: &Field) -> bool {
    matches!(field.kind, FieldType::File(_) | FieldType::Relation(_) | FieldType::Select(_))
}

impl Resolver<'_> {
    /// Resolves `author.org.name:lower` from `origin` on.
    pub(super) fn path(
        &mut self,
        origin: Origin,
        collection: &Arc<Collection>,
        path: &str,
        missing: Missing,
    ) -> Result<Resolved, QueryError> {
        let mut place = Place { origin, collection: collection.clone(), hops: 0 };
        let mut rest = path;
        loop {
            let Some((name, after)) = rest.split_once('.') else {
                return self.last(&place, rest, missing);
            };
            match self.field(&place.collection, name) {
                Some(field) => match &field.kind {
                    FieldType::Json(_) | FieldType::GeoPoint(_) => {
                        let column = Scalar::Column(place.origin.clone(), field.name.clone());
                        return Ok(json(column, after));
                    }
                    FieldType::Relation(relation) => {
                        if relation.max_select <= 1 && after == "id" {
                            return Ok(column(&place.origin, field));
                        }
                        place = self.forward(&place, field, &relation.collection_id)?;
                    }
                    _ => {
                        let message = format!("field {name:?} is not a valid relation");
                        return Err(QueryError::new(message));
                    }
                },
                None => match self.backward(&place, name) {
                    Ok(Some(next)) => place = next,
                    Err(_) if missing == Missing::Null => return Ok(Resolved::param(Value::Null)),
                    Err(error) => return Err(error),
                    Ok(None) => return missing.or(format!("failed to resolve field {name:?}")),
                },
            }
            if place.hops > limits::RELATION_HOPS {
                return Err(QueryError::new(format!(
                    "no more than {} relations in one path",
                    limits::RELATION_HOPS
                )));
            }
            rest = after;
        }
    }

    /// A field that the text may name. To a client a hidden one does not exist, nor does the hash
    /// of a password, which no answer shows either.
    pub(super) fn field<'f>(&self, collection: &'f Collection, name: &str) -> Option<&'f Field> {
        let field = collection.field(name)?;
        let is_secret = field.hidden || matches!(field.kind, FieldType::Password(_));
        (self.purpose == Purpose::Trusted || !is_secret).then_some(field)
    }

    fn forward(&mut self, place: &Place, field: &Field, target: &str) -> Result<Place, QueryError> {
        let target = self.schema.find_by_id(target).ok_or_else(|| {
            QueryError::new(format!("failed to find the collection of field {:?}", field.name))
        })?;
        let name = &field.name;
        if !field.kind.is_multiple() {
            let how = How::One { column: name.clone() };
            return self.hop(place, name, how, target.clone(), false);
        }
        let list = Scalar::Column(place.origin.clone(), name.clone());
        let key = self.key(&place.origin, &format!("{name}:each"));
        let items = self.items(key, place.origin.clone(), list, true)?;
        let join = self.guarded(Arc::new(Join {
            key: self.key(&place.origin, name),
            parent: Origin::Join(items),
            how: How::OfItem,
            collection: Some(target.clone()),
            multiplies: false,
            visible: None,
        }))?;
        self.note(&join)?;
        Ok(Place { origin: Origin::Join(join), collection: target.clone(), hops: place.hops + 1 })
    }

    /// `posts_via_author`; `None` when the name does not say so.
    fn backward(&mut self, place: &Place, name: &str) -> Result<Option<Place>, QueryError> {
        let Some((collection, field_name)) = back_relation(name) else { return Ok(None) };
        let collection = self.schema.find(collection).ok_or_else(|| {
            QueryError::new(format!("failed to load back relation field {name:?} collection"))
        })?;
        let field = self.field(collection, field_name).ok_or_else(|| {
            QueryError::new(format!("missing back relation field {field_name:?}"))
        })?;
        match &field.kind {
            FieldType::Relation(to) if to.collection_id == place.collection.id => {}
            _ => {
                let message = format!("invalid back relation field {field_name:?}");
                return Err(QueryError::new(message));
            }
        }
        let multiplies = field.kind.is_multiple() || !has_unique_index(collection, field_name);
        let column = field.name.clone();
        let how =
            if field.kind.is_multiple() { How::BackList { column } } else { How::Back { column } };
        self.hop(place, name, how, collection.clone(), multiplies).map(Some)
    }

    fn hop(
        &mut self,
        place: &Place,
        name: &str,
        how: How,
        collection: Arc<Collection>,
        multiplies: bool,
    ) -> Result<Place, QueryError> {
        let join = Join {
            key: self.key(&place.origin, name),
            parent: place.origin.clone(),
            how,
            collection: Some(collection.clone()),
            multiplies,
            visible: None,
        };
        let mut join = Arc::new(join);
        if join.is_back() {
            // The same path in a rule leads to all records, a client's to those it may see.
            let key = self.key(&place.origin, &format!("~{name}"));
            if let Some(shared) = self.shared.iter().find(|shared| shared.key == key) {
                join = shared.clone();
            } else if self.purpose == Purpose::Client {
                Arc::make_mut(&mut join).key = key;
            }
        }
        let join = self.guarded(join)?;
        self.note(&join)?;
        Ok(Place { origin: Origin::Join(join), collection, hops: place.hops + 1 })
    }

    /// The end of a path: a field, maybe with a modifier.
    fn last(
        &mut self,
        place: &Place,
        name: &str,
        missing: Missing,
    ) -> Result<Resolved, QueryError> {
        let bare = name.split(':').next().unwrap_or_default();
        if name.matches(':').count() > 1 || self.field(&place.collection, bare).is_none() {
            return missing.or(format!("unknown field {name:?}"));
        }
        let (bare, modifier) = split_modifier(name)?;
        let Some(field) = self.field(&place.collection, bare) else {
            return missing.or(format!("unknown field {name:?}"));
        };
        let plain = column(&place.origin, field);
        let mut resolved = match modifier {
            Some(Modifier::Lower) => {
                Resolved { scalar: Scalar::Lower(Box::new(plain.scalar)), is_text: false, ..plain }
            }
            Some(Modifier::Length) if holds_list(field) => {
                Resolved::plain(Scalar::Length(Box::new(plain.scalar)))
            }
            Some(Modifier::Each) if holds_list(field) => {
                let key = self.key(&place.origin, name);
                let multiplies = field.kind.is_multiple();
                let items = self.items(key, place.origin.clone(), plain.scalar, multiplies)?;
                Resolved::plain(Scalar::Item(items))
            }
            _ => plain,
        };
        if self.purpose == Purpose::Client
            && field.name == "email"
            && place.collection.auth().is_some()
        {
            let shown = Cond::Test(Test {
                left: Scalar::Column(place.origin.clone(), "emailVisibility".to_owned()),
                compare: Compare::Equal,
                right: Scalar::Param(Value::from(true)),
                strict: false,
                with_id: false,
            });
            resolved.scalar = Scalar::Shown(Box::new(resolved.scalar), Box::new(shown.clone()));
            resolved.guard = Some(shown);
        }
        Ok(resolved)
    }

    /// The items of a list, one at a time.
    pub(super) fn items(
        &mut self,
        key: String,
        parent: Origin,
        list: Scalar,
        multiplies: bool,
    ) -> Result<Arc<Join>, QueryError> {
        let how = How::Each(Box::new(list));
        let join = Arc::new(Join { key, parent, how, collection: None, multiplies, visible: None });
        self.note(&join)?;
        Ok(join)
    }

    /// `@collection.<name>[:alias].<path>`.
    pub(super) fn other_collection(
        &mut self,
        name: &str,
        path: &str,
    ) -> Result<Resolved, QueryError> {
        let unresolved = || QueryError::new(format!("failed to resolve field {name:?}"));
        let (named, rest) = path.split_once('.').ok_or_else(unresolved)?;
        let (named, alias) = named.split_once(':').unwrap_or((named, ""));
        if alias.contains(':') {
            return Err(unresolved());
        }
        let collection = self.schema.find(named).cloned().ok_or_else(|| {
            QueryError::new(format!("failed to load collection {named:?} from field path {name:?}"))
        })?;
        // Below a joined record whose rule is read, the join is that rule's own.
        let key = self.key(&self.anchor, &format!("@collection.{}:{alias}", collection.id));
        let join = Arc::new(Join {
            key,
            parent: Origin::Base,
            how: How::All,
            collection: Some(collection.clone()),
            multiplies: true,
            visible: None,
        });
        self.note(&join)?;
        self.path(Origin::Join(join), &collection, rest, Missing::Error)
    }
}

impl Missing {
    fn or(self, message: String) -> Result<Resolved, QueryError> {
        match self {
            Self::Null => Ok(Resolved::param(Value::Null)),
            Self::Error => Err(QueryError::new(message)),
        }
    }
}

/// A field as it is compared.
pub(super) fn column(origin: &Origin, field: &Field) -> Resolved {
    let column = Scalar::Column(origin.clone(), field.name.clone());
    match field.kind {
        FieldType::Json(_) => json(column, ""),
        _ => {
            let is_text = matches!(field.kind.column(), ColumnType::Text | ColumnType::PrimaryKey);
            let in_unicode_order = matches!(
                &field.kind, FieldType::Text(text) if text.collation == Collation::Unicode
            );
            Resolved { is_text, in_unicode_order, ..Resolved::plain(column) }
        }
    }
}

fn json(document: Scalar, path: &str) -> Resolved {
    let path = path.split('.').filter(|_| !path.is_empty()).map(str::to_owned).collect();
    Resolved { strict: true, ..Resolved::plain(Scalar::Json(Box::new(document), path)) }
}

/// One record at most holds a value of the field: it alone makes up a unique index.
fn has_unique_index(collection: &Collection, field: &str) -> bool {
    collection
        .indexes
        .iter()
        .filter_map(|index| Index::parse(index))
        .any(|index| index.condition.is_empty() && index.unique_column() == Some(field))
}
