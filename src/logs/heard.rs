//! What the program told its console, for tests of what it must tell.

use std::io;
use std::sync::Once;
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::Stopwatch;

static TEXT: Mutex<String> = Mutex::new(String::new());
static LISTENING: Once = Once::new();
/// A test that waits longer has failed.
const LIMIT: Duration = Duration::from_secs(20);

struct Ear;

impl io::Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        TEXT.lock().push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Hears what all threads of this process tell from now on.
pub fn listen() {
    LISTENING.call_once(|| {
        let told = tracing_subscriber::fmt().with_ansi(false).with_writer(|| Ear);
        told.try_init().expect("nobody else listens");
    });
}

/// Waits until a line with this text was told.
pub fn wait_for(text: &str) {
    let watch = Stopwatch::start();
    while !TEXT.lock().contains(text) {
        assert!(watch.elapsed() < LIMIT, "{text:?} is not told of in:\n{}", TEXT.lock());
        std::thread::yield_now();
    }
}
