//! Subscriptions that ask alike, put together: what one of them may see, all of them may see.

use std::cell::LazyCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use bytes::{BufMut as _, Bytes, BytesMut};

use crate::changes::{Action, Event, Image};
use crate::clock::DateTime;
use crate::error::Result;
use crate::query::{Caller, Predicate, Projection, RequestContext};
use crate::realtime::client::Frame;
use crate::realtime::eyes::Witnessed;
use crate::realtime::hub::{Hub, Subscription};
use crate::realtime::topic::View;
use crate::records::{Look, Records, Verdict};
use crate::schema::RuleSlot;
use crate::store::{Cost, Tx};

/// What subscriptions must have in common to be told the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    slot: RuleSlot,
    /// The address of the view, which its subscriptions keep alive.
    view: usize,
    who: Who,
}

/// Whom a view of a record may differ for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Who {
    Anyone,
    Superusers,
    Record(Arc<str>),
}

/// Subscriptions that are told the same.
pub(super) struct Group {
    pub key: Key,
    /// Never empty.
    members: Vec<Arc<Subscription>>,
    caller: Caller,
    now: DateTime,
}

/// What a group is told of one record: its JSON, or nothing.
pub(super) type Shown = Option<Bytes>;

/// What can be said of a record and a group without the store.
pub(super) enum Outlook {
    /// They may not see it.
    Hidden,
    /// They may, and it needs nothing but the record to show it.
    Shown,
    /// The store must say whether these hold, and may have more to show.
    Open(Vec<Predicate>),
}

/// The subscriptions that follow an image, by what they ask.
pub(super) fn groups(
    followers: Vec<Arc<Subscription>>,
    image: &Image,
    now: DateTime,
) -> Vec<Group> {
    let asks_for_caller = |slot| {
        let rule = image.collection.rule(slot).unwrap_or_default();
        rule.contains("@request.auth")
    };
    let (list, view) = (asks_for_caller(RuleSlot::List), asks_for_caller(RuleSlot::View));
    let mut groups: HashMap<Key, Group> = HashMap::new();
    for subscription in followers {
        let slot = subscription.topic.slot();
        let rule_asks = if slot == RuleSlot::List { list } else { view };
        let asks = rule_asks
            || subscription.view.asks_for_caller
            || !Records::shows_all_the_same(image, &subscription.view.expand);
        let standing = subscription.client.standing.lock();
        let who = match standing.name(now) {
            Some(name) if asks => Who::Record(Arc::clone(name)),
            Some(_) if standing.is_superuser(now) => Who::Superusers,
            _ => Who::Anyone,
        };
        let view = Arc::as_ptr(&subscription.view) as usize;
        match groups.entry(Key { slot, view, who }) {
            Entry::Occupied(group) => {
                drop(standing);
                group.into_mut().members.push(subscription);
            }
            Entry::Vacant(place) => {
                let (key, caller) = (place.key().clone(), standing.caller(now));
                drop(standing);
                place.insert(Group { key, members: vec![subscription], caller, now });
            }
        }
    }
    groups.into_values().collect()
}

pub(super) fn context(caller: Caller, view: &View, now: DateTime) -> RequestContext {
    let mut cx = RequestContext::new(caller, "GET", now).within("realtime");
    cx.query.clone_from(&view.query);
    cx.headers.clone_from(&view.headers);
    cx
}

/// What each group is told of a change, if anything.
pub(super) fn shown(hub: &Hub, event: &Event, groups: &[Group]) -> Result<Vec<Shown>> {
    let witnessed = event.seen.as_ref().and_then(|seen| seen.downcast_ref::<Witnessed>());
    let mut all: Vec<Shown> = Vec::with_capacity(groups.len());
    let mut open: Vec<(usize, Open)> = Vec::new();
    for (i, group) in groups.iter().enumerate() {
        let known = witnessed.and_then(|witnessed| witnessed.known.get(&group.key));
        all.push(match (known, group.outlook(hub, &event.image)) {
            (Some((_, known)), _) => known.clone(),
            (None, Outlook::Hidden) => None,
            (None, Outlook::Shown) => match &event.left_as {
                // Nobody could see it but as the transaction left it: that must be open too.
                Some(left) if !matches!(group.outlook(hub, left), Outlook::Shown) => None,
                _ => group.show(hub, &event.image),
            },
            (None, Outlook::Open(_)) if witnessed.is_some_and(|seen| seen.is_partial) => {
                // It cannot be told any more whether they may know: they have to look anew.
                group.members.iter().for_each(|member| member.client.close());
                None
            }
            (None, Outlook::Open(conditions)) => {
                open.push((i, conditions));
                None
            }
        });
    }
    if !open.is_empty() {
        for (i, shown) in ask_all(hub, event, groups, open)? {
            all[i] = shown;
        }
    }
    Ok(all)
}

