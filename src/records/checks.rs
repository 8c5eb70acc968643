//! What a service above asks of the records of its own collection, beyond what their fields ask.

use std::sync::{Arc, OnceLock};

use crate::error::FieldErrors;
use crate::schema::{Collection, Schema};
use crate::sql::Value;

/// A record that is about to be written.
#[derive(Debug, Clone, Copy)]
pub struct Proposal<'a> {
    /// The schema it is written under.
    pub schema: &'a Schema,
    /// Whose record.
    pub collection: &'a Collection,
    /// What it is now; nothing where it is made.
    pub before: Option<&'a [Value]>,
    /// What it is to be, in the order of the fields.
    pub values: &'a [Value],
}

impl<'a> Proposal<'a> {
    /// The text that a field is to have.
    pub fn text(&self, name: &str) -> &'a str {
        self.at(name).map_or("", |at| self.values[at].text())
    }

    /// Whether a bool field is to be true.
    pub fn is_true(&self, name: &str) -> bool {
        self.at(name).is_some_and(|at| self.values[at].as_ref().is_true())
    }

    /// Whether a field gets another value than it has.
    pub fn changes(&self, name: &str) -> bool {
        let Some(at) = self.at(name) else { return false };
        self.before.is_none_or(|before| before[at] != self.values[at])
    }

    fn at(&self, name: &str) -> Option<usize> {
        self.collection.fields.iter().position(|field| field.name == name)
    }
}

/// Finds what is wrong with records of the collection it is for. It runs within the write, so it
/// must be short.
pub trait RecordCheck: Send + Sync {
    /// The name of that collection.
    fn collection(&self) -> &'static str;
    /// Adds what is wrong.
    fn check(&self, proposal: Proposal<'_>, errors: &mut FieldErrors);
}

/// The check there is; one at most.
pub(crate) type Checks = Arc<OnceLock<Arc<dyn RecordCheck>>>;

/// Lets the check see a record of its collection, unless something is wrong with it already.
pub(crate) fn run(checks: &Checks, proposal: Proposal<'_>, errors: &mut FieldErrors) {
    let Some(check) = checks.get() else { return };
    if errors.is_empty() && proposal.collection.name == check.collection() {
        check.check(proposal, errors);
    }
}
