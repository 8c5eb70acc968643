//! The hub: all clients, and an index from records to those who follow them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use tokio::sync::Semaphore;

use crate::auth::Standing;
use crate::changes::{Changes, Event, Image};
use crate::clock::Clock;
use crate::config::KeptChanges;
use crate::crypto;
use crate::error::{Error, Result};
use crate::json;
use crate::realtime::client::{Client, Connection, Frame, Sent, connect};
use crate::realtime::compiled::{Compiled, looks_elsewhere};
use crate::realtime::dispatch::Dispatcher;
use crate::realtime::eyes::Eyes;
use crate::realtime::guesses::Guesses;
use crate::realtime::replay;
use crate::realtime::topic::{Since, Topic, View};
use crate::records::Records;
use crate::schema::{RuleSlot, SchemaCache};
use crate::store::{Cost, Store, Tx};

/// Subscriptions of all clients together.
const MAX_SUBSCRIPTIONS: usize = 1_000_000;
/// Letters and digits of a client's id.
const ID_LENGTH: usize = 40;
/// Subscriptions that are told at once what they missed.
const CATCH_UPS: usize = 4;
/// Options that are remembered for whoever sends the same.
const MAX_VIEWS: usize = 10_000;

/// What a client subscribes to that waits for a sign-in service.
const OAUTH2: &str = "@oauth2";

/// Why a client may not subscribe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such client.
    Unknown,
    /// It connected from elsewhere.
    OtherAddress,
    /// It is somebody else's.
    OtherCaller,
    /// The `since` of this subscription is no number.
    Since(usize),
    /// There are too many subscriptions already.
    Full,
    /// Too many ids were tried from this address; it has to wait so many seconds.
    Guessing(u32),
}

impl Refusal {
    /// The id that was named is not there, or not the caller's.
    fn is_miss(self) -> bool {
        matches!(self, Self::Unknown | Self::OtherAddress | Self::OtherCaller)
    }
}

/// The realtime service. Cheap to clone.
#[derive(Clone)]
pub struct Realtime(Arc<Hub>);

/// See [`Realtime`].
pub(super) struct Hub {
    pub clock: Clock,
    pub store: Store,
    pub schema: Arc<SchemaCache>,
    pub records: Records,
    changes: Changes,
    /// How many may catch up at once; the others wait.
    pub catching_up: Semaphore,
    /// Clients that are connected, or about to be.
    pub count: AtomicUsize,
    /// The last change that followers were told of.
    pub told: AtomicU64,
    next: AtomicU64,
    guesses: Guesses,
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    is_closed: bool,
    clients: HashMap<String, Arc<Client>>,
    followers: HashMap<String, Followers>,
    count: usize,
    views: HashMap<String, Weak<View>>,
}

/// Who follows records of one collection, by the name or id that was subscribed to.
#[derive(Default)]
struct Followers {
    of_all: BTreeMap<u64, Arc<Subscription>>,
    of_one: HashMap<String, BTreeMap<u64, Arc<Subscription>>>,
}

/// One subscription of one client.
pub(super) struct Subscription {
    pub key: u64,
    pub client: Arc<Client>,
    pub topic: Topic,
    pub view: Arc<View>,
    /// What rule and filter come to, from one change to the next.
    pub compiled: Mutex<Option<Compiled>>,
    /// Changes behind this one are told as they happen; none while it catches up.
    live_from: AtomicU64,
    /// As `live_from`, for changes that are in no log.
    born: u64,
}

/// See [`Subscription::live_from`].
const CATCHING_UP: u64 = u64::MAX;

