//! A condition with every name resolved: columns, joins and values, but no SQL yet.
//!
//! Joins are named by the path that leads to them, so that two mentions of one path, even in two
//! predicates of one plan, are one join.

use std::sync::Arc;

use crate::query::ast::Compare;
use crate::query::functions::Function;
use crate::schema::Collection;
use crate::sql::Value;

/// A condition on the records of one collection. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Predicate(Arc<Cond>);

impl Predicate {
    pub(super) fn new(cond: Cond) -> Self {
        Self(Arc::new(cond))
    }

    pub(super) fn cond(&self) -> &Cond {
        &self.0
    }

    /// The record with this id.
    pub fn by_id(id: &str) -> Self {
        Self::column_equals("id", id)
    }

    /// The records with one of these ids.
    pub fn id_in(ids: Vec<String>) -> Self {
        Self::column_in("id", ids)
    }

    /// Records whose column holds one of these texts.
    pub fn column_in(column: &str, values: Vec<String>) -> Self {
        let list = serde_json::Value::from(values).to_string();
        Self::new(Cond::InList { column: column.to_owned(), list })
    }

    /// Records whose column of JSON lists holds one of these texts.
    pub fn list_meets(column: &str, values: Vec<String>) -> Self {
        let list = serde_json::Value::from(values).to_string();
        Self::new(Cond::ListMeets { column: column.to_owned(), list })
    }

    /// Follows a relation back from the record itself, so that it makes no sense of one that is
    /// not stored yet.
    pub fn leads_back(&self) -> bool {
        let mut joins = Vec::new();
        self.0.joins(&mut joins);
        joins.iter().any(|join| join.is_back() && matches!(join.parent, Origin::Base))
    }

    /// Records whose column equals `value`; NULL equals nothing.
    pub fn column_equals(column: &str, value: impl Into<Value>) -> Self {
        Self::new(Cond::Is { column: column.to_owned(), value: value.into() })
    }
}

/// See [`Predicate`]. There is no "not": the language has none.
#[derive(Debug, Clone)]
pub(super) enum Cond {
    /// All of them; true when empty.
    And(Vec<Cond>),
    /// One of them; false when empty.
    Or(Vec<Cond>),
    /// A comparison within one row of all joins.
    Test(Test),
    /// A comparison that no combination of joined rows may break.
    Every(Box<Every>),
    /// The record of the join does not exist.
    Absent(Arc<Join>),
    /// A column of the base equals a value, without any of the language's folding.
    Is { column: String, value: Value },
    /// A column of the base is in a JSON list of texts.
    InList { column: String, list: String },
    /// A list column of the base and a JSON list of texts have an item in common.
    ListMeets { column: String, list: String },
}

/// See [`Cond::Test`].
#[derive(Debug, Clone)]
pub(super) struct Test {
    pub(super) left: Scalar,
    pub(super) compare: Compare,
    pub(super) right: Scalar,
    /// Empty text and NULL are told apart.
    pub(super) strict: bool,
    /// A text against the id of the base's row, which is never empty: nothing has to be folded,
    /// so an index can serve it.
    pub(super) with_id: bool,
}

/// See [`Cond::Every`].
#[derive(Debug, Clone)]
pub(super) struct Every {
    pub(super) test: Test,
    /// Joins that each side ranges over on its own, parents first.
    pub(super) left: Vec<Arc<Join>>,
    pub(super) right: Vec<Arc<Join>>,
}

/// A value of a row, or one that is known.
#[derive(Debug, Clone)]
pub(super) enum Scalar {
    Param(Value),
    Column(Origin, String),
    /// The item that an [`How::Each`] join is at.
    Item(Arc<Join>),
    /// The place of the base's row in its table.
    RowId,
    /// The value at a path of a JSON document; the document itself when the path is empty.
    Json(Box<Scalar>, Vec<String>),
    /// How many items a list has.
    Length(Box<Scalar>),
    Lower(Box<Scalar>),
    Call(&'static Function, Vec<Scalar>),
    /// 1 or 0.
    Truth(Box<Cond>),
    /// The value where the condition holds, empty text elsewhere.
    Shown(Box<Scalar>, Box<Cond>),
}

/// Whose column it is.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    Base,
    Join(Arc<Join>),
}

/// Rows put beside a row.
#[derive(Debug, Clone)]
pub(super) struct Join {
    /// The path that leads here: equal keys are equal joins.
    pub(super) key: String,
    pub(super) parent: Origin,
    pub(super) how: How,
    /// Whose records they are; none for the items of a list.
    pub(super) collection: Option<Arc<Collection>>,
    /// A row may find more than one.
    pub(super) multiplies: bool,
    /// What a record must be for the client whose text leads here to see it.
    pub(super) visible: Option<Cond>,
}

