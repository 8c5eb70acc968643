//! A collection as the wire shows it and the disk keeps it (contract §3.2, §6.3), and as a client
//! sends it: any subset of it, merged over what there is.

use serde_json::{Map, Value as Json};

use crate::error::{Error, Result};
use crate::json;
use crate::schema::field_json::{Malformed, lookup, malformed};
use crate::schema::{
    AuthOptions, Collection, CollectionKind, Field, OAuth2Provider, Rules, auth_defaults,
    date_text, field_list,
};
use crate::sql::{Row, Value};

/// The key that switches the change log of a collection off. Beyond the contract, so it is only
/// there while it does.
const CHANGES: &str = "changes";

/// The rules with their names on the wire, in its order.
type RuleSlots<'a, T> = [(&'static str, T); 5];

impl Rules {
    /// Each rule with its name on the wire.
    pub fn named(&self) -> RuleSlots<'_, &Option<String>> {
        [
            ("listRule", &self.list),
            ("viewRule", &self.view),
            ("createRule", &self.create),
            ("updateRule", &self.update),
            ("deleteRule", &self.delete),
        ]
    }

    fn named_mut(&mut self) -> RuleSlots<'_, &mut Option<String>> {
        [
            ("listRule", &mut self.list),
            ("viewRule", &mut self.view),
            ("createRule", &mut self.create),
            ("updateRule", &mut self.update),
            ("deleteRule", &mut self.delete),
        ]
    }
}

impl Collection {
    /// The columns of `_collections`, in the order of [`Collection::load`].
    pub const COLUMNS: &'static [&'static str] = &[
        "id",
        "system",
        "type",
        "name",
        "fields",
        "indexes",
        "listRule",
        "viewRule",
        "createRule",
        "updateRule",
        "deleteRule",
        "options",
        "created",
        "updated",
    ];

    /// Appends the object of the wire: declared key order, no secrets.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        let mut separator = b'{';
        let mut key = |out: &mut Vec<u8>, name: &str| {
            out.push(separator);
            separator = b',';
            json::write_str(out, name);
            out.push(b':');
        };
        key(out, "id");
        json::write_str(out, &self.id);
        for (name, rule) in self.rules.named() {
            key(out, name);
            match rule {
                Some(rule) => json::write_str(out, rule),
                None => out.extend_from_slice(b"null"),
            }
        }
        for (name, text) in [("name", self.name.as_str()), ("type", self.type_name())] {
            key(out, name);
            json::write_str(out, text);
        }
        key(out, "fields");
        json::write(out, &self.fields_json());
        key(out, "indexes");
        json::write(out, &self.indexes_json());
        for (name, text) in [("created", &self.created), ("updated", &self.updated)] {
            key(out, name);
            json::write_str(out, text);
        }
        key(out, "system");
        json::write(out, &self.system.into());
        if !self.keeps_changes {
            key(out, CHANGES);
            out.extend_from_slice(b"false");
        }
        match &self.kind {
            CollectionKind::Base => {}
            CollectionKind::View { query } => {
                key(out, "viewQuery");
                json::write_str(out, query);
            }
            CollectionKind::Auth(options) => {
                let shown = serde_json::to_string(&options.without_secrets()).unwrap_or_default();
                let inner = shown.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
                out.push(b',');
                out.extend_from_slice(inner.unwrap_or_default().as_bytes());
            }
        }
        out.push(b'}');
    }

    /// The object of the wire as a value, for a projection.
    pub fn to_json(&self) -> Json {
        let mut out = Vec::new();
        self.write_json(&mut out);
        serde_json::from_slice(&out).unwrap_or_default()
    }

    /// Reads a row of `_collections`.
    ///
    /// # Errors
    /// A row that no version of the format explains.
    pub fn load(row: &dyn Row) -> Result<Self> {
        let text = |index: usize| row.get(index).text().to_owned();
        let rule = |index: usize| match row.get(index) {
            crate::sql::ValueRef::Null => None,
            value => Some(value.text().to_owned()),
        };
        let broken = |what: &str, error: Malformed| {
            Error::internal(format!("the {what} of collection {} are broken: {error}", text(3)))
        };
        let fields = read_fields(&parse_column(row.get(4).text()))
            .map_err(|error| broken("fields", error))?;
        let indexes = read_texts(&parse_column(row.get(5).text()))
            .map_err(|error| broken("indexes", error))?;
        let options = parse_column(row.get(11).text());
        let keeps_changes = options[CHANGES] != false;
        let kind = match row.get(2).text() {
            "auth" => CollectionKind::Auth(
                serde_json::from_value(without_nulls(options))
                    .map_err(|error| broken("options", error))?,
            ),
            "view" => CollectionKind::View {
                query: options["viewQuery"].as_str().unwrap_or_default().to_owned(),
            },
            _ => CollectionKind::Base,
        };
        let rules = Rules {
            list: rule(6),
            view: rule(7),
            create: rule(8),
            update: rule(9),
            delete: rule(10),
        };
        Ok(Self {
            id: text(0),
            system: row.get(1).is_true(),
            name: text(3),
            kind,
            rules,
            keeps_changes,
            fields,
            indexes,
            created: text(12),
            updated: text(13),
        })
    }

    /// The row of `_collections`, secrets included.
    pub fn to_row(&self) -> Vec<(&'static str, Value)> {
        let options = match &self.kind {
            CollectionKind::Base => "{}".to_owned(),
            CollectionKind::View { query } => {
                json::to_string(&serde_json::json!({ "viewQuery": query }))
            }
            CollectionKind::Auth(options) => serde_json::to_string(options).unwrap_or_default(),
        };
        let options = if self.keeps_changes { options } else { with_changes_off(&options) };
        let mut row = vec![
            ("id", Value::from(self.id.as_str())),
            ("system", Value::from(self.system)),
            ("type", Value::from(self.type_name())),
            ("name", Value::from(self.name.as_str())),
            ("fields", Value::from(json::to_string(&self.fields_json()))),
            ("indexes", Value::from(json::to_string(&self.indexes_json()))),
        ];
        row.extend(self.rules.named().map(|(name, rule)| (name, Value::from(rule.clone()))));
        row.push(("options", Value::from(options)));
        row.push(("created", Value::from(self.created.as_str())));
        row.push(("updated", Value::from(self.updated.as_str())));
        row
    }

    fn fields_json(&self) -> Json {
        self.fields.iter().map(|field| Json::Object(field.to_json())).collect()
    }

    fn indexes_json(&self) -> Json {
        self.indexes.iter().map(String::as_str).collect()
    }
}