impl Realtime {
    /// Starts the thread that tells of changes.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn start(
        clock: Clock,
        store: Store,
        schema: Arc<SchemaCache>,
        records: Records,
        changes: &Changes,
        keep: KeptChanges,
    ) -> std::io::Result<Self> {
        let catching_up = Semaphore::new(CATCH_UPS);
        let (told, next, state) = (AtomicU64::new(0), AtomicU64::new(1), RwLock::default());
        let hub = Hub {
            clock,
            store,
            schema,
            records,
            changes: changes.clone(),
            catching_up,
            count: AtomicUsize::new(0),
            told,
            next,
            guesses: Guesses::default(),
            state,
        };
        let hub = Arc::new(hub);
        if let Some(feed) = changes.listen(Arc::new(Eyes::new(Arc::downgrade(&hub)))) {
            Dispatcher::new(Arc::downgrade(&hub), changes.clone(), keep).start(feed)?;
        }
        Ok(Self(hub))
    }

    /// Takes in a client that came from `address`; its first message tells it its id.
    ///
    /// # Errors
    /// 503 while the server stops.
    pub async fn connect(&self, address: String) -> Result<Connection> {
        self.0.count.fetch_add(1, Ordering::AcqRel);
        let id = crypto::random_text(ID_LENGTH, crypto::KEY_ALPHABET);
        let connection = connect(self, id, address);
        // What is being written while nobody listened is not told: it must be done with before
        // the client can subscribe.
        self.0.store.write(|_| Ok(())).await?;
        let client = Arc::clone(&connection.client);
        let data = Bytes::from(format!("{{\"clientId\":\"{}\"}}", client.id));
        client.send(Frame { topic: "PB_CONNECT".into(), data });
        let mut state = self.0.state.write();
        if state.is_closed {
            drop(state);
            return Err(Error::busy("The server is stopping."));
        }
        state.clients.insert(client.id.clone(), client);
        drop(state);
        Ok(connection)
    }

    /// Replaces the subscriptions of a client, and whom it stands for.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn subscribe(
        &self,
        id: &str,
        address: &str,
        standing: Standing,
        topics: &[String],
    ) -> Result<(), Refusal> {
        let now = self.0.clock.now();
        if let Some(secs) = self.0.guesses.wait(address, now) {
            return Err(Refusal::Guessing(secs));
        }
        let done = self.replace(id, address, standing, topics);
        if done.as_ref().is_err_and(|refusal| refusal.is_miss()) {
            self.0.guesses.missed(address, now);
        }
        done
    }

    fn replace(
        &self,
        id: &str,
        address: &str,
        standing: Standing,
        topics: &[String],
    ) -> Result<(), Refusal> {
        let topics = read(topics)?;
        let mut state = self.0.state.write();
        let client = state.clients.get(id).cloned().ok_or(Refusal::Unknown)?;
        if client.address != address {
            return Err(Refusal::OtherAddress);
        }
        {
            let mut now = client.standing.lock();
            if !now.is_guest(self.0.clock.now()) && !now.is_same(&standing) {
                return Err(Refusal::OtherCaller);
            }
            *now = standing;
        }
        // What goes on goes on as it is: nothing that is still to be told falls between.
        let kept = state.forget_all_but(&client, &topics);
        if state.count + topics.len() > MAX_SUBSCRIPTIONS {
            return Err(Refusal::Full);
        }
        // What was written before is no news to whoever subscribes now.
        let newest = self.0.changes.newest();
        for topic in topics.into_iter().filter(|topic| !kept.contains(&topic.text)) {
            let key = self.0.next.fetch_add(1, Ordering::Relaxed);
            let (view, client) = (state.view(&topic.options), Arc::clone(&client));
            let since = topic.since;
            let live_from = if since.is_some() { CATCHING_UP } else { newest.seq };
            let (live_from, born) = (AtomicU64::new(live_from), newest.turn);
            let compiled = Mutex::default();
            let subscription = Subscription { key, client, topic, view, compiled, live_from, born };
            let subscription = Arc::new(subscription);
            state.add(Arc::clone(&subscription));
            if let Some(Since::Change(since)) = since {
                tokio::spawn(replay::catch_up(Arc::clone(&self.0), subscription, since));
            }
        }
        Ok(())
    }

    /// Tells the client of this id what a sign-in service sent back, if it came from `address` and
    /// waits for it. It waits once: false from then on.
    pub fn hand_over(&self, id: &str, address: &str, code: &str, error: &str) -> bool {
        let mut state = self.0.state.write();
        let Some(client) = state.clients.get(id).filter(|c| c.address == address).cloned() else {
            return false;
        };
        if !state.forget_one(&client, OAUTH2) {
            return false;
        }
        drop(state);
        let mut data = b"{\"state\":".to_vec();
        json::write_str(&mut data, id);
        data.extend_from_slice(b",\"code\":");
        json::write_str(&mut data, code);
        if !error.is_empty() {
            data.extend_from_slice(b",\"error\":");
            json::write_str(&mut data, error);
        }
        data.push(b'}');
        self.0.send(&client, Frame { topic: OAUTH2.into(), data: data.into() });
        true
    }

    /// Looks again whether a client's sign-in holds: it may have ended between the look at its
    /// token and the moment from which changes of its record are noticed.
    pub async fn look_again(&self, id: &str) {
        let Some(client) = self.0.state.read().clients.get(id).cloned() else { return };
        let (standing, now) = (client.standing.lock().clone(), self.0.clock.now());
        if standing.is_guest(now) {
            return;
        }
        let schema = self.0.schema.load();
        let look = move |tx: &Tx<'_>| Ok(standing.under(tx, &schema, now)?.is_guest(now));
        let is_over = self.0.store.read(Cost::Bounded, look).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "a sign-in could not be checked; it ends");
            true
        });
        if is_over {
            *client.standing.lock() = Standing::default();
        }
    }

    /// How many clients are connected.
    pub fn clients(&self) -> usize {
        self.0.state.read().clients.len()
    }

    /// Ends all connections, and lets no more in.
    pub fn close(&self) {
        let mut state = self.0.state.write();
        state.is_closed = true;
        state.clients.values().for_each(|client| client.close());
    }

    /// The connection of a client ended.
    pub(super) fn leave(&self, client: &Client) {
        self.0.count.fetch_sub(1, Ordering::AcqRel);
        self.0.remove(client);
    }
}

