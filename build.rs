//! Puts the built dashboard at `admin-ui/dist`, where `rust-embed` picks it up.
//!
//! * Packaged crate (no `admin-ui/package.json`): `dist` came with it, Node is not needed.
//! * Checkout: `npm ci` and `npm run build`, when `dist` is missing or its sources changed.
//! * `GREENROOM_UI=skip`: no npm; a placeholder page stands in if there is no build.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script runs before any module it could ask"
)]

use std::{
    collections::hash_map::DefaultHasher,
    env, fs,
    hash::{Hash, Hasher},
    io,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, SystemTime},
};

/// What the dashboard is made from.
const INPUTS: [&str; 9] = [
    "package.json",
    "package-lock.json",
    "index.html",
    "vite.config.ts",
    "svelte.config.js",
    "tsconfig.json",
    "scripts",
    "src",
    "public",
];

const PLACEHOLDER: &str = "<!doctype html><html lang=\"en\"><title>Greenroom</title>\
    <p>The dashboard was left out of this build (GREENROOM_UI=skip).</p></html>\n";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=GREENROOM_UI");
    let root = env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let ui = PathBuf::from(root).join("admin-ui");
    let page = ui.join("dist/index.html");
    if !ui.join("package.json").exists() {
        assert!(
            page.exists(),
            "this package was made without admin-ui/dist: run `cargo build` before `cargo package`"
        );
        return;
    }
    let inputs: Vec<PathBuf> =
        INPUTS.iter().map(|name| ui.join(name)).filter(|path| path.exists()).collect();
    for input in &inputs {
        println!("cargo::rerun-if-changed={}", input.display());
    }
    // `cargo clean` keeps the dashboard; a deleted one must come back.
    println!("cargo::rerun-if-changed={}", page.display());
    if env::var_os("DOCS_RS").is_some() || env::var("GREENROOM_UI").is_ok_and(|v| v == "skip") {
        write_placeholder(&page);
    } else {
        build_when_stale(&ui, &page, &inputs);
    }
}

fn write_placeholder(page: &Path) {
    if page.exists() {
        return;
    }
    let folder = page.parent().expect("invariant: the page lies in dist");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(page, PLACEHOLDER))
        .expect("cannot write admin-ui/dist");
    // Older than this run, or Cargo would run it, and the compiler, once more.
    back_date(page, SystemTime::now() - Duration::from_secs(10));
}

fn build_when_stale(ui: &Path, page: &Path, inputs: &[PathBuf]) {
    let before = SystemTime::now() - Duration::from_secs(10);
    // Debug and release builds, or an editor's check, may run at once.
    let lock = fs::File::create(ui.join(".dist-lock")).expect("cannot write to admin-ui");
    lock.lock().expect("cannot lock admin-ui/.dist-lock");
    let stamp = ui.join(".dist-stamp");
    let want = format!("{:016x}", fingerprint(ui, inputs).expect("cannot read admin-ui"));
    if page.exists() && fs::read_to_string(&stamp).is_ok_and(|have| have == want) {
        return;
    }
    match install(ui).and_then(|()| npm(ui, &["run", "build"])) {
        Ok(()) => {
            fs::write(&stamp, want).expect("cannot write admin-ui/.dist-stamp");
            // Else Cargo sees a file newer than this run and runs it, and the compiler, once more.
            back_date(page, before);
        }
        Err(error) if stamp.exists() && page.exists() => {
            println!("cargo::warning=the dashboard is older than its sources: {error}");
        }
        Err(error) => {
            fail(&format!(
                "cannot build the dashboard: {error}\n\
                 Either install Node.js 20.19 or later (with npm) and build again,\n\
                 or set GREENROOM_UI=skip to build the server without its dashboard."
            ));
        }
    }
}

/// Ends the build with words alone: a backtrace of this script would bury them.
fn fail(message: &str) -> ! {
    for line in message.lines() {
        println!("cargo::error={line}");
    }
    std::process::exit(1);
}

fn back_date(page: &Path, time: SystemTime) {
    fs::File::options()
        .write(true)
        .open(page)
        .and_then(|file| file.set_modified(time))
        .expect("cannot set the time of admin-ui/dist/index.html");
}

/// Names and contents, not times: a fresh clone with a cached `dist` needs no rebuild.
fn fingerprint(ui: &Path, inputs: &[PathBuf]) -> io::Result<u64> {
    let mut hash = DefaultHasher::new();
    let mut todo = inputs.to_vec();
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            let mut inside = fs::read_dir(&path)?
                .map(|entry| entry.map(|e| e.path()))
                .collect::<io::Result<Vec<_>>>()?;
            inside.sort();
            todo.append(&mut inside);
        } else {
            path.strip_prefix(ui).unwrap_or(&path).hash(&mut hash);
            fs::read(&path)?.hash(&mut hash);
        }
    }
    Ok(hash.finish())
}

/// `npm ci`, unless `node_modules` was made from this very lock file.
fn install(ui: &Path) -> io::Result<()> {
    let lock = fs::read(ui.join("package-lock.json"))?;
    let made_from = ui.join("node_modules/.made-from");
    if fs::read(&made_from).is_ok_and(|had| had == lock) {
        return Ok(());
    }
    npm(ui, &["ci", "--no-audit", "--no-fund"])?;
    fs::write(made_from, lock)
}

fn npm(ui: &Path, args: &[&str]) -> io::Result<()> {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let out =
        Command::new(program).args(args).current_dir(ui).output().map_err(|error| {
            io::Error::other(format!("{program} could not be started: {error}"))
        })?;
    if out.status.success() {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&out.stderr);
    let stdout = String::from_utf8_lossy(&out.stdout);
    let said: Vec<&str> = stderr
        .lines()
        .chain(stdout.lines())
        .filter(|line| !line.trim().is_empty() && !line.starts_with("npm warn"))
        .take(16)
        .collect();
    Err(io::Error::other(format!("npm {} failed:\n{}", args.join(" "), said.join("\n"))))
}
