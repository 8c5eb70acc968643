//! Expanded relations: each level is one statement per relation, under the target's view rule.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::query::{self, Access, ExpandNode, Predicate, ReadPlan, RequestContext};
use crate::records::load::{Expansion, Record, Scope, plan};
use crate::records::parts::Records;
use crate::records::shape::Audience;
use crate::schema::index::Index;
use crate::schema::{Collection, Field, FieldType, RuleSlot};
use crate::sql::Value;
use crate::store::{Cost, Tx};

/// The most records one back-relation brings along (contract §1.15).
const MAX_BACK_RELATED: u64 = 1000;
/// The most bytes of related records one answer holds. A path that leads back and forth multiplies
/// the records of every step.
const MAX_BYTES: usize = 64 << 20;
/// What a record takes beside its values.
const RECORD_BYTES: usize = 128;

/// What is left of [`MAX_BYTES`].
struct Budget(Cell<usize>);

impl Budget {
    fn spend(&self, bytes: usize) -> Result<()> {
        let left = self.0.get().checked_sub(bytes).ok_or_else(|| {
            Error::bad_request("The expanded records are too many or too large for one answer.")
        })?;
        self.0.set(left);
        Ok(())
    }
}

/// A related record, and about how many bytes it takes with all that was expanded in it.
struct Related {
    record: Record,
    bytes: usize,
}

/// A relation that a name of the `expand` parameter leads to.
struct Link {
    target: Arc<Collection>,
    /// The relation field; in the target for a back-relation.
    field: Field,
    is_back: bool,
    /// A list in the answer, else one record.
    is_multiple: bool,
}

impl Records {
    /// Fills in the relations that `nodes` name. A path counts as a whole: if any step of it leads
    /// nowhere, or to a collection that only superusers view, nothing of it is filled in.
    pub(crate) fn expand(
        &self,
        tx: &Tx<'_>,
        scope: Scope<'_>,
        records: &mut [Record],
        nodes: &[ExpandNode],
    ) -> Result<()> {
        let Some(first) = records.first().filter(|_| !nodes.is_empty()) else { return Ok(()) };
        let collection = Arc::clone(&first.shape.collection);
        let cx = scope.cx.within("expand");
        let inner = Scope { schema: scope.schema, cx: &cx };
        let nodes = sound(inner, &collection, nodes)?;
        self.expand_sound(tx, inner, records, &nodes, &Budget(Cell::new(MAX_BYTES)))
    }

    fn expand_sound(
        &self,
        tx: &Tx<'_>,
        scope: Scope<'_>,
        records: &mut [Record],
        nodes: &[ExpandNode],
        budget: &Budget,
    ) -> Result<()> {
        let Some(first) = records.first() else { return Ok(()) };
        let collection = Arc::clone(&first.shape.collection);
        for node in nodes {
            let Some(link) = link(scope, &collection, node) else { continue };
            let ids = if link.is_back {
                referrers(tx, scope, &link, records)?
            } else {
                records.iter().map(|record| listed(record.text(&link.field.name))).collect()
            };
            let found = self.related(tx, scope, &link.target, &ids, &node.children, budget)?;
            attach(records, &node.name, link.is_multiple, &ids, &found, budget)?;
        }
        Ok(())
    }

    /// The related records the caller may view, by id.
    fn related(
        &self,
        tx: &Tx<'_>,
        scope: Scope<'_>,
        target: &Arc<Collection>,
        ids: &[Vec<String>],
        children: &[ExpandNode],
        budget: &Budget,
    ) -> Result<HashMap<String, Related>> {
        let wanted: HashSet<&String> = ids.iter().flatten().collect();
        let mut ids: Vec<String> = wanted.into_iter().cloned().collect();
        ids.sort_unstable();
        let mut predicates = vec![Predicate::id_in(ids)];
        match scope.access(target, RuleSlot::View)? {
            Access::Deny => return Ok(HashMap::new()),
            Access::Allow => {}
            Access::Where(rule) => predicates.push(rule),
        }
        let shape = self.shape(target, audience(scope.cx));
        let plan = ReadPlan { predicates, ..plan(target, shape.columns.clone()) };
        let mut found = Vec::new();
        tx.query(&query::select(&plan, tx.dialect()), |row| {
            let record = Record::from_row(&shape, row);
            budget.spend(bytes_of(&record))?;
            found.push(record);
            Ok(())
        })?;
        let emails =
            Arc::new(scope.emails(tx, target, || {
                found.iter().map(|record| record.id().to_owned()).collect()
            })?);
        for record in &mut found {
            record.emails = Arc::clone(&emails);
        }
        self.expand_sound(tx, scope, &mut found, children, budget)?;
        let weighed = found.into_iter().map(|record| Related { bytes: bytes_of(&record), record });
        Ok(weighed.map(|related| (related.record.id().to_owned(), related)).collect())
    }
}

/// About how many bytes a record takes, with those expanded in it.
fn bytes_of(record: &Record) -> usize {
    let values: usize =
        record.values.iter().map(|value| size_of::<Value>() + value.text().len()).sum();
    let expanded = record.expand.iter().flatten().flat_map(|(_, expansion)| match expansion {
        Expansion::One(record) => std::slice::from_ref(&**record),
        Expansion::Many(records) => records.as_slice(),
    });
    RECORD_BYTES + values + expanded.map(bytes_of).sum::<usize>()
}

