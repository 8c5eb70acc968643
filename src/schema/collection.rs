//! A collection: a named set of records, with fields, rules and indexes.

use crate::schema::{AuthOptions, Field, FieldType};

/// A named set of records.
#[derive(Debug, Clone, PartialEq)]
pub struct Collection {
    /// `pbc_<crc32>` by default; never changes.
    pub id: String,
    /// Unique whatever the case; also the name of the table.
    pub name: String,
    /// Made by the product.
    pub system: bool,
    /// Base, auth or view, with the options of each.
    pub kind: CollectionKind,
    /// Who may do what.
    pub rules: Rules,
    /// What happens to its records is written down in the change log.
    pub keeps_changes: bool,
    /// In the order people gave them.
    pub fields: Vec<Field>,
    /// `CREATE INDEX` statements as they were sent.
    pub indexes: Vec<String>,
    /// When it was made, in the form of the wire.
    pub created: String,
    /// When it was last changed.
    pub updated: String,
}

/// What a collection's records are.
#[derive(Debug, Clone, PartialEq)]
pub enum CollectionKind {
    /// Plain records.
    Base,
    /// Records that sign in.
    Auth(Box<AuthOptions>),
    /// Rows of a SELECT; read only.
    View {
        /// The SELECT.
        query: String,
    },
}

/// The condition of each action: `None` is superusers only, `""` anyone, else an expression.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rules {
    /// Who sees a record in a list.
    pub list: Option<String>,
    /// Who sees a record by its id.
    pub view: Option<String>,
    /// Who may create.
    pub create: Option<String>,
    /// Who may update.
    pub update: Option<String>,
    /// Who may delete.
    pub delete: Option<String>,
}

/// Names a rule of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RuleSlot {
    /// `listRule`
    List,
    /// `viewRule`
    View,
    /// `createRule`
    Create,
    /// `updateRule`
    Update,
    /// `deleteRule`
    Delete,
    /// `authRule` of an auth collection
    Auth,
    /// `manageRule` of an auth collection
    Manage,
}

impl Collection {
    /// The rule of one slot; auth and manage rules exist in auth collections only.
    pub fn rule(&self, slot: RuleSlot) -> Option<&str> {
        let rule = match slot {
            RuleSlot::List => &self.rules.list,
            RuleSlot::View => &self.rules.view,
            RuleSlot::Create => &self.rules.create,
            RuleSlot::Update => &self.rules.update,
            RuleSlot::Delete => &self.rules.delete,
            RuleSlot::Auth => &self.auth()?.auth_rule,
            RuleSlot::Manage => &self.auth()?.manage_rule,
        };
        rule.as_deref()
    }

    /// The options of an auth collection.
    pub fn auth(&self) -> Option<&AuthOptions> {
        match &self.kind {
            CollectionKind::Auth(options) => Some(options),
            _ => None,
        }
    }

    /// True for a collection whose records are rows of a SELECT.
    pub fn is_view(&self) -> bool {
        matches!(self.kind, CollectionKind::View { .. })
    }

    /// `base`, `auth` or `view`.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            CollectionKind::Base => "base",
            CollectionKind::Auth(_) => "auth",
            CollectionKind::View { .. } => "view",
        }
    }

    /// The field of this exact name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// True when the order of an index may tell of values that not everybody reads: of hidden
    /// fields, and of addresses.
    pub fn indexes_secrets(&self) -> bool {
        self.auth().is_some() || self.indexes_hidden()
    }

    /// As [`Collection::indexes_secrets`], but for the indexes that every auth collection has.
    pub(super) fn indexes_hidden(&self) -> bool {
        let is_secret = |field: &&Field| field.hidden && !field.system;
        self.fields.iter().filter(is_secret).any(|field| {
            let name = field.name.as_bytes();
            let is_in = |text: &String| {
                text.as_bytes().windows(name.len()).any(|part| part.eq_ignore_ascii_case(name))
            };
            self.indexes.iter().any(is_in)
        })
    }

    /// The relation fields, with the id of the collection each points to.
    pub fn relations(&self) -> impl Iterator<Item = (&Field, &str)> {
        self.fields.iter().filter_map(|field| match &field.kind {
            FieldType::Relation(relation) => Some((field, relation.collection_id.as_str())),
            _ => None,
        })
    }
}
