//! Expanded relations: each level is one statement per relation, under the target's view rule.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::error::Result;
use crate::query::{self, Access, ExpandNode, Predicate, ReadPlan, RequestContext};
use crate::records::load::{Expansion, Record, Scope, plan};
use crate::records::parts::Records;
use crate::records::shape::Audience;
use crate::schema::index::Index;
use crate::schema::{Collection, Field, FieldType, RuleSlot};
use crate::sql::write;
use crate::store::Tx;

/// The most records one back-relation brings along (contract §1.15).
const MAX_BACK_RELATED: u32 = 1000;

/// A relation that a name of the `expand` parameter leads to.
struct Link {
    target: Arc<Collection>,
    is_multiple: bool,
    /// For each record, in order, the ids it is related to.
    ids: Vec<Vec<String>>,
}

impl Records {
    /// Fills in the relations that `nodes` name. Names that lead nowhere are left out.
    pub(crate) fn expand(
        &self,
        tx: &Tx<'_>,
        scope: Scope<'_>,
        records: &mut [Record],
        nodes: &[ExpandNode],
    ) -> Result<()> {
        let Some(first) = records.first() else { return Ok(()) };
        let collection = Arc::clone(&first.shape.collection);
        let cx = scope.cx.within("expand");
        for node in nodes {
            let inner = Scope { schema: scope.schema, cx: &cx };
            let Some(link) = self.link(tx, inner, &collection, records, node)? else {
                continue;
            };
            let found = self.related(tx, inner, &link, &node.children)?;
            attach(records, &node.name, &link, &found);
        }
        Ok(())
    }

    fn link(
        &self,
        tx: &Tx<'_>,
        scope: Scope<'_>,
        collection: &Arc<Collection>,
        records: &[Record],
        node: &ExpandNode,
    ) -> Result<Option<Link>> {
        let name = node.name.as_str();
        let visible = |field: &&Field| !field.hidden || scope.cx.caller.is_superuser();
        if let Some(field) = collection.field(name).filter(visible) {
            let FieldType::Relation(relation) = &field.kind else { return Ok(None) };
            let Some(target) = scope.schema.find_by_id(&relation.collection_id) else {
                return Ok(None);
            };
            let ids = records.iter().map(|record| listed(record.text(name))).collect();
            let is_multiple = field.kind.is_multiple();
            return Ok(Some(Link { target: Arc::clone(target), is_multiple, ids }));
        }
        let Some((source, field)) = node.back_relation() else { return Ok(None) };
        let Some(target) = scope.schema.find(source) else { return Ok(None) };
        let Some(field) = target.field(field).filter(visible) else { return Ok(None) };
        match &field.kind {
            FieldType::Relation(relation) if relation.collection_id == collection.id => {
                let ids = referrers(tx, target, field, records)?;
                let is_multiple = !is_unique(target, &field.name);
                Ok(Some(Link { target: Arc::clone(target), is_multiple, ids }))
            }
            _ => Ok(None),
        }
    }

    /// The related records the caller may view, by id.
    fn related(
        &self,
        tx: &Tx<'_>,
        scope: Scope<'_>,
        link: &Link,
        children: &[ExpandNode],
    ) -> Result<HashMap<String, Record>> {
        let wanted: HashSet<&String> = link.ids.iter().flatten().collect();
        let mut ids: Vec<String> = wanted.into_iter().cloned().collect();
        ids.sort_unstable();
        let mut predicates = vec![Predicate::id_in(ids)];
        match scope.access(&link.target, RuleSlot::View)? {
            Access::Deny => return Ok(HashMap::new()),
            Access::Allow => {}
            Access::Where(rule) => predicates.push(rule),
        }
        let shape = self.shape(&link.target, audience(scope.cx));
        let plan = ReadPlan { predicates, ..plan(&link.target, shape.columns.clone()) };
        let mut found = Vec::new();
        tx.query(&query::select(&plan, tx.dialect()), |row| {
            found.push(Record::from_row(&shape, row));
            Ok(())
        })?;
        let emails = Arc::new(scope.emails(tx, &link.target, || {
            found.iter().map(|record| record.id().to_owned()).collect()
        })?);
        for record in &mut found {
            record.emails = Arc::clone(&emails);
        }
        self.expand(tx, scope, &mut found, children)?;
        Ok(found.into_iter().map(|record| (record.id().to_owned(), record)).collect())
    }
}

/// True when a unique index has this column alone: then at most one record points back.
fn is_unique(collection: &Collection, column: &str) -> bool {
    collection
        .indexes
        .iter()
        .filter_map(|text| Index::parse(text))
        .any(|index| index.unique_column() == Some(column))
}

fn audience(cx: &RequestContext) -> Audience {
    if cx.caller.is_superuser() { Audience::Superuser } else { Audience::Public }
}

/// The ids in a relation column: one id, or a JSON list of ids.
pub(crate) fn listed(text: &str) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    if text.starts_with('[') {
        if let Ok(ids) = serde_json::from_str(text) {
            return ids;
        }
    }
    vec![text.to_owned()]
}

/// For each record the ids of those that point to it.
fn referrers(
    tx: &Tx<'_>,
    collection: &Collection,
    field: &Field,
    records: &[Record],
) -> Result<Vec<Vec<String>>> {
    let is_multiple = field.kind.is_multiple();
    let mut all = Vec::with_capacity(records.len());
    for record in records {
        let statement = write::select_referrers(
            tx.dialect(),
            &collection.name,
            &field.name,
            is_multiple,
            record.id(),
            MAX_BACK_RELATED,
        );
        let mut ids = Vec::new();
        tx.query(&statement, |row| {
            ids.push(row.get(0).text().to_owned());
            Ok(())
        })?;
        all.push(ids);
    }
    Ok(all)
}

fn attach(records: &mut [Record], name: &str, link: &Link, found: &HashMap<String, Record>) {
    for (record, ids) in records.iter_mut().zip(&link.ids) {
        let expansions = record.expand.get_or_insert_default();
        let mut related = ids.iter().filter_map(|id| found.get(id)).cloned();
        let expansion = if link.is_multiple {
            let many: Vec<Record> = related.collect();
            (!many.is_empty()).then_some(Expansion::Many(many))
        } else {
            related.next().map(|record| Expansion::One(Box::new(record)))
        };
        if let Some(expansion) = expansion {
            expansions.push((name.to_owned(), expansion));
            expansions.sort_by(|a, b| a.0.cmp(&b.0));
        }
    }
}
