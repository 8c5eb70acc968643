//! `@request.*`: what the caller sent and who the caller is, as values of the language.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value as Json;

use super::fields::{Missing, Modifier, column, holds_list, split_modifier};
use super::{Resolved, Resolver, differs};
use crate::json;
use crate::query::QueryError;
use crate::query::predicate::{Cond, How, Join, Origin, Scalar};
use crate::schema::{Field, FieldType};
use crate::sql::Value;

impl Resolver<'_> {
    /// `path` is what follows `@request.`.
    pub(super) fn request(&mut self, name: &str, path: &str) -> Result<Resolved, QueryError> {
        match path.split_once('.') {
            None if path == "method" => Ok(Resolved::param(self.cx.method)),
            None if path == "context" => Ok(Resolved::param(self.cx.context)),
            Some(("auth", path)) => self.auth(path),
            Some(("body", path)) => self.body(path),
            Some(("query", path)) => self.named(&self.cx.query, path),
            Some(("headers", path)) => self.named(&self.cx.headers, path),
            _ => Err(QueryError::new(format!("failed to resolve field {name:?}"))),
        }
    }

    /// The signed-in record: what is at hand from memory, the rest through its table, so that it
    /// is as new as the rest of the answer.
    fn auth(&mut self, path: &str) -> Result<Resolved, QueryError> {
        let Some(record) = self.cx.caller.record() else { return Ok(Resolved::param(Value::Null)) };
        let at_hand = match path {
            "id" => Some(Value::from(record.id.as_str())),
            "collectionId" => Some(record.collection_id.as_str().into()),
            "collectionName" => Some(record.collection_name.as_str().into()),
            "email" => Some(record.email.as_str().into()),
            "emailVisibility" => Some(record.email_visibility.into()),
            "verified" => Some(record.verified.into()),
            _ => None,
        };
        if let Some(value) = at_hand {
            return Ok(Resolved::param(value));
        }
        let Some(collection) = self.schema.find_by_id(&record.collection_id) else {
            return Ok(Resolved::param(Value::Null));
        };
        let join = Arc::new(Join {
            key: "@request.auth".to_owned(),
            parent: Origin::Base,
            how: How::Id(Value::from(record.id.as_str())),
            collection: Some(collection.clone()),
            multiplies: false,
            visible: None,
        });
        self.note(&join)?;
        self.path(Origin::Join(join), collection, path, Missing::Null)
    }

    fn body(&mut self, path: &str) -> Result<Resolved, QueryError> {
        if let Some(resolved) = self.body_relation(path)? {
            return Ok(resolved);
        }
        let last = path.rsplit('.').next().unwrap_or(path);
        let (bare, modifier) = split_modifier(last)?;
        let bare = &path[..path.len() - last.len() + bare.len()];
        let collection = self.collection.clone();
        let field = collection.field(bare);
        let value = self.sent(bare);
        let value = value.as_deref();
        match (modifier, field) {
            (Some(Modifier::Isset), _) => Ok(Resolved::param(value.is_some())),
            (Some(Modifier::Changed), Some(field)) => {
                let stored = column(&self.anchor, field);
                let sent = Scalar::Param(sent(value, Some(&field.kind)));
                let changed = if value.is_some() {
                    differs(stored.scalar, sent, stored.strict)
                } else {
                    Cond::Or(Vec::new())
                };
                Ok(Resolved::plain(Scalar::Truth(Box::new(changed))))
            }
            (Some(Modifier::Changed), None) => {
                Err(QueryError::new(format!("unknown field {bare:?}")))
            }
            (Some(Modifier::Length), Some(field)) if holds_list(field) => {
                let count = i64::try_from(items(value).len()).unwrap_or(i64::MAX);
                Ok(Resolved::param(count))
            }
            (Some(Modifier::Each), Some(field)) if holds_list(field) => {
                let list = Scalar::Param(json::to_string(&Json::Array(items(value))).into());
                let key = self.key(&self.anchor, &format!("@request.body.{path}"));
                let items = self.items(key, Origin::Base, list, field.kind.is_multiple())?;
                Ok(Resolved::plain(Scalar::Item(items)))
            }
            (Some(Modifier::Lower), field) => {
                let value = sent(value, field.map(|field| &field.kind));
                Ok(Resolved::param(lower(value)))
            }
            (_, field) => Ok(Resolved::param(sent(value, field.map(|field| &field.kind)))),
        }
    }

    /// A query parameter or a header, maybe with a modifier. One that is named like a number field
    /// is a number.
    fn named(&self, pairs: &[(String, String)], path: &str) -> Result<Resolved, QueryError> {
        let (name, modifier) = split_modifier(path)?;
        let text = pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let kind = self.collection.field(name).map(|field| &field.kind);
        let value = text.map_or(Value::Null, |text| submitted_text(text, kind));
        Ok(match modifier {
            Some(Modifier::Isset) => Resolved::param(text.is_some()),
            Some(Modifier::Lower) => Resolved::param(lower(value)),
            _ => Resolved::param(value),
        })
    }

    /// The member at `a.b.0` of the body, with the fields of the record as they would be stored.
    fn sent(&self, path: &str) -> Option<Cow<'_, Json>> {
        let (name, below) = path.split_once('.').map_or((path, None), |(a, b)| (a, Some(b)));
        let sent = cast(self.collection.field(name), self.cx.body.get(name)?);
        match (below, sent) {
            (None, sent) => Some(sent),
            (Some(below), Cow::Borrowed(sent)) => find(sent, below).map(Cow::Borrowed),
            (Some(below), Cow::Owned(sent)) => find(&sent, below).cloned().map(Cow::Owned),
        }
    }

    /// `@request.body.<relation>.<path>`: the records that the submitted ids name.
    fn body_relation(&mut self, path: &str) -> Result<Option<Resolved>, QueryError> {
        let Some((name, rest)) = path.split_once('.') else { return Ok(None) };
        let collection = self.collection.clone();
        let Some(field) = collection.field(name) else { return Ok(None) };
        let FieldType::Relation(relation) = &field.kind else { return Ok(None) };
        let target = self.schema.find_by_id(&relation.collection_id).cloned().ok_or_else(|| {
            QueryError::new(format!("failed to find the collection of field {name:?}"))
        })?;
        let ids = items(self.sent(name).as_deref());
        if ids.is_empty() {
            return Ok(Some(Resolved::param(Value::Null)));
        }
        let multiplies = field.kind.is_multiple();
        let how = if multiplies {
            How::Ids(json::to_string(&Json::Array(ids)).into())
        } else {
            How::Id(ids.last().map_or(Value::Null, |id| text(id).into()))
        };
        let join = Arc::new(Join {
            key: self.key(&self.anchor, &format!("@request.body.{name}")),
            parent: Origin::Base,
            how,
            collection: Some(target.clone()),
            multiplies,
            visible: None,
        });
        self.note(&join)?;
        self.path(Origin::Join(join), &target, rest, Missing::Error).map(Some)
    }
}

