//! One open connection and what waits to be sent to it.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::{BufMut as _, Bytes, BytesMut};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::auth::Standing;
use crate::realtime::Realtime;
use crate::realtime::hub::Subscription;

/// Frames that may wait for a client that does not read.
const MAX_FRAMES: usize = 4096;
/// Bytes that may wait for it; one frame may always wait, however long.
const MAX_BYTES: usize = 4 << 20;
/// What waits is sent together up to about so many bytes.
const CHUNK: usize = 16 << 10;

/// A message to one subscription.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The subscription as the client wrote it; the name of the event.
    pub topic: Arc<str>,
    /// JSON, shared by all who see the same.
    pub data: Bytes,
}

/// A client as the hub knows it.
pub struct Client {
    /// 40 letters and digits; who knows them may subscribe in the client's name.
    pub id: String,
    /// From where it connected; subscriptions must come from there too.
    pub(super) address: String,
    pub(super) standing: Mutex<Standing>,
    /// Emptied by the hub, which ends the ring of references.
    pub(super) subscriptions: Mutex<Vec<Arc<Subscription>>>,
    outbox: Mutex<Outbox>,
    is_ready: Notify,
}

#[derive(Default)]
struct Outbox {
    frames: VecDeque<Frame>,
    bytes: usize,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Open,
    /// What waits is still sent.
    Closing,
    /// What waited is gone: it would arrive with a hole behind it.
    Cut,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// It waits to be sent.
    Waits,
    /// Too much waited already: the client was cut off.
    Cut,
    /// The connection had ended before.
    Gone,
}

/// The connection's end: what it is to send. Dropping it takes the client out of the hub.
pub struct Connection {
    /// The client.
    pub client: Arc<Client>,
    hub: Realtime,
}

pub(super) fn connect(hub: &Realtime, id: String, address: String) -> Connection {
    let client = Client {
        id,
        address,
        standing: Mutex::default(),
        subscriptions: Mutex::default(),
        outbox: Mutex::default(),
        is_ready: Notify::new(),
    };
    Connection { client: Arc::new(client), hub: hub.clone() }
}

impl Client {
    /// Lets a message wait to be sent; never waits itself.
    pub(super) fn send(&self, frame: Frame) -> Sent {
        let mut outbox = self.outbox.lock();
        if outbox.state != State::Open {
            return Sent::Gone;
        }
        let waits = outbox.frames.len();
        let sent =
            if waits >= MAX_FRAMES || (waits > 0 && outbox.bytes + frame.data.len() > MAX_BYTES) {
                *outbox = Outbox { state: State::Cut, ..Outbox::default() };
                Sent::Cut
            } else {
                outbox.bytes += frame.data.len();
                outbox.frames.push_back(frame);
                Sent::Waits
            };
        drop(outbox);
        self.is_ready.notify_one();
        sent
    }

    /// Ends the connection once it has sent what waits.
    pub(super) fn close(&self) {
        let mut outbox = self.outbox.lock();
        if outbox.state == State::Open {
            outbox.state = State::Closing;
        }
        drop(outbox);
        self.is_ready.notify_one();
    }

    /// The next messages in the form of the wire, if any wait.
    fn take(&self) -> Next {
        let mut outbox = self.outbox.lock();
        let mut out = BytesMut::new();
        while out.len() < CHUNK
            && let Some(frame) = outbox.frames.pop_front()
        {
            outbox.bytes -= frame.data.len();
            self.write(&mut out, &frame);
        }
        match (out.is_empty(), outbox.state) {
            (false, _) => Next::Send(out.freeze()),
            (true, State::Open) => Next::Wait,
            (true, State::Closing | State::Cut) => Next::End,
        }
    }

    fn write(&self, out: &mut BytesMut, frame: &Frame) {
        out.reserve(128 + frame.data.len());
        for part in [
            b"id:".as_slice(),
            self.id.as_bytes(),
            b"\nevent:",
            frame.topic.as_bytes(),
            b"\ndata:",
            &frame.data,
            b"\n\n",
        ] {
            out.put_slice(part);
        }
    }
}

/// What a connection does next.
enum Next {
    Send(Bytes),
    Wait,
    End,
}

impl Connection {
    /// The next messages in the form of the wire; `None` when the connection is to end.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            match self.client.take() {
                Next::Send(bytes) => return Some(bytes),
                Next::End => return None,
                Next::Wait => self.client.is_ready.notified().await,
            }
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.client.close();
        self.hub.leave(&self.client);
    }
}
