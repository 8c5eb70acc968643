//! What the process takes, as Linux tells it; nothing elsewhere.

/// A look at the process.
#[derive(Debug, Default, PartialEq)]
pub struct Process {
    /// Bytes of memory it has.
    pub resident_bytes: i64,
    /// Seconds of processor time so far.
    pub cpu_seconds: f64,
    /// Files, sockets among them.
    pub open_files: i64,
    /// Threads.
    pub threads: i64,
}

#[cfg(target_os = "linux")]
impl Process {
    /// As of now; zeros where the system does not tell.
    pub fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.split_whitespace().next().and_then(|n| n.parse::<i64>().ok()).unwrap_or(0)
        };
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        let nanos = i32::try_from(time.tv_nsec).unwrap_or(0);
        let seconds = i32::try_from(time.tv_sec).unwrap_or(i32::MAX);
        let files = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
        Self {
            resident_bytes: field("VmRSS:") * 1024,
            cpu_seconds: f64::from(seconds) + f64::from(nanos) / 1e9,
            open_files: i64::try_from(files).unwrap_or(0),
            threads: field("Threads:"),
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Process {
    /// Zeros.
    pub fn now() -> Self {
        Self::default()
    }
}
