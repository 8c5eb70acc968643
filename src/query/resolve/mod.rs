//! Names to columns, joins and values, against one schema and one request.

mod fields;
mod request;

use std::sync::Arc;

use crate::query::ast::{Compare, Expr, Join as And, Leaf, Operand, OperandKind};
use crate::query::predicate::{Cond, Every, Join, Origin, Scalar, Test};
use crate::query::{QueryError, RequestContext, Span, functions, limits, macros, parser};
use crate::schema::{Collection, Schema};
use crate::sql::Value;

/// Why a text is resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A rule, or what a superuser asks: everything may be named.
    Trusted,
    /// What a caller asks who sees only what the rules allow (contract §2.9).
    Client,
    /// What a superuser asks of a table of the program's own, which has columns and no more.
    Columns,
}

/// Resolves the texts of one purpose against one collection.
pub(super) struct Resolver<'a> {
    pub(super) schema: &'a Schema,
    pub(super) collection: &'a Arc<Collection>,
    /// Whose fields plain names are: the base, or the joined record whose rule is read.
    pub(super) anchor: Origin,
    /// Stands in the keys of this resolver's joins: the rule of a joined record has joins of its
    /// own, even where the client's text takes the same path.
    mark: &'static str,
    pub(super) cx: &'a RequestContext,
    pub(super) purpose: Purpose,
    /// Joins of collections met so far.
    pub(super) joined: Vec<Arc<Join>>,
    /// Joins of a client's text that stand in for those of the rule that is read.
    shared: Vec<Arc<Join>>,
}

/// An operand, resolved.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) scalar: Scalar,
    pub(super) strict: bool,
    /// What must hold wherever the value is compared.
    pub(super) guard: Option<Cond>,
    /// A column of text.
    pub(super) is_text: bool,
    /// Text that a sort puts in the order of people.
    pub(super) in_unicode_order: bool,
}

impl Resolved {
    fn plain(scalar: Scalar) -> Self {
        Self { scalar, strict: false, guard: None, is_text: false, in_unicode_order: false }
    }

    /// The id of the base's row.
    fn is_id(&self) -> bool {
        matches!(&self.scalar, Scalar::Column(Origin::Base, column) if column == "id")
    }

    pub(super) fn param(value: impl Into<Value>) -> Self {
        Self::plain(Scalar::Param(value.into()))
    }
}

impl<'a> Resolver<'a> {
    pub(super) fn new(
        schema: &'a Schema,
        collection: &'a Arc<Collection>,
        cx: &'a RequestContext,
        purpose: Purpose,
    ) -> Self {
        Self {
            schema,
            collection,
            anchor: Origin::Base,
            mark: "",
            cx,
            purpose,
            joined: Vec::new(),
            shared: Vec::new(),
        }
    }

    /// `rule` once more, about the records that the client sees where its text follows the rule's
    /// path back: what both say is then said of one record. `None` where they share no such path.
    pub(super) fn echo(&self, rule: &str) -> Result<Option<Cond>, QueryError> {
        let mut resolver = Self::new(self.schema, self.collection, self.cx, Purpose::Trusted);
        resolver.shared = self.joined.iter().filter(|join| join.is_back()).cloned().collect();
        if resolver.shared.is_empty() || rule.is_empty() {
            return Ok(None);
        }
        let cond = resolver.expr(&parser::parse(rule)?)?;
        let shares = |join: &Arc<Join>| resolver.shared.iter().any(|other| other.key == join.key);
        Ok(resolver.joined.iter().any(shares).then_some(cond))
    }

    /// Resolves a tree. Its depth is bounded by the number of its leaves.
    pub(super) fn expr(&mut self, expr: &Expr) -> Result<Cond, QueryError> {
        match expr {
            Expr::Leaf(leaf) => self.leaf(leaf),
            Expr::Group(join, members) => {
                let conds: Result<Vec<Cond>, QueryError> =
                    members.iter().map(|member| self.expr(member)).collect();
                Ok(if *join == And::And { Cond::And(conds?) } else { Cond::Or(conds?) })
            }
        }
    }