impl Hub {
    /// Lets a message wait to be sent. Who let too much wait is not known any more from then on.
    pub fn send(&self, client: &Client, frame: Frame) {
        if client.send(frame) == Sent::Cut {
            tracing::warn!("a realtime client that does not read was cut off");
            self.remove(client);
        }
    }

    fn remove(&self, client: &Client) {
        let mut state = self.state.write();
        state.forget_all_but(client, &[]);
        state.clients.remove(&client.id);
    }

    /// Who is told of a change as it happens.
    pub fn followers(&self, event: &Event) -> Vec<Arc<Subscription>> {
        let state = self.state.read();
        if let Some(seq) = event.seq {
            self.told.store(seq, Ordering::Release);
        }
        state.followers(&event.image, |s| s.hears(event))
    }

    /// Of those who follow a record, whoever may need more than the record to see it.
    pub fn followers_elsewhere(&self, image: &Image) -> Vec<Arc<Subscription>> {
        let collection = &image.collection;
        let looks = |slot| looks_elsewhere(collection.rule(slot).unwrap_or_default());
        // Who manages an account, only the store knows.
        let is_managed = collection.rule(RuleSlot::Manage).is_some_and(|rule| !rule.is_empty());
        let [list, view] = [RuleSlot::List, RuleSlot::View].map(|slot| is_managed || looks(slot));
        self.state.read().followers(image, |s| {
            s.view.looks_elsewhere || if s.topic.record.is_some() { view } else { list }
        })
    }

    /// Lets a subscription that was told everything up to `seq` be told what comes. False when
    /// something more was told to others meanwhile: it has to catch up with that first.
    pub fn goes_live(&self, subscription: &Subscription, seq: u64) -> bool {
        // Nobody is told of anything while this lock is held.
        let _state = self.state.write();
        let is_level = self.told.load(Ordering::Acquire) <= seq;
        if is_level {
            subscription.live_from.store(seq, Ordering::Release);
        }
        is_level
    }

    /// Lets a subscription be told of everything behind `seq` that is still to be told.
    pub fn lives_from(&self, subscription: &Subscription, seq: u64) {
        subscription.live_from.store(seq, Ordering::Release);
    }

    /// All clients who are signed in.
    pub fn signed_in(&self) -> Vec<Arc<Client>> {
        let state = self.state.read();
        let now = self.clock.now();
        let is_signed_in = |client: &&Arc<Client>| !client.standing.lock().is_guest(now);
        let signed_in = state.clients.values().filter(is_signed_in);
        signed_in.cloned().collect()
    }

    /// Ends the connections of all: something could not be told.
    pub fn cut_all(&self) {
        let state = self.state.read();
        let count = state.clients.len();
        tracing::warn!(clients = count, "realtime fell behind; all clients have to connect again");
        state.clients.values().for_each(|client| client.close());
    }
}

