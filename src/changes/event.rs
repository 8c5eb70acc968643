//! A committed change, as the rest of the program is told of it.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::schema::{Collection, Schema};
use crate::sql::Value;

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// It was made.
    Create,
    /// It was written again, if only with the same values.
    Update,
    /// It is gone.
    Delete,
}

impl Action {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    pub(super) fn code(self) -> i64 {
        match self {
            Self::Create => 1,
            Self::Update => 2,
            Self::Delete => 3,
        }
    }

    pub(super) fn of_code(code: i64) -> Option<Self> {
        [Self::Create, Self::Update, Self::Delete].into_iter().find(|action| action.code() == code)
    }
}

/// A record at one moment: all values in the order of the collection's fields.
#[derive(Debug, Clone)]
pub struct Image {
    /// The schema of that moment.
    pub schema: Arc<Schema>,
    /// Whose record.
    pub collection: Arc<Collection>,
    /// Its id.
    pub id: String,
    /// Its values.
    pub values: Arc<Vec<Value>>,
}

impl Image {
    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let at = self.collection.fields.iter().position(|field| field.name == name)?;
        self.values.get(at)
    }

    /// About how many bytes it holds.
    pub(super) fn size(&self) -> usize {
        let text = |value: &Value| value.text().len() + size_of::<Value>();
        self.values.iter().map(text).sum::<usize>() + size_of::<Self>()
    }
}

/// A committed change.
pub struct Event {
    /// Its place in the log, where the collection keeps one.
    pub seq: Option<u64>,
    /// Its place among all that this process told; 0 until it is told.
    pub turn: u64,
    /// What happened.
    pub action: Action,
    /// The record after the change; before it where the record was deleted.
    pub image: Image,
    /// The record as the whole transaction left it, where a later change of it did that.
    pub left_as: Option<Image>,
    /// A delete of what the same transaction made.
    pub is_brief: bool,
    /// What the witness saw before a delete.
    pub seen: Option<Box<dyn Any + Send>>,
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (turn, action) = (self.turn, self.action.as_str());
        write!(f, "#{turn} {action} {}/{}", self.image.collection.name, self.image.id)
    }
}
