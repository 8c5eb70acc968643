//! A record as it was at one change: who may see it, and how. For those who follow changes instead
//! of asking; the rules, the filter and the door through which it leaves are the same.

use crate::changes::Image;
use crate::error::Result;
use crate::query::{self, Access, Caller, ExpandNode, Predicate, RequestContext, Source};
use crate::records::load::{Record, Scope, manages_some, plan};
use crate::records::parts::Records;
use crate::records::present::{self, EmailPolicy};
use crate::records::shape::Audience;
use crate::schema::RuleSlot;
use crate::store::Tx;

/// Whether a caller may see a record.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// No.
    Hidden,
    /// Yes.
    Shown,
    /// The store must say whether all of these hold.
    Ask(Vec<Predicate>),
}

/// Where the store looks at the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// In its table.
    Stored,
    /// At the image; rows it relates to are looked up as they are now.
    Image,
}

impl Records {
    /// What rule and filter set as conditions on the records of the image's collection; `None`
    /// when nothing can be seen, such as by a filter that means nothing.
    pub fn conditions(
        &self,
        image: &Image,
        slot: RuleSlot,
        filter: &str,
        cx: &RequestContext,
    ) -> Option<Vec<Predicate>> {
        let scope = Scope { schema: &image.schema, cx };
        let mut predicates = match scope.access(&image.collection, slot).ok()? {
            Access::Deny => return None,
            Access::Allow => Vec::new(),
            Access::Where(rule) => vec![rule],
        };
        if !filter.is_empty() {
            let filter = query::client_filter(&image.schema, &image.collection, filter, cx);
            predicates.push(filter.ok()?);
        }
        Some(predicates)
    }

    /// Whether all conditions hold for the image, as far as it can be told without the store.
    pub fn judge(image: &Image, conditions: &[Predicate]) -> Verdict {
        let columns = |name: &str| image.get(name);
        let mut asks = false;
        for condition in conditions {
            match condition.judge(&columns) {
                Some(true) => {}
                Some(false) => return Verdict::Hidden,
                None => asks = true,
            }
        }
        if asks { Verdict::Ask(conditions.to_vec()) } else { Verdict::Shown }
    }

    /// Whether all conditions hold, by the store's word.
    ///
    /// # Errors
    /// The store fails.
    pub fn ask(
        &self,
        tx: &Tx<'_>,
        image: &Image,
        look: Look,
        conditions: Vec<Predicate>,
    ) -> Result<bool> {
        let mut read = plan(&image.collection, vec!["id".to_owned()]);
        read.predicates = conditions;
        read.limit = Some(1);
        match look {
            Look::Stored => read.predicates.insert(0, Predicate::by_id(&image.id)),
            Look::Image => read.source = Source::Image(image.values.clone()),
        }
        Ok(tx.query_one(&query::select(&read, tx.dialect()), |_| Ok(()))?.is_some())
    }

    /// True when the record's JSON is the same for all callers who see it, but for superusers.
    pub fn shows_all_the_same(image: &Image, expand: &[ExpandNode]) -> bool {
        expand.is_empty() && image.collection.auth().is_none()
    }

    /// True when it takes nothing but the image to show it to a caller who may see it.
    pub fn shows_alone(image: &Image, expand: &[ExpandNode], caller: &Caller) -> bool {
        expand.is_empty() && !manages_some(&image.collection, caller)
    }

    /// The JSON of the image where [`Records::shows_alone`] holds.
    pub fn show_alone(&self, image: &Image, cx: &RequestContext) -> Vec<u8> {
        let record = self.record(image, cx);
        let mut body = Vec::with_capacity(512);
        let emails = EmailPolicy::new(&cx.caller, &image.collection.id);
        present::write_record(&mut body, &record, &emails);
        body
    }

    /// The JSON of the image for a caller who may see it.
    ///
    /// # Errors
    /// The store fails.
    pub fn show(
        &self,
        tx: &Tx<'_>,
        image: &Image,
        expand: &[ExpandNode],
        cx: &RequestContext,
    ) -> Result<Vec<u8>> {
        let scope = Scope { schema: &image.schema, cx };
        self.present_one(tx, scope, self.record(image, cx), expand)
    }

    /// The JSON of the image for another program that the operator trusts: all addresses, and no
    /// hidden field.
    pub fn show_outside(&self, image: &Image) -> Vec<u8> {
        let shape = self.shape(&image.collection, Audience::Public);
        let record = Record::from_values(&shape, &image.values);
        let mut body = Vec::with_capacity(512);
        present::write_record(&mut body, &record, &EmailPolicy::all());
        body
    }

    fn record(&self, image: &Image, cx: &RequestContext) -> Record {
        let scope = Scope { schema: &image.schema, cx };
        Record::from_values(&self.shape(&image.collection, scope.audience()), &image.values)
    }
}