/// How the rows of a join are found.
#[derive(Debug, Clone)]
pub(super) enum How {
    /// The record whose id the parent's column holds.
    One { column: String },
    /// The record whose id is the item that the parent, an [`How::Each`] join, is at.
    OfItem,
    /// The records whose column holds the parent's id.
    Back { column: String },
    /// The records whose column lists the parent's id.
    BackList { column: String },
    /// All records.
    All,
    /// The record of this id.
    Id(Value),
    /// The records of these ids, a JSON list.
    Ids(Value),
    /// The items of a list.
    Each(Box<Scalar>),
}

impl Origin {
    pub(super) fn join(&self) -> Option<&Arc<Join>> {
        match self {
            Self::Base => None,
            Self::Join(join) => Some(join),
        }
    }

    /// The key of what hangs below by `name`.
    pub(super) fn key_of(&self, name: &str) -> String {
        match self {
            Self::Base => name.to_owned(),
            Self::Join(join) => format!("{}.{name}", join.key),
        }
    }
}

impl Join {
    /// The join and those it hangs below, the outermost first.
    pub(super) fn chain(self: &Arc<Self>) -> Vec<Arc<Join>> {
        let mut chain = vec![self.clone()];
        let mut at = self.parent.join();
        while let Some(join) = at {
            chain.push(join.clone());
            at = join.parent.join();
        }
        chain.reverse();
        chain
    }

    /// Leads to the records that point here, which an unseen record must not tell of: to a client
    /// it is as if it were not there.
    pub(super) fn is_back(&self) -> bool {
        matches!(self.how, How::Back { .. } | How::BackList { .. })
    }

    /// The record is not there, or the client may see it.
    pub(super) fn absent_or_visible(self: &Arc<Self>) -> Option<Cond> {
        let visible = self.visible.clone()?;
        Some(Cond::Or(vec![Cond::Absent(self.clone()), visible]))
    }

    /// The items of a list that the request brought.
    pub(super) fn is_submitted(&self) -> bool {
        matches!(&self.how, How::Each(list) if matches!(**list, Scalar::Param(_)))
    }

    /// A row of the base may find more than one. The items of a list always count: what is stored
    /// as one value may once have been several.
    pub(super) fn may_multiply(&self) -> bool {
        self.multiplies
            || matches!(self.how, How::Each(_))
            || self.parent.join().is_some_and(|parent| parent.may_multiply())
    }
}

impl Scalar {
    /// What it is made of: adds every join it reads, parents before children.
    pub(super) fn joins(&self, into: &mut Vec<Arc<Join>>) {
        match self {
            Self::Param(_) | Self::RowId | Self::Column(Origin::Base, _) => {}
            Self::Column(Origin::Join(join), _) | Self::Item(join) => add_chain(join, into),
            Self::Json(of, _) | Self::Length(of) | Self::Lower(of) => of.joins(into),
            Self::Call(_, arguments) => arguments.iter().for_each(|a| a.joins(into)),
            Self::Truth(cond) => cond.joins(into),
            Self::Shown(of, cond) => {
                of.joins(into);
                cond.joins(into);
            }
        }
    }

    /// The same value, shown or not: for a comparison that holds only where it is shown.
    pub(super) fn unveiled(&self) -> Self {
        match self {
            Self::Shown(of, _) => of.unveiled(),
            Self::Lower(of) => Self::Lower(Box::new(of.unveiled())),
            other => other.clone(),
        }
    }

    /// Becomes NULL where the join finds nothing.
    pub(super) fn is_null_without(&self, join: &Join) -> bool {
        let below = |of: &Arc<Join>| of.chain().iter().any(|link| link.key == join.key);
        match self {
            Self::Column(Origin::Join(of), _) | Self::Item(of) => below(of),
            Self::Json(of, _) | Self::Lower(of) | Self::Shown(of, _) => of.is_null_without(join),
            _ => false,
        }
    }
}

impl Cond {
    /// Adds every join that must be at hand to read the condition, parents before children.
    pub(super) fn joins(&self, into: &mut Vec<Arc<Join>>) {
        match self {
            Self::And(conds) | Self::Or(conds) => conds.iter().for_each(|cond| cond.joins(into)),
            Self::Test(test) => {
                test.left.joins(into);
                test.right.joins(into);
            }
            Self::Every(every) => {
                every.outer_joins(&every.test.left, &every.left, into);
                every.outer_joins(&every.test.right, &every.right, into);
            }
            Self::Absent(join) => add_chain(join, into),
            Self::Is { .. } | Self::InList { .. } | Self::ListMeets { .. } => {}
        }
    }
}

impl Every {
    /// The joins of one side but for those it ranges over itself.
    fn outer_joins(&self, side: &Scalar, own: &[Arc<Join>], into: &mut Vec<Arc<Join>>) {
        let mut all = Vec::new();
        side.joins(&mut all);
        for join in all {
            if !own.iter().any(|fresh| fresh.key == join.key) {
                add_chain(&join, into);
            }
        }
    }
}

fn add_chain(join: &Arc<Join>, into: &mut Vec<Arc<Join>>) {
    for link in join.chain() {
        if !into.iter().any(|known| known.key == link.key) {
            into.push(link);
        }
    }
}