/// True when a unique index has this column alone: then at most one record points back.
fn is_unique(collection: &Collection, column: &str) -> bool {
    collection
        .indexes
        .iter()
        .filter_map(|text| Index::parse(text))
        .any(|index| index.unique_column() == Some(column))
}

/// What a read costs that follows `nodes`: one step forward is a look-up by id, all else may grow.
pub(crate) fn cost(nodes: &[ExpandNode]) -> Cost {
    let grows = |node: &ExpandNode| !node.children.is_empty() || node.back_relation().is_some();
    if nodes.iter().any(grows) { Cost::Unbounded } else { Cost::Bounded }
}

fn audience(cx: &RequestContext) -> Audience {
    if cx.caller.is_superuser() { Audience::Superuser } else { Audience::Public }
}

/// The ids in a relation column: one id, or a JSON list of ids.
pub(crate) fn listed(text: &str) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    if text.starts_with('[')
        && let Ok(ids) = serde_json::from_str(text)
    {
        return ids;
    }
    vec![text.to_owned()]
}

/// The relation a node names, if the caller may follow it.
fn link(scope: Scope<'_>, collection: &Arc<Collection>, node: &ExpandNode) -> Option<Link> {
    let visible = |field: &&Field| !field.hidden || scope.cx.caller.is_superuser();
    if let Some(field) = collection.field(&node.name).filter(visible) {
        let FieldType::Relation(relation) = &field.kind else { return None };
        let target = Arc::clone(scope.schema.find_by_id(&relation.collection_id)?);
        let is_multiple = field.kind.is_multiple();
        return Some(Link { target, field: field.clone(), is_back: false, is_multiple });
    }
    let (source, field) = node.back_relation()?;
    let target = Arc::clone(scope.schema.find(source)?);
    let field = target.field(field).filter(visible)?.clone();
    match &field.kind {
        FieldType::Relation(relation) if relation.collection_id == collection.id => {}
        _ => return None,
    }
    let is_multiple = !is_unique(&target, &field.name);
    Some(Link { target, field, is_back: true, is_multiple })
}

/// The nodes whose paths lead somewhere from end to end.
fn sound(
    scope: Scope<'_>,
    collection: &Arc<Collection>,
    nodes: &[ExpandNode],
) -> Result<Vec<ExpandNode>> {
    let mut kept = Vec::new();
    for node in nodes {
        let Some(link) = link(scope, collection, node) else { continue };
        if matches!(scope.access(&link.target, RuleSlot::View)?, Access::Deny) {
            continue;
        }
        let children = sound(scope, &link.target, &node.children)?;
        if node.children.is_empty() || !children.is_empty() {
            kept.push(ExpandNode { name: node.name.clone(), children });
        }
    }
    Ok(kept)
}

/// For each record the ids of those that point to it, as far as the caller may view them: what is
/// out of sight takes no place within the limit, and indexes do not put them into an order.
fn referrers(
    tx: &Tx<'_>,
    scope: Scope<'_>,
    link: &Link,
    records: &[Record],
) -> Result<Vec<Vec<String>>> {
    let Some(rule) = scope.access(&link.target, RuleSlot::View)?.predicates() else {
        return Ok(vec![Vec::new(); records.len()]);
    };
    let field = &link.field.name;
    let mut all = Vec::with_capacity(records.len());
    for record in records {
        let points_here = if link.field.kind.is_multiple() {
            Predicate::list_meets(field, vec![record.id().to_owned()])
        } else {
            Predicate::column_equals(field, record.id())
        };
        let mut plan = ReadPlan {
            predicates: rule.iter().cloned().chain([points_here]).collect(),
            limit: Some(MAX_BACK_RELATED),
            ..plan(&link.target, vec!["id".to_owned()])
        };
        if plan.may_tell_by_order(scope.schema) {
            plan.sort = plan.sort.then_by_row(&link.target);
        }
        let mut ids = Vec::new();
        tx.query(&query::select(&plan, tx.dialect()), |row| {
            ids.push(row.get(0).text().to_owned());
            Ok(())
        })?;
        all.push(ids);
    }
    Ok(all)
}

fn attach(
    records: &mut [Record],
    name: &str,
    is_multiple: bool,
    ids: &[Vec<String>],
    found: &HashMap<String, Related>,
    budget: &Budget,
) -> Result<()> {
    for (record, ids) in records.iter_mut().zip(ids) {
        let expansions = record.expand.get_or_insert_default();
        let mut related = ids.iter().filter_map(|id| found.get(id)).map(|related| {
            budget.spend(related.bytes)?;
            Ok(related.record.clone())
        });
        let expansion = if is_multiple {
            let many: Vec<Record> = related.collect::<Result<_>>()?;
            (!many.is_empty()).then_some(Expansion::Many(many))
        } else {
            related.next().transpose()?.map(|record| Expansion::One(Box::new(record)))
        };
        if let Some(expansion) = expansion {
            expansions.push((name.to_owned(), expansion));
            expansions.sort_by(|a, b| a.0.cmp(&b.0));
        }
    }
    Ok(())
}