/// What only the store can answer for a group: conditions that must hold, then how it is shown.
type Open = Vec<Predicate>;

fn ask_all(
    hub: &Hub,
    event: &Event,
    groups: &[Group],
    open: Vec<(usize, Open)>,
) -> Result<Vec<(usize, Shown)>> {
    let asks: Vec<(usize, Open, Arc<View>, RequestContext)> = open
        .into_iter()
        .map(|(i, conditions)| (i, conditions, Arc::clone(groups[i].view()), groups[i].context()))
        .collect();
    let (records, image, action) = (hub.records.clone(), event.image.clone(), event.action);
    hub.store.read_blocking(Cost::Bounded, move |tx| {
        let Some((image, look)) = as_it_is(tx, &records, &image, action)? else {
            return Ok(Vec::new());
        };
        let mut answers = Vec::with_capacity(asks.len());
        for (i, conditions, view, cx) in &asks {
            answers.push((*i, ask(tx, &records, &image, look, conditions, view, cx)?));
        }
        Ok(answers)
    })
}

/// Where rows that decide may have changed since, the record is judged and shown as it is now: as
/// it was, and with what they are, it may never have been seen.
fn as_it_is(
    tx: &Tx<'_>,
    records: &Records,
    image: &Image,
    action: Action,
) -> Result<Option<(Image, Look)>> {
    if action == Action::Delete {
        return Ok(Some((image.clone(), Look::Image)));
    }
    let stored = records.stored(tx, &image.collection, &image.id)?;
    Ok(stored.map(|record| {
        let values = Arc::new(record.into_values());
        (Image { values, ..image.clone() }, Look::Stored)
    }))
}

pub(super) fn ask(
    tx: &Tx<'_>,
    records: &Records,
    image: &Image,
    look: Look,
    conditions: &[Predicate],
    view: &View,
    cx: &RequestContext,
) -> Result<Shown> {
    if !conditions.is_empty() && !records.ask(tx, image, look, conditions.to_vec())? {
        return Ok(None);
    }
    Ok(picked(records.show(tx, image, &view.expand, cx)?, &view.fields))
}

/// The JSON of a message; the number of the change is told to those who asked by it.
pub(super) fn message(action: Action, record: &[u8], seq: Option<u64>) -> Bytes {
    let mut out = BytesMut::with_capacity(record.len() + 64);
    out.put_slice(b"{\"record\":");
    out.put_slice(record);
    out.put_slice(b",\"action\":\"");
    out.put_slice(action.as_str().as_bytes());
    out.put_slice(b"\"");
    if let Some(seq) = seq {
        out.put_slice(format!(",\"seq\":{seq}").as_bytes());
    }
    out.put_slice(b"}");
    out.freeze()
}

impl Group {
    /// Tells all members of a change.
    pub fn tell(&self, hub: &Hub, event: &Event, record: &[u8]) {
        let [plain, numbered] =
            [None, event.seq].map(|seq| LazyCell::new(move || message(event.action, record, seq)));
        for member in &self.members {
            let data = if member.topic.since.is_some() { &numbered } else { &plain };
            let topic = Arc::clone(&member.topic.text);
            hub.send(&member.client, Frame { topic, data: Bytes::clone(data) });
        }
    }

    /// What all members ask for.
    pub fn view(&self) -> &Arc<View> {
        &self.members[0].view
    }

    /// What rules and filters see of them.
    pub fn context(&self) -> RequestContext {
        context(self.caller.clone(), self.view(), self.now)
    }

    /// What can be said without the store.
    pub fn outlook(&self, hub: &Hub, image: &Image) -> Outlook {
        let conditions = self.members[0].conditions(hub, image, &self.caller, self.now);
        let Some(conditions) = conditions else { return Outlook::Hidden };
        match Records::judge(image, &conditions) {
            Verdict::Hidden => Outlook::Hidden,
            Verdict::Ask(conditions) => Outlook::Open(conditions),
            Verdict::Shown => {
                let (expand, caller) = (&self.view().expand, &self.caller);
                let alone = Records::shows_alone(image, expand, caller);
                if alone { Outlook::Shown } else { Outlook::Open(Vec::new()) }
            }
        }
    }

    fn show(&self, hub: &Hub, image: &Image) -> Shown {
        picked(hub.records.show_alone(image, &self.context()), &self.view().fields)
    }
}

/// The record with nothing left but the fields that were asked for.
pub(super) fn picked(json: Vec<u8>, fields: &str) -> Shown {
    if fields.is_empty() {
        return Some(json.into());
    }
    let Ok(Some(projection)) = Projection::parse(fields) else { return Some(json.into()) };
    let mut value = serde_json::from_slice(&json).ok()?;
    projection.apply(&mut value);
    Some(crate::json::to_string(&value).into_bytes().into())
}
