//! Points where tests make the program fail: a full disk, a panic, a slow disk. Each has a name;
//! in a build that is no test they are nothing.

use std::io;
use std::sync::{Arc, LazyLock};

use fail_parallel::FailPointRegistry;

/// What tests have switched on, for the whole process.
static POINTS: LazyLock<Arc<FailPointRegistry>> = LazyLock::new(Arc::default);

/// Where tests switch points on and off.
pub fn points() -> Arc<FailPointRegistry> {
    Arc::clone(&POINTS)
}

/// A point on the way: it passes, waits or panics, or fails with the system's error whose number a
/// test returns from it (28 is a full disk).
///
/// # Errors
/// What a test said.
#[inline]
pub fn pass(point: &'static str) -> io::Result<()> {
    fail_parallel::fail_point!(points(), point, |told: Option<String>| {
        let number = told.and_then(|number| number.parse().ok()).unwrap_or(5);
        Err(io::Error::from_raw_os_error(number))
    });
    // Without points there is nobody to name.
    let _ = point;
    Ok(())
}