/// What stands below a member, at `b.0` and the like.
fn find<'b>(mut at: &'b Json, path: &str) -> Option<&'b Json> {
    for name in path.split('.') {
        at = match at {
            Json::Object(object) => object.get(name)?,
            Json::Array(items) => items.get(name.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(at)
}

/// A sent value as the record would show it; as it came where the field is none that casts.
fn cast<'b>(field: Option<&Field>, sent: &'b Json) -> Cow<'b, Json> {
    let Some(field) = field else { return Cow::Borrowed(sent) };
    if matches!(field.kind, FieldType::Autodate(_) | FieldType::File(_) | FieldType::Password(_)) {
        return Cow::Borrowed(sent);
    }
    let mut shown = Vec::new();
    field.kind.write_json(field.kind.cast(sent).as_ref(), &mut shown);
    serde_json::from_slice(&shown).map_or(Cow::Borrowed(sent), Cow::Owned)
}

/// A submitted value as it is compared. What is missing is NULL; lists and objects are their JSON,
/// and so is everything that is sent for a JSON field.
fn sent(value: Option<&Json>, kind: Option<&FieldType>) -> Value {
    match (value, kind) {
        (Some(value), Some(FieldType::Json(_))) => json::to_string(value).into(),
        (None | Some(Json::Null), _) => Value::Null,
        (Some(Json::Bool(fact)), _) => Value::from(*fact),
        (Some(Json::Number(number)), _) => Value::Real(number.as_f64().unwrap_or_default()),
        (Some(Json::String(text)), kind) => submitted_text(text, kind),
        (Some(list @ (Json::Array(_) | Json::Object(_))), _) => json::to_string(list).into(),
    }
}

fn submitted_text(text: &str, kind: Option<&FieldType>) -> Value {
    match kind {
        Some(FieldType::Number(_)) => text.parse().map_or_else(|_| text.into(), Value::Real),
        _ => text.into(),
    }
}

/// What was submitted for a field of lists, as a list.
fn items(value: Option<&Json>) -> Vec<Json> {
    match value {
        Some(Json::Array(items)) => items.clone(),
        None | Some(Json::Null) => Vec::new(),
        Some(Json::String(text)) if text.is_empty() => Vec::new(),
        Some(single) => vec![single.clone()],
    }
}

fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => json::to_string(other),
    }
}

/// As the engine's LOWER would: ASCII letters only, and numbers become text.
fn lower(value: Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(text.to_ascii_lowercase()),
        Value::Int(int) => Value::Text(int.to_string()),
        other => other,
    }
}