    fn leaf(&mut self, leaf: &Leaf) -> Result<Cond, QueryError> {
        let left = self.side("left", &leaf.left)?;
        let right = self.side("right", &leaf.right)?;
        let mut test = Test {
            strict: left.strict || right.strict,
            with_id: left.is_text && right.is_text && (left.is_id() || right.is_id()),
            left: left.scalar,
            compare: leaf.op.compare,
            right: right.scalar,
        };
        let mut conds = Vec::new();
        if !leaf.op.any {
            let (left, right) = (self.ranged(&test.left), self.ranged(&test.right));
            if !left.is_empty() || !right.is_empty() {
                conds.push(Cond::Every(Box::new(Every { test: test.clone(), left, right })));
            }
        }
        // The guard says where the value is shown, and an index serves the plain column.
        test.left = test.left.unveiled();
        test.right = test.right.unveiled();
        conds.extend(left.guard);
        conds.extend(right.guard);
        if conds.is_empty() {
            return Ok(Cond::Test(test));
        }
        conds.insert(0, Cond::Test(test));
        Ok(Cond::And(conds))
    }

    /// The joins of `scalar` that may find several rows for one of the anchor's.
    fn ranged(&self, scalar: &Scalar) -> Vec<Arc<Join>> {
        let mut joins = Vec::new();
        scalar.joins(&mut joins);
        let above: Vec<String> = self
            .anchor
            .join()
            .map(|anchor| anchor.chain().iter().map(|link| link.key.clone()).collect())
            .unwrap_or_default();
        joins.retain(|join| {
            let chain = join.chain();
            let mut own = chain.iter().filter(|link| !above.contains(&link.key));
            !above.contains(&join.key) && own.any(|link| link.multiplies)
        });
        joins
    }

    fn side(&mut self, side: &str, operand: &Operand) -> Result<Resolved, QueryError> {
        let Span { from, to } = operand.span;
        self.operand(operand).map_err(|error| match error {
            QueryError::Invalid { message, .. } => {
                let message = self.reason(message);
                let message =
                    format!("invalid {side} operand {:?} - {message}", operand.kind.shown());
                QueryError::at(from, to, message)
            }
            forbidden => forbidden,
        })
    }

    /// What may be said of a name that does not resolve. To a client what does not exist and what
    /// is not for it are one, or the reason would tell them apart.
    pub(super) fn reason(&self, message: String) -> String {
        match self.purpose {
            Purpose::Trusted | Purpose::Columns => message,
            Purpose::Client => "it does not exist or may not be used here".to_owned(),
        }
    }

    fn operand(&mut self, operand: &Operand) -> Result<Resolved, QueryError> {
        match &operand.kind {
            OperandKind::Text(text) => Ok(Resolved::param(text.as_str())),
            OperandKind::Number(number) => {
                let number: f64 = number.parse().map_err(|_| QueryError::new("invalid number"))?;
                // One past what a float holds is none, as for the reference.
                Ok(Resolved::param(if number.is_finite() { number } else { 0.0 }))
            }
            OperandKind::Ident(name) => self.identifier(name),
            OperandKind::Call(name, arguments) => self.call(name, arguments),
        }
    }

    fn call(&mut self, name: &str, arguments: &[Operand]) -> Result<Resolved, QueryError> {
        let function = functions::find(name)
            .ok_or_else(|| QueryError::new(format!("unknown function {name:?}")))?;
        let kinds: Vec<&OperandKind> = arguments.iter().map(|argument| &argument.kind).collect();
        (function.check)(&kinds).map_err(QueryError::new)?;
        let mut scalars = Vec::new();
        let mut guards = Vec::new();
        for argument in arguments {
            let resolved = self.operand(argument)?;
            scalars.push(resolved.scalar);
            guards.extend(resolved.guard);
        }
        Ok(Resolved {
            strict: function.strict,
            guard: (!guards.is_empty()).then_some(Cond::And(guards)),
            ..Resolved::plain(Scalar::Call(function, scalars))
        })
    }

