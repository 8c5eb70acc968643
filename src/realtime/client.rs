//! One open connection and what waits to be sent to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::{BufMut as _, Bytes, BytesMut};
use parking_lot::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::auth::Standing;
use crate::realtime::Realtime;
use crate::realtime::hub::Subscription;

/// Frames that may wait for a client that does not read.
const MAX_FRAMES: usize = 4096;
/// Bytes that may wait for it; one frame may always wait, however long.
const MAX_BYTES: usize = 4 << 20;

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
    outbox: Mutex<Option<UnboundedSender<Frame>>>,
    waiting: Waiting,
}

#[derive(Default)]
struct Waiting {
    frames: AtomicUsize,
    bytes: AtomicUsize,
    is_cut: AtomicBool,
}

/// The connection's end: what it is to send. Dropping it takes the client out of the hub.
pub struct Connection {
    /// The client.
    pub client: Arc<Client>,
    inbox: UnboundedReceiver<Frame>,
    hub: Realtime,
}

pub(super) fn connect(hub: &Realtime, id: String, address: String) -> Connection {
    let (outbox, inbox) = unbounded_channel();
    let client = Client {
        id,
        address,
        standing: Mutex::default(),
        subscriptions: Mutex::default(),
        outbox: Mutex::new(Some(outbox)),
        waiting: Waiting::default(),
    };
    Connection { client: Arc::new(client), inbox, hub: hub.clone() }
}

impl Client {
    /// Lets a message wait to be sent. False when the client was cut off, now or before: too much
    /// waits for it already.
    pub(super) fn send(&self, frame: Frame) -> bool {
        let outbox = self.outbox.lock();
        let Some(sender) = outbox.as_ref() else { return false };
        let size = frame.data.len();
        let frames = self.waiting.frames.fetch_add(1, Ordering::AcqRel);
        let bytes = self.waiting.bytes.fetch_add(size, Ordering::AcqRel);
        if frames >= MAX_FRAMES || (frames > 0 && bytes + size > MAX_BYTES) {
            drop(outbox);
            self.waiting.is_cut.store(true, Ordering::Release);
            self.close();
            return false;
        }
        sender.send(frame).is_ok()
    }

    /// Ends the connection once it has sent what waits.
    pub(super) fn close(&self) {
        *self.outbox.lock() = None;
    }
}

impl Connection {
    /// The next messages in the form of the wire; `None` when the connection is to end. A client
    /// that was cut off is not sent what waits for it: it would arrive with a hole behind it.
    pub async fn next(&mut self) -> Option<Bytes> {
        let first = self.inbox.recv().await?;
        let mut out = BytesMut::with_capacity(128 + first.data.len());
        self.write(&mut out, &first);
        // What came together is sent together.
        while out.len() < 16 << 10
            && let Ok(frame) = self.inbox.try_recv()
        {
            self.write(&mut out, &frame);
        }
        let is_cut = self.client.waiting.is_cut.load(Ordering::Acquire);
        (!is_cut).then(|| out.freeze())
    }

    fn write(&self, out: &mut BytesMut, frame: &Frame) {
        self.client.waiting.frames.fetch_sub(1, Ordering::AcqRel);
        self.client.waiting.bytes.fetch_sub(frame.data.len(), Ordering::AcqRel);
        for part in [
            b"id:".as_slice(),
            self.client.id.as_bytes(),
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

impl Drop for Connection {
    fn drop(&mut self) {
        self.client.close();
        self.hub.remove(&self.client);
    }
}
