//! A field: what all kinds share, and the kind with its own options.

use std::ops::Deref;

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};
use crate::schema::{Collection, Schema, cast, fields};
use crate::sql::{ColumnType, Value, ValueRef};

/// A named member of every record of a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Stays the same when the field is renamed; `<type><crc32 of the first name>` by default.
    pub id: String,
    /// The key in a record and the name of the column.
    pub name: String,
    /// Made by the product: it can neither be renamed nor dropped.
    pub system: bool,
    /// Only superusers see it.
    pub hidden: bool,
    /// Shown in place of the id where a record is named.
    pub presentable: bool,
    /// The zero value is refused.
    pub required: bool,
    /// A hint for people who fill it in.
    pub help: String,
    /// The kind and its own options.
    pub kind: FieldType,
}

/// The kinds of field, each with its options.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldType {
    /// See [`fields::Autodate`].
    Autodate(fields::Autodate),
    /// See [`fields::Bool`].
    Bool(fields::Bool),
    /// See [`fields::Date`].
    Date(fields::Date),
    /// See [`fields::Editor`].
    Editor(fields::Editor),
    /// See [`fields::Email`].
    Email(fields::Email),
    /// See [`fields::File`].
    File(fields::File),
    /// See [`fields::GeoPoint`].
    GeoPoint(fields::GeoPoint),
    /// See [`fields::Json`].
    Json(fields::Json),
    /// See [`fields::Number`].
    Number(fields::Number),
    /// See [`fields::Password`].
    Password(fields::Password),
    /// See [`fields::Relation`].
    Relation(fields::Relation),
    /// See [`fields::Select`].
    Select(fields::Select),
    /// See [`fields::Text`].
    Text(fields::Text),
    /// See [`fields::Url`].
    Url(fields::Url),
}

impl FieldType {
    /// The word on the wire, such as `text`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Autodate(_) => "autodate",
            Self::Bool(_) => "bool",
            Self::Date(_) => "date",
            Self::Editor(_) => "editor",
            Self::Email(_) => "email",
            Self::File(_) => "file",
            Self::GeoPoint(_) => "geoPoint",
            Self::Json(_) => "json",
            Self::Number(_) => "number",
            Self::Password(_) => "password",
            Self::Relation(_) => "relation",
            Self::Select(_) => "select",
            Self::Text(_) => "text",
            Self::Url(_) => "url",
        }
    }

    /// True when the column holds a JSON list of values rather than one.
    pub fn is_multiple(&self) -> bool {
        match self {
            Self::File(file) => file.max_select > 1,
            Self::Relation(relation) => relation.max_select > 1,
            Self::Select(select) => select.max_select > 1,
            _ => false,
        }
    }
}

/// What the kind at hand knows: `field.kind.cast(…)`.
impl Deref for FieldType {
    type Target = dyn FieldKind;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Autodate(kind) => kind,
            Self::Bool(kind) => kind,
            Self::Date(kind) => kind,
            Self::Editor(kind) => kind,
            Self::Email(kind) => kind,
            Self::File(kind) => kind,
            Self::GeoPoint(kind) => kind,
            Self::Json(kind) => kind,
            Self::Number(kind) => kind,
            Self::Password(kind) => kind,
            Self::Relation(kind) => kind,
            Self::Select(kind) => kind,
            Self::Text(kind) => kind,
            Self::Url(kind) => kind,
        }
    }
}

impl Field {
    /// A field without name and id, and everything else off.
    pub fn of(kind: FieldType) -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            system: false,
            hidden: false,
            presentable: false,
            required: false,
            help: String::new(),
            kind,
        }
    }

    /// Checks a cast value, `required` included.
    ///
    /// # Errors
    /// The first rule the value breaks.
    pub fn validate(&self, value: &Value) -> Result<(), Issue> {
        self.kind.validate(self, value)
    }
}

/// Refuses an absent value of a required field.
pub(crate) fn require(field: &Field, is_present: bool) -> Result<(), Issue> {
    if field.required && !is_present { Err(Issue::new(Code::Required)) } else { Ok(()) }
}

/// What a kind of field knows how to do with values. Values are in the form of the disk.
///
/// A kind holds plain text unless it says otherwise.
pub trait FieldKind {
    /// What the column holds.
    fn column(&self) -> ColumnType {
        ColumnType::Text
    }
    /// The value of a record that was never given one.
    fn zero(&self) -> Value {
        Value::from("")
    }
    /// Turns what a client sent into the form of the disk; what makes no sense becomes zero.
    fn cast(&self, input: &serde_json::Value) -> Value {
        Value::Text(cast::text(input))
    }
    /// Checks a cast value against the field's options, `required` included.
    ///
    /// # Errors
    /// The first rule the value breaks.
    fn validate(&self, field: &Field, value: &Value) -> Result<(), Issue>;
    /// Appends the value as the wire shows it.
    fn write_json(&self, value: ValueRef<'_>, out: &mut Vec<u8>) {
        cast::write_text(value, out);
    }
    /// Notes options that contradict themselves or what they point to.
    fn check_options(&self, _: &Place<'_>, _: &mut FieldErrors) {}
}

/// Where a field whose options are checked stands.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The field itself.
    pub field: &'a Field,
    /// What it was before.
    pub old: Option<&'a Field>,
    /// The collection it is to be part of.
    pub collection: &'a Collection,
    /// All collections as they are.
    pub schema: &'a Schema,
}