impl Subscription {
    /// Whether a change is news to it.
    fn hears(&self, event: &Event) -> bool {
        let live_from = self.live_from.load(Ordering::Acquire);
        match event.seq {
            Some(seq) => seq > live_from,
            None => live_from != CATCHING_UP && event.turn > self.born,
        }
    }
}

/// Reads the topics, each but once.
fn read(texts: &[String]) -> Result<Vec<Topic>, Refusal> {
    let mut topics: Vec<Topic> = Vec::with_capacity(texts.len());
    let mut known = HashSet::new();
    for (i, text) in texts.iter().enumerate() {
        let topic = Topic::parse(text);
        if topic.since == Some(Since::Unreadable) {
            return Err(Refusal::Since(i));
        }
        if known.insert(text) {
            topics.push(topic);
        }
    }
    Ok(topics)
}

impl State {
    fn followers(
        &self,
        image: &Image,
        is_meant: impl Fn(&Subscription) -> bool,
    ) -> Vec<Arc<Subscription>> {
        let mut found = Vec::new();
        for name in [&image.collection.name, &image.collection.id] {
            let Some(followers) = self.followers.get(name.as_str()) else { continue };
            let of_one = followers.of_one.get(&image.id);
            let all =
                followers.of_all.values().chain(of_one.into_iter().flat_map(BTreeMap::values));
            found.extend(all.filter(|s| is_meant(s)).cloned());
        }
        found
    }

    fn view(&mut self, options: &str) -> Arc<View> {
        if let Some(view) = self.views.get(options).and_then(Weak::upgrade) {
            return view;
        }
        if self.views.len() >= MAX_VIEWS {
            self.views.retain(|_, view| view.strong_count() > 0);
        }
        let view = Arc::new(View::parse(options));
        self.views.insert(options.to_owned(), Arc::downgrade(&view));
        view
    }

    fn add(&mut self, subscription: Arc<Subscription>) {
        subscription.client.subscriptions.lock().push(Arc::clone(&subscription));
        self.count += 1;
        let key = subscription.key;
        let followers = self.followers.entry(subscription.topic.collection.clone()).or_default();
        match &subscription.topic.record {
            None => followers.of_all.insert(key, subscription),
            Some(record) => {
                followers.of_one.entry(record.clone()).or_default().insert(key, subscription)
            }
        };
    }

    /// Takes away the subscriptions of a client that are not among `topics`; tells what is left.
    fn forget_all_but(&mut self, client: &Client, topics: &[Topic]) -> HashSet<Arc<str>> {
        let wanted: HashSet<&str> = topics.iter().map(|topic| &*topic.text).collect();
        let mut subscriptions = client.subscriptions.lock();
        let all = std::mem::take(&mut *subscriptions);
        let (kept, gone): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|own| wanted.contains(&*own.topic.text));
        let left = kept.iter().map(|own| Arc::clone(&own.topic.text)).collect();
        *subscriptions = kept;
        drop(subscriptions);
        self.forget(gone);
        left
    }

    /// Takes away one subscription of a client; false when there was none.
    fn forget_one(&mut self, client: &Client, topic: &str) -> bool {
        let mut subscriptions = client.subscriptions.lock();
        let at = subscriptions.iter().position(|own| &*own.topic.text == topic);
        let Some(gone) = at.map(|at| subscriptions.remove(at)) else { return false };
        drop(subscriptions);
        self.forget(vec![gone]);
        true
    }

    fn forget(&mut self, subscriptions: Vec<Arc<Subscription>>) {
        for subscription in subscriptions {
            self.count -= 1;
            let topic = &subscription.topic;
            let Some(followers) = self.followers.get_mut(&topic.collection) else { continue };
            if let Some(record) = &topic.record {
                if let Some(of_one) = followers.of_one.get_mut(record) {
                    of_one.remove(&subscription.key);
                    if of_one.is_empty() {
                        followers.of_one.remove(record);
                    }
                }
            } else {
                followers.of_all.remove(&subscription.key);
            }
            if followers.of_all.is_empty() && followers.of_one.is_empty() {
                self.followers.remove(&topic.collection);
            }
        }
    }
}