    /// A macro, a field, or a word; in this order.
    pub(super) fn identifier(&mut self, name: &str) -> Result<Resolved, QueryError> {
        if let Some(value) = macros::value(name, self.cx.now) {
            return Ok(Resolved::param(value));
        }
        let error = match self.name(name) {
            Ok(resolved) => return Ok(resolved),
            Err(error) => error,
        };
        if name.eq_ignore_ascii_case("true") {
            Ok(Resolved::param(true))
        } else if name.eq_ignore_ascii_case("false") {
            Ok(Resolved::param(false))
        } else if name.eq_ignore_ascii_case("null") {
            Ok(Resolved::param(Value::Null))
        } else {
            Err(error)
        }
    }

    fn name(&mut self, name: &str) -> Result<Resolved, QueryError> {
        if self.purpose == Purpose::Columns && name.contains(['@', ':']) {
            return Err(QueryError::new(format!("failed to resolve field {name:?}")));
        }
        if let Some(path) = name.strip_prefix("@request.") {
            return self.request(name, path);
        }
        if let Some(path) = name.strip_prefix("@collection.") {
            return self.other_collection(name, path);
        }
        if name.starts_with(['@', '#']) {
            return Err(QueryError::new(format!("failed to resolve field {name:?}")));
        }
        let (anchor, collection) = (self.anchor.clone(), self.collection.clone());
        self.path(anchor, &collection, name, fields::Missing::Error)
    }

    /// The key of the join that leads from `origin` on by `name`.
    fn key(&self, origin: &Origin, name: &str) -> String {
        origin.key_of(&format!("{}{name}", self.mark))
    }

    /// Notes a join that a name went through; too many of them are refused, because an engine
    /// joins a limited number of tables.
    pub(super) fn note(&mut self, join: &Arc<Join>) -> Result<(), QueryError> {
        if !self.joined.iter().any(|known| known.key == join.key) {
            self.joined.push(join.clone());
        }
        if self.joined.len() > limits::JOINED_TABLES {
            return Err(QueryError::new("too many relations"));
        }
        Ok(())
    }

    /// Gives a client's join to records the condition that the list rule of their collection sets
    /// (contract §2.9). A closed collection is refused here, before a name in there is looked at.
    fn guarded(&self, mut join: Arc<Join>) -> Result<Arc<Join>, QueryError> {
        let collection = join.collection.clone().filter(|_| self.purpose == Purpose::Client);
        let Some(collection) = collection else { return Ok(join) };
        let rule = collection.rules.list.as_deref().ok_or_else(|| {
            QueryError::new(format!("{:?} may be listed by superusers only", collection.name))
        })?;
        if !rule.is_empty() {
            let mut resolver = Resolver::new(self.schema, &collection, self.cx, Purpose::Trusted);
            resolver.anchor = Origin::Join(join.clone());
            resolver.mark = "!";
            // The place and the reason of a fault in a rule are none of the client's.
            let visible = parser::parse(rule)
                .and_then(|expr| resolver.expr(&expr))
                .map_err(|_| QueryError::new("a rule of a related collection does not hold"))?;
            Arc::make_mut(&mut join).visible = Some(visible);
        }
        Ok(join)
    }

    /// What the lists of the joined collections demand of every row: a record that a field names
    /// must be one that the caller could list. Of those that point back, the others are not there.
    pub(super) fn list_rules(&self) -> Vec<Cond> {
        let forward = self.joined.iter().filter(|join| !join.is_back());
        forward.filter_map(|join| join.absent_or_visible()).collect()
    }
}

/// A comparison for equality, as `:changed` needs one.
fn differs(left: Scalar, right: Scalar, strict: bool) -> Cond {
    Cond::Test(Test { left, compare: Compare::NotEqual, right, strict, with_id: false })
}