/// What a client asks a collection to become, before it is completed and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The collection as asked for.
    pub collection: Collection,
    /// The type is none of the three there are.
    pub has_unknown_type: bool,
}

impl Draft {
    /// A new collection: `body` over the scaffold of its type.
    ///
    /// # Errors
    /// A value of the wrong type, or a field of an unknown one.
    pub fn create(body: &Map<String, Json>) -> Result<Self, Malformed> {
        let type_name = match lookup(body, "type") {
            None | Some(Json::Null) => "base",
            Some(Json::String(name)) if name.is_empty() => "base",
            Some(Json::String(name)) => name,
            Some(_) => return Err(malformed("type must be text")),
        };
        let mut draft = Self {
            collection: Collection::scaffold(type_name),
            has_unknown_type: !is_known(type_name),
        };
        draft.merge(body, true)?;
        Ok(draft)
    }

    /// An existing collection changed by `body`: nested objects merge, lists are replaced.
    ///
    /// # Errors
    /// A value of the wrong type, or a field of an unknown one.
    pub fn update(current: &Collection, body: &Map<String, Json>) -> Result<Self, Malformed> {
        let mut draft = Self { collection: current.clone(), has_unknown_type: false };
        if let Some(json) = lookup(body, "type") {
            let name = text_of(json)?;
            // An empty name asks for the type that collections have by default.
            let name = if name.is_empty() { "base".to_owned() } else { name };
            draft.has_unknown_type = !is_known(&name);
            if name != current.type_name() {
                draft.collection.kind = empty_kind(&name);
            }
        }
        draft.merge(body, false)?;
        Ok(draft)
    }

    fn merge(&mut self, body: &Map<String, Json>, is_new: bool) -> Result<(), Malformed> {
        let collection = &mut self.collection;
        if let Some(json) = lookup(body, "id") {
            collection.id = text_of(json)?;
        }
        if let Some(json) = lookup(body, "name") {
            collection.name = text_of(json)?;
        }
        if let Some(json) = lookup(body, "system") {
            collection.system = match json {
                Json::Null => false,
                Json::Bool(system) => *system,
                _ => return Err(malformed("system must be true or false")),
            };
        }
        for (name, rule) in collection.rules.named_mut() {
            match lookup(body, name) {
                None => {}
                Some(Json::Null) => *rule = None,
                Some(json) => *rule = Some(text_of(json)?),
            }
        }
        if let Some(json) = lookup(body, CHANGES)
            && !collection.is_view()
        {
            collection.keeps_changes = match json {
                Json::Null => true,
                Json::Bool(keeps) => *keeps,
                _ => return Err(malformed("changes must be true or false")),
            };
        }
        if let Some(json) = lookup(body, "fields") {
            collection.fields = read_fields(json)?;
        }
        if let Some(json) = lookup(body, "indexes") {
            collection.indexes = read_texts(json)?;
        }
        match &mut collection.kind {
            CollectionKind::Base => {}
            CollectionKind::View { query } => {
                if let Some(json) = lookup(body, "viewQuery") {
                    *query = text_of(json)?;
                }
            }
            CollectionKind::Auth(options) => merge_auth(options, body)?,
        }
        if let Some(Json::String(text)) = lookup(body, "created")
            && !is_new
            && let Some(moment) = date_text::parse(text)
        {
            collection.created = moment.to_string();
        }
        Ok(())
    }
}

