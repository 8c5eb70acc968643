//! Subscriptions that ask alike, put together: what one of them may see, all of them may see.

use std::any::Any;
use std::cell::LazyCell;
use std::collections::HashMap;
use std::sync::Arc;

use bytes::{BufMut as _, Bytes, BytesMut};

use crate::changes::{Action, Event, Image};
use crate::clock::DateTime;
use crate::error::Result;
use crate::query::{Caller, Predicate, Projection, RequestContext};
use crate::realtime::client::Frame;
use crate::realtime::hub::{Hub, Subscription};
use crate::realtime::topic::View;
use crate::records::{Look, Records, Verdict};
use crate::schema::RuleSlot;
use crate::store::{Cost, Tx};

/// Deletes that are looked at before they happen: no more groups than these, for the writer waits.
const MAX_WITNESSED: usize = 64;

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
    pub members: Vec<Arc<Subscription>>,
    view: Arc<View>,
    cx: RequestContext,
}

/// What a group is told of one record: its JSON, or nothing.
type Shown = Option<Bytes>;

/// What was found out about a delete before it happened.
type Witnessed = HashMap<Key, Shown>;

/// The subscriptions that follow an image, by what they ask.
pub(super) fn groups(hub: &Hub, image: &Image, seq: Option<u64>, now: DateTime) -> Vec<Group> {
    let mut groups: HashMap<Key, Group> = HashMap::new();
    for (subscription, slot) in hub.followers(image, seq) {
        let (caller, name) = {
            let standing = subscription.client.standing.lock();
            (standing.caller(now), standing.name())
        };
        let view = Arc::clone(&subscription.view);
        let who = who(image, slot, &view, &caller, name);
        let key = Key { slot, view: Arc::as_ptr(&view) as usize, who };
        let group = groups.entry(key).or_insert_with_key(|key| Group {
            key: key.clone(),
            members: Vec::new(),
            cx: context(caller, &view, now),
            view,
        });
        group.members.push(subscription);
    }
    groups.into_values().collect()
}

fn who(image: &Image, slot: RuleSlot, view: &View, caller: &Caller, name: Option<Arc<str>>) -> Who {
    let rule = image.collection.rule(slot).unwrap_or_default();
    let asks_for_caller = rule.contains("@request.auth")
        || view.filter.contains(['@', '.'])
        || !Records::shows_all_the_same(image, &view.expand);
    match name {
        Some(name) if asks_for_caller => Who::Record(name),
        _ if caller.is_superuser() => Who::Superusers,
        _ => Who::Anyone,
    }
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
    let mut all: Vec<Option<Shown>> = Vec::with_capacity(groups.len());
    let mut open: Vec<(usize, Open)> = Vec::new();
    for (i, group) in groups.iter().enumerate() {
        let known = witnessed.and_then(|witnessed| witnessed.get(&group.key)).cloned();
        let known = known.or_else(|| match group.at_once(hub, &event.image) {
            Ok(shown) => Some(shown),
            Err(conditions) => {
                open.push((i, conditions));
                None
            }
        });
        all.push(known);
    }
    if !open.is_empty() {
        let answers = ask_all(hub, &event.image, groups, open)?;
        for (i, shown) in answers {
            all[i] = Some(shown);
        }
    }
    Ok(all.into_iter().map(Option::flatten).collect())
}

/// What only the store can answer for a group: conditions that must hold, then how it is shown.
type Open = Vec<Predicate>;

fn ask_all(
    hub: &Hub,
    image: &Image,
    groups: &[Group],
    open: Vec<(usize, Open)>,
) -> Result<Vec<(usize, Shown)>> {
    let asks: Vec<(usize, Open, Arc<View>, RequestContext)> = open
        .into_iter()
        .map(|(i, conditions)| (i, conditions, Arc::clone(&groups[i].view), groups[i].cx.clone()))
        .collect();
    let (records, image) = (hub.records.clone(), image.clone());
    hub.store.read_blocking(Cost::Bounded, move |tx| {
        let is_current = records.is_current(tx, &image)?;
        let look = if is_current { Look::Stored } else { Look::Image };
        let mut answers = Vec::with_capacity(asks.len());
        for (i, conditions, view, cx) in &asks {
            answers.push((*i, ask(tx, &records, &image, look, conditions, view, cx)?));
        }
        Ok(answers)
    })
}

fn ask(
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
    pub fn tell(&self, event: &Event, record: &[u8]) {
        let [plain, numbered] = [None, Some(event.seq)]
            .map(|seq| LazyCell::new(move || message(event.action, record, seq)));
        for member in &self.members {
            let data = if member.topic.since.is_some() { &numbered } else { &plain };
            let topic = Arc::clone(&member.topic.text);
            member.client.send(Frame { topic, data: Bytes::clone(data) });
        }
    }

    /// What the group is told, if that can be said without the store; else what to ask it.
    fn at_once(&self, hub: &Hub, image: &Image) -> Result<Shown, Open> {
        let (slot, filter) = (self.key.slot, self.view.filter.as_str());
        let Some(conditions) = hub.records.conditions(image, slot, filter, &self.cx) else {
            return Ok(None);
        };
        match Records::judge(image, &conditions) {
            Verdict::Hidden => return Ok(None),
            Verdict::Ask(conditions) => return Err(conditions),
            Verdict::Shown => {}
        }
        let json = hub.records.show_at_once(image, &self.view.expand, &self.cx);
        json.map(|json| picked(json, &self.view.fields)).ok_or_else(Vec::new)
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

/// Finds out what followers of a record that is about to be deleted may know of it, where that
/// depends on more than the record. Reads see what is committed: the record, and all it relates to.
pub(super) fn witness(hub: &Hub, image: &Image) -> Option<Box<dyn Any + Send>> {
    let mut witnessed = Witnessed::new();
    for group in groups(hub, image, None, hub.clock.now()) {
        let Err(conditions) = group.at_once(hub, image) else { continue };
        if witnessed.len() >= MAX_WITNESSED {
            break;
        }
        let look = hub.store.read_at_once(|tx| {
            let look = Look::Stored;
            ask(tx, &hub.records, image, look, &conditions, &group.view, &group.cx)
        });
        if let Some(Ok(shown)) = look {
            witnessed.insert(group.key, shown);
        }
    }
    (!witnessed.is_empty()).then(|| Box::new(witnessed) as Box<dyn Any + Send>)
}
