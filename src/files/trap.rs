//! A storage that panics when it is told to, for tests of what outlives that.

use std::io;
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::files::places::Places;
use crate::files::{Attributes, FileKey, Opened, Storage, Walk};

/// See the module.
pub struct Trap {
    inner: Arc<Places>,
    armed: Mutex<Option<&'static str>>,
}

impl Trap {
    pub(super) fn new(inner: Arc<Places>) -> Arc<Self> {
        Arc::new(Self { inner, armed: Mutex::default() })
    }

    /// Lets the next call of this name panic; of `open`, the next of an original.
    pub fn arm(&self, call: &'static str) {
        *self.armed.lock() = Some(call);
    }

    /// True once it has panicked.
    pub fn is_sprung(&self) -> bool {
        self.armed.lock().is_none()
    }

    fn step(&self, call: &'static str) {
        let sprung = self.armed.lock().take_if(|armed| *armed == call);
        assert!(sprung.is_none(), "as a test of panics");
    }
}

impl Storage for Trap {
    fn put(&self, key: &FileKey, from: &Path, attributes: &Attributes) -> io::Result<()> {
        self.inner.put(key, from, attributes)
    }

    fn open(&self, key: &FileKey) -> io::Result<Option<Opened>> {
        if key.folder().is_none() {
            self.step("open");
        }
        self.inner.open(key)
    }

    fn remove(&self, key: &FileKey) -> io::Result<()> {
        self.step("remove");
        self.inner.remove(key)
    }

    fn walk<'s>(&'s self, collection: Option<&str>) -> Walk<'s> {
        self.step("walk");
        self.inner.walk(collection)
    }

    fn forget_empty(&self, collection: &str, record: &str) {
        self.inner.forget_empty(collection, record);
    }
}