impl Collection {
    /// What a new collection of a type starts with. An unknown type is read as `base`.
    pub fn scaffold(type_name: &str) -> Self {
        let mut fields = Vec::new();
        let kind = match type_name {
            "view" => empty_kind("view"),
            "auth" => {
                field_list::ensure_id(&mut fields);
                field_list::ensure_auth(&mut fields);
                let mut options = auth_defaults::options();
                auth_defaults::fill_secrets(&mut options);
                CollectionKind::Auth(Box::new(options))
            }
            _ => {
                field_list::ensure_id(&mut fields);
                CollectionKind::Base
            }
        };
        Self {
            id: String::new(),
            name: String::new(),
            system: false,
            kind,
            rules: Rules::default(),
            keeps_changes: true,
            fields,
            indexes: Vec::new(),
            created: String::new(),
            updated: String::new(),
        }
    }
}

/// The options as the disk keeps them, with the switch among them.
fn with_changes_off(options: &str) -> String {
    let inner = options.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    match inner.unwrap_or_default() {
        "" => format!("{{\"{CHANGES}\":false}}"),
        inner => format!("{{{inner},\"{CHANGES}\":false}}"),
    }
}

fn is_known(type_name: &str) -> bool {
    matches!(type_name, "base" | "auth" | "view")
}

fn empty_kind(type_name: &str) -> CollectionKind {
    match type_name {
        "auth" => CollectionKind::Auth(Box::default()),
        "view" => CollectionKind::View { query: String::new() },
        _ => CollectionKind::Base,
    }
}

fn text_of(json: &Json) -> Result<String, Malformed> {
    match json {
        Json::Null => Ok(String::new()),
        Json::String(text) => Ok(text.clone()),
        _ => Err(malformed("expected text")),
    }
}

fn read_texts(json: &Json) -> Result<Vec<String>, Malformed> {
    match json {
        Json::Null => Ok(Vec::new()),
        Json::Array(items) => items.iter().map(text_of).collect(),
        _ => Err(malformed("expected a list of texts")),
    }
}

fn read_fields(json: &Json) -> Result<Vec<Field>, Malformed> {
    match json {
        Json::Null => Ok(Vec::new()),
        Json::Array(items) => {
            let fields: Result<Vec<Field>, _> = items.iter().map(Field::from_json).collect();
            Ok(field_list::collect(fields?))
        }
        _ => Err(malformed("expected a list of fields")),
    }
}

/// A JSON column; what is no JSON counts as null.
fn parse_column(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_default()
}

/// The same without the keys of objects that hold null, which then take their defaults.
fn without_nulls(json: Json) -> Json {
    match json {
        Json::Object(object) => object
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_nulls(value)))
            .collect(),
        Json::Array(items) => items.into_iter().map(without_nulls).collect(),
        Json::Null => Json::Object(Map::new()),
        other => other,
    }
}

fn merge_auth(options: &mut AuthOptions, body: &Map<String, Json>) -> Result<(), Malformed> {
    let providers = std::mem::take(&mut options.oauth2.providers);
    let mut merged = serde_json::to_value(&*options)?;
    options.oauth2.providers.clone_from(&providers);
    if let Json::Object(known) = &mut merged {
        for (name, own) in options.extensions()? {
            known.insert(name.to_owned(), own);
        }
        known["oauth2"]["providers"] = serde_json::to_value(&providers)?;
        for (key, value) in body {
            let own = known.keys().find(|name| name.eq_ignore_ascii_case(key)).cloned();
            if let Some(own) = own {
                merge_value(known, own, value);
            }
        }
        if let Some(Json::Array(items)) = known["oauth2"].get_mut("providers") {
            keep_of_providers(items, &providers)?;
        }
    }
    *options = serde_json::from_value(without_nulls(merged))?;
    Ok(())
}

fn merge_value(into: &mut Map<String, Json>, key: String, value: &Json) {
    match (into.get_mut(&key), value) {
        (Some(Json::Object(old)), Json::Object(new)) => {
            for (name, inner) in new {
                let own = old.keys().find(|own| own.eq_ignore_ascii_case(name)).cloned();
                merge_value(old, own.unwrap_or_else(|| name.clone()), inner);
            }
        }
        _ => {
            into.insert(key, value.clone());
        }
    }
}

/// What was not sent of a provider stays what it was, its secret above all.
fn keep_of_providers(items: &mut [Json], current: &[OAuth2Provider]) -> Result<(), Malformed> {
    for item in items {
        let Json::Object(sent) = item else { continue };
        let name = lookup(sent, "name").and_then(Json::as_str).unwrap_or_default();
        let Some(known) = current.iter().find(|known| known.name == name) else { continue };
        let Json::Object(mut kept) = serde_json::to_value(known)? else { continue };
        for (key, value) in &*sent {
            let own = kept.keys().find(|own| own.eq_ignore_ascii_case(key)).cloned();
            merge_value(&mut kept, own.unwrap_or_else(|| key.clone()), value);
        }
        *sent = kept;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
