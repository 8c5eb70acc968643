//! The shape of the sources, checked as an ordinary test.
//!
//! Each check is a plain function over files and proves on a small fixture that it can fail.
//! It depends on nothing but the standard library, so it builds in a second.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// One file: its path from the top of the repository, with forward slashes, and its text.
struct Source {
    path: String,
    text: String,
}

type Findings = Vec<String>;

const RUST: &[&str] = &["rs"];
const WRITTEN: &[&str] = &["rs", "sql", "ts", "js", "mjs", "svelte", "css", "html", "sh"];
const WRITTEN_DIRS: &[&str] = &["src", "tests", "benches", "examples", "migrations", "admin-ui"];
const SKIPPED_DIRS: &[&str] = &["node_modules", "dist", "target", "vendor", "test-results"];

// ---------------------------------------------------------------------------------------------
// Reading
// ---------------------------------------------------------------------------------------------

fn tree(dirs: &[&str], extensions: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for dir in dirs {
        walk(root, &root.join(dir), extensions, &mut found);
    }
    assert!(!found.is_empty(), "a check that sees no file says nothing: {dirs:?}");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn walk(root: &Path, dir: &Path, extensions: &[&str], found: &mut Vec<Source>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.map(|entry| entry.expect("a folder of the repository can be listed")) {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !SKIPPED_DIRS.contains(&name.as_str()) && !name.starts_with('.') {
                walk(root, &path, extensions, found);
            }
        } else if extensions.iter().any(|e| path.extension().is_some_and(|x| x == *e)) {
            let text = fs::read_to_string(&path).expect("a source file is UTF-8");
            let inside = path.strip_prefix(root).expect("a walked path is below the root");
            found.push(Source { path: inside.to_string_lossy().replace('\\', "/"), text });
        }
    }
}

fn fixture(files: &[(&str, &str)]) -> Vec<Source> {
    files.iter().map(|(path, text)| Source { path: (*path).into(), text: (*text).into() }).collect()
}

/// Blanks comments, and string and character literals, so that a word in them is not a path.
fn code_only(text: &str) -> String {
    let source: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < source.len() {
        let end = match literal_end(&source, at) {
            Some(end) => end,
            None => {
                code.push(source[at]);
                at += 1;
                continue;
            }
        };
        code.extend(source[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    code
}

/// Where the comment or literal that starts at `at` ends, if one starts there.
fn literal_end(source: &[char], at: usize) -> Option<usize> {
    let next = source.get(at + 1).copied();
    match source[at] {
        '/' if next == Some('/') => Some(find(source, at, |c| c == '\n')),
        '/' if next == Some('*') => Some(block_comment_end(source, at)),
        '"' => Some(string_end(source, at)),
        'r' if !at.checked_sub(1).is_some_and(|before| is_word(source[before])) => {
            raw_string_end(source, at)
        }
        '\'' if next == Some('\\') => Some(find(source, at + 3, |c| c == '\'') + 1),
        '\'' if source.get(at + 2) == Some(&'\'') => Some(at + 3),
        _ => None,
    }
}

fn find(source: &[char], from: usize, wanted: impl Fn(char) -> bool) -> usize {
    (from..source.len()).find(|at| wanted(source[*at])).unwrap_or(source.len())
}

fn block_comment_end(source: &[char], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0);
    while at < source.len() {
        match (source[at], source.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn string_end(source: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while at < source.len() && source[at] != '"' {
        at += if source[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(source.len())
}

fn raw_string_end(source: &[char], start: usize) -> Option<usize> {
    let quote = find(source, start + 1, |c| c != '#');
    if source.get(quote) != Some(&'"') {
        return None;
    }
    let hashes = quote - start - 1;
    let closes = |at: usize| {
        source[at] == '"' && (1..=hashes).all(|step| source.get(at + step) == Some(&'#'))
    };
    let end = (quote + 1..source.len()).find(|at| closes(*at)).unwrap_or(source.len());
    Some((end + 1 + hashes).min(source.len()))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Positions of `word` in `code` as a whole word.
fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(word).map(|(at, _)| at).filter(move |at| {
        !code[..*at].ends_with(is_word) && !code[at + word.len()..].starts_with(is_word)
    })
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

// ---------------------------------------------------------------------------------------------
// Modules
// ---------------------------------------------------------------------------------------------

/// Names declared by `mod name;`, in order.
fn declared_modules(code: &str) -> Vec<String> {
    words(code, "mod")
        .filter_map(|at| {
            let (name, _) = code[at + 3..].split_once(';')?;
            let name = name.trim();
            (!name.is_empty() && name.chars().all(is_word)).then(|| name.to_owned())
        })
        .collect()
}

/// The top-level module a file of `src/` belongs to.
fn module_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src/")?;
    Some(inside.split('/').next()?.trim_end_matches(".rs"))
}

/// First segments of every `crate::…` path, those inside `crate::{a, b::c}` included.
fn crate_paths(code: &str) -> Vec<(usize, String)> {
    let mut heads = Vec::new();
    for at in words(code, "crate") {
        let Some(rest) = code[at + 5..].strip_prefix("::") else { continue };
        match rest.strip_prefix('{') {
            Some(group) => heads.extend(group_heads(group).into_iter().map(|head| (at, head))),
            None => heads.push((at, head_of(rest))),
        }
    }
    heads
}

fn head_of(path: &str) -> String {
    path.trim_start().chars().take_while(|c| is_word(*c)).collect()
}

fn group_heads(group: &str) -> Vec<String> {
    let (mut depth, mut start, mut heads) = (0_i32, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                heads.push(head_of(&group[start..at]));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                heads.push(head_of(&group[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    heads
}

fn layer_order(files: &[Source]) -> Findings {
    let Some(map) = files.iter().find(|file| file.path == "src/lib.rs") else {
        return vec!["src/lib.rs is missing".into()];
    };
    let order = declared_modules(&code_only(&map.text));
    let rank = |name: &str| order.iter().position(|module| module == name);
    let mut findings = Vec::new();
    for file in files {
        let Some(own) = module_of(&file.path).and_then(rank) else { continue };
        let code = code_only(&file.text);
        for (at, head) in crate_paths(&code) {
            if rank(&head).is_some_and(|other| other > own) {
                let line = line_of(&code, at);
                findings.push(format!("{}:{line} looks up at crate::{head}", file.path));
            }
        }
        findings.extend(hidden_paths(file, &code));
    }
    findings
}

/// Spellings that would hide an import from the check above.
fn hidden_paths(file: &Source, code: &str) -> Findings {
    let top_level = file.path.matches('/').count() == 1 || {
        file.path.matches('/').count() == 2 && file.path.ends_with("/mod.rs")
    };
    let mut findings = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let reason = if line.contains("super::super") {
            "super::super"
        } else if line.contains("use crate as ") || line.contains("use crate::*") {
            "the crate under another name"
        } else if top_level
            && (line.starts_with("use super::") || line.starts_with("pub use super::"))
        {
            "super:: at the top of a top-level module"
        } else {
            continue;
        };
        findings.push(format!("{}:{} {reason} hides a path", file.path, number + 1));
    }
    findings
}

#[test]
fn a_module_uses_only_modules_declared_before_it() {
    let lib = ("src/lib.rs", "pub mod sql;\n/// Rows.\npub mod store;\npub mod http;\n");
    let caught = [
        ("src/sql/builder.rs", "use crate::store::Store;"),
        ("src/sql/builder.rs", "use crate::{sql::Value, http::{server, ui}};"),
        ("src/store/mod.rs", "fn f() -> crate::http::Server { crate::http::start() }"),
        ("src/store/sqlite/pool.rs", "use super::super::open;"),
        ("src/store.rs", "use super::http;"),
    ];
    for file in caught {
        assert!(!layer_order(&fixture(&[lib, file])).is_empty(), "not caught: {}", file.1);
    }
    let clean = [
        lib,
        ("src/http/ui.rs", "use crate::{sql::Value, store::Store};"),
        ("src/sql/value.rs", "// crate::http\nconst TEXT: &str = \"crate::http\"; use super::x;"),
    ];
    assert_clean(layer_order(&fixture(&clean)));
    assert_clean(layer_order(&tree(&["src"], RUST)));
}

/// A crate, and the places below `src/` that may name it.
const FENCES: &[(&[&str], &[&str])] = &[
    (&["actix_web", "actix_http", "actix_files", "actix_multipart", "actix_rt"], &["http/"]),
    (&["rusqlite", "r2d2"], &["store/sqlite/"]),
    (&["clap"], &["cli/", "config.rs", "config/"]),
    (&["jsonwebtoken"], &["auth/token.rs", "auth/oauth2/"]),
    (&["argon2", "bcrypt", "rand"], &["crypto.rs", "crypto/"]),
    (&["rust_embed"], &["http/ui.rs", "store/migrate.rs"]),
    (&["lettre"], &["mail/"]),
];

/// The pure core: values in, values out.
const PURE: &[&str] = &["sql/", "schema/", "query/"];

fn fences(files: &[Source]) -> Findings {
    let mut findings = Vec::new();
    for file in files {
        let Some(inside) = file.path.strip_prefix("src/") else { continue };
        let code = code_only(&file.text);
        for (names, homes) in FENCES {
            if homes.iter().any(|home| inside.starts_with(home)) {
                continue;
            }
            for name in *names {
                let is_path = |at: &usize| {
                    let (before, after) = (&code[..*at], &code[at + name.len()..]);
                    !before.ends_with("::") && (after.starts_with("::") || before.ends_with("use "))
                };
                for at in words(&code, name).filter(is_path) {
                    let line = line_of(&code, at);
                    findings.push(format!("{}:{line} names {name}", file.path));
                }
            }
        }
        if PURE.iter().any(|dir| inside.starts_with(dir)) && code.contains("async fn") {
            findings.push(format!("{} has an async fn in the pure core", file.path));
        }
    }
    findings
}

#[test]
fn frameworks_stay_inside_their_fences() {
    let caught = [
        ("src/records/list.rs", "use actix_web::HttpResponse;"),
        ("src/store/mod.rs", "fn f(_: &rusqlite::Connection) {}"),
        ("src/auth/token.rs", "let n: u8 = rand::random();"),
        ("src/query/plan.rs", "pub async fn plan() {}"),
    ];
    for file in caught {
        assert_eq!(fences(&fixture(&[file])).len(), 1, "not caught: {}", file.1);
    }
    let clean = [
        ("src/http/server.rs", "use actix_web::App;"),
        ("src/crypto.rs", "use argon2::Argon2;"),
        ("src/sql/value.rs", "// rusqlite::Value is not named here\nuse crate::clap::x;"),
    ];
    assert_clean(fences(&fixture(&clean)));
    assert_clean(fences(&tree(&["src"], RUST)));
}

/// Follows `mod` lines from the roots; a file no root leads to is never compiled.
fn reachable(files: &[Source], roots: &[&str]) -> Findings {
    let by_path: BTreeMap<&str, &Source> = files.iter().map(|f| (f.path.as_str(), f)).collect();
    let mut seen = BTreeSet::new();
    let mut open: Vec<String> = roots.iter().map(|root| (*root).to_owned()).collect();
    while let Some(path) = open.pop() {
        let Some(file) = by_path.get(path.as_str()) else { continue };
        if !seen.insert(path.clone()) {
            continue;
        }
        let (dir, name) = path.rsplit_once('/').expect("every root lies in a folder");
        let own_dir = match name {
            "mod.rs" | "lib.rs" | "main.rs" => dir.to_owned(),
            _ => path.trim_end_matches(".rs").to_owned(),
        };
        for module in declared_modules(&code_only(&file.text)) {
            open.push(format!("{own_dir}/{module}.rs"));
            open.push(format!("{own_dir}/{module}/mod.rs"));
        }
    }
    let lost = files.iter().filter(|file| !seen.contains(&file.path));
    lost.map(|file| format!("{} is not reached by any mod line", file.path)).collect()
}

#[test]
fn every_rust_file_is_compiled() {
    let files = [
        ("src/lib.rs", "pub mod sql;"),
        ("src/sql/mod.rs", "mod value;\n// mod lost;"),
        ("src/sql/value.rs", "#[cfg(test)]\nmod tests;"),
        ("src/sql/value/tests.rs", ""),
    ];
    assert_clean(reachable(&fixture(&files), &["src/lib.rs"]));
    let mut with_lost = fixture(&files);
    with_lost.extend(fixture(&[("src/sql/lost.rs", "")]));
    assert_eq!(reachable(&with_lost, &["src/lib.rs"]).len(), 1);

    assert_clean(reachable(&tree(&["src"], RUST), &["src/lib.rs", "src/main.rs"]));
    assert_clean(reachable(
        &tree(&["tests"], RUST),
        &["tests/tidy.rs", "tests/api/main.rs", "tests/faults/main.rs"],
    ));
}

// ---------------------------------------------------------------------------------------------
// Files
// ---------------------------------------------------------------------------------------------

fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// Lines before an inline test module.
fn lines_without_tests(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let opens = |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ");
    let inline = lines.windows(2).position(|pair| opens(pair) && pair[1].ends_with('{'));
    inline.unwrap_or(lines.len())
}

fn long_files(files: &[Source]) -> Findings {
    let mut findings = Vec::new();
    for file in files {
        let (lines, limit) = match is_test(&file.path) {
            true => (file.text.lines().count(), 800),
            false => (lines_without_tests(&file.text), 600),
        };
        if lines > limit {
            findings.push(format!("{} has {lines} lines, {limit} are the limit", file.path));
        }
    }
    findings
}

#[test]
fn files_stay_short() {
    let long = "line\n".repeat(601);
    let tested = format!("{}#[cfg(test)]\nmod tests {{\n{long}}}\n", "line\n".repeat(590));
    assert_eq!(long_files(&fixture(&[("src/a.rs", &long)])).len(), 1);
    assert_clean(long_files(&fixture(&[("src/a.rs", &tested), ("src/a/tests.rs", &long)])));
    assert_clean(long_files(&tree(&["src", "tests", "benches", "examples"], RUST)));
}

fn long_lines(files: &[Source]) -> Findings {
    let mut findings = Vec::new();
    for file in files {
        for (number, line) in file.text.lines().enumerate() {
            let columns = line.chars().count();
            if columns > 100 {
                findings.push(format!("{}:{} has {columns} columns", file.path, number + 1));
            }
        }
    }
    findings
}

#[test]
fn lines_stay_short() {
    let (short, long) = ("ü".repeat(100), "x".repeat(101));
    assert_eq!(long_lines(&fixture(&[("src/a.rs", &long), ("src/b.rs", &short)])).len(), 1);
    assert_clean(long_lines(&tree(&["src", "tests", "benches", "examples"], RUST)));
}

fn opening_docs(files: &[Source]) -> Findings {
    // The crate's own docs may lie in a page beside it.
    let speaks = |text: &str| text.starts_with("//!") || text.starts_with("#![doc = include_str!");
    let silent = files.iter().filter(|file| !speaks(&file.text));
    silent.map(|file| format!("{} does not open with //! docs", file.path)).collect()
}

#[test]
fn every_file_says_what_it_is() {
    let files = fixture(&[("src/a.rs", "//! Text.\n"), ("src/b.rs", "use std::fmt;\n")]);
    assert_eq!(opening_docs(&files).len(), 1);
    assert_clean(opening_docs(&tree(&["src", "tests", "benches", "examples"], RUST)));
}

const BANNED_NAMES: &[&str] =
    &["util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"];

fn banned_names(files: &[Source]) -> Findings {
    let says_nothing = |file: &&Source| {
        let mut parts = file.path.split(['/', '.', '_', '-']);
        parts.any(|part| BANNED_NAMES.contains(&part.to_lowercase().as_str()))
    };
    files.iter().filter(says_nothing).map(|file| format!("{} says nothing", file.path)).collect()
}

#[test]
fn file_names_say_something() {
    let caught = fixture(&[("src/utils/a.rs", ""), ("src/auth/token_helpers.rs", "")]);
    assert_eq!(banned_names(&caught).len(), 2);
    assert_clean(banned_names(&fixture(&[("src/auth/community.rs", "")])));
    assert_clean(banned_names(&tree(WRITTEN_DIRS, WRITTEN)));
}

fn leftovers(files: &[Source]) -> Findings {
    // Spelled in halves, so that this file does not find itself.
    let marks = [concat!("FIX", "ME"), concat!("TO", "DO"), concat!("XX", "X")];
    let calls = [concat!("db", "g!("), concat!("to", "do!("), concat!("unimpl", "emented!(")];
    let mut findings = Vec::new();
    for file in files {
        for mark in marks {
            for at in words(&file.text, mark) {
                findings.push(format!("{}:{} {mark}", file.path, line_of(&file.text, at)));
            }
        }
        for call in calls.iter().filter(|call| file.text.contains(**call)) {
            findings.push(format!("{} calls {call}…)", file.path));
        }
    }
    findings
}

#[test]
fn nothing_is_left_for_later() {
    let mark = concat!("// TO", "DO: tidy up");
    let call = concat!("fn f() { db", "g!(1); }");
    let files = [("src/a.rs", mark), ("src/b.rs", call), ("examples/c.js", "let todos = []")];
    assert_eq!(leftovers(&fixture(&files)).len(), 2);
    assert_clean(leftovers(&tree(WRITTEN_DIRS, WRITTEN)));
}

// ---------------------------------------------------------------------------------------------
// Stored HTML is text to the dashboard: nothing there makes markup of a value
// ---------------------------------------------------------------------------------------------

fn raw_markup(files: &[Source]) -> Findings {
    let ways = ["{@html", "insertAdjacentHTML", "document.write"];
    // To read it is fine.
    let assigns = |line: &str, name: &str| {
        let rest = line.split_once(name).map_or("", |(_, rest)| rest.trim_start());
        rest.starts_with("+=") || (rest.starts_with('=') && !rest.starts_with("=="))
    };
    let mut findings = Findings::new();
    for file in files {
        // A frame that may run nothing shows a page of its own, apart from ours.
        let is_caged = file.text.contains("sandbox=") && !file.text.contains("allow-scripts");
        for (i, line) in file.text.lines().enumerate() {
            let frames = line.contains("srcdoc") && !is_caged;
            let sets = ["innerHTML", "outerHTML"].iter().any(|name| assigns(line, name));
            if frames || sets || ways.iter().any(|way| line.contains(way)) {
                findings.push(format!("{}:{} puts markup into the page", file.path, i + 1));
            }
        }
    }
    findings
}

#[test]
fn no_value_becomes_markup() {
    assert_clean(raw_markup(&tree(&["admin-ui/src"], &["svelte", "ts"])));
    assert_eq!(raw_markup(&fixture(&[("a.svelte", "<p>{@html value}</p>")])).len(), 1);
    let lines = [
        ("a.innerHTML = b;", 1),
        ("a.outerHTML += b;", 1),
        ("return a.innerHTML;", 0),
        ("<iframe srcdoc={page}></iframe>", 1),
        ("<iframe sandbox=\"\" srcdoc={page}></iframe>", 0),
        ("<iframe sandbox=\"allow-scripts\" srcdoc={page}></iframe>", 1),
    ];
    for (line, found) in lines {
        assert_eq!(raw_markup(&fixture(&[("a.svelte", line)])).len(), found, "{line}");
    }
    assert_clean(raw_markup(&fixture(&[("a.svelte", "<p>{value}</p>")])));
}

fn lint_exceptions(files: &[Source]) -> Findings {
    let mut findings = Vec::new();
    for file in files {
        let code = code_only(&file.text);
        for start in ["#[expect(", "#![expect(", "#[cfg_attr(", "#[allow(", "#![allow("] {
            for (at, _) in code.match_indices(start) {
                let attribute = code[at..].split(']').next().unwrap_or_default();
                let allows = words(attribute, "allow").next().is_some();
                let expects = words(attribute, "expect").next().is_some();
                let reasoned = words(attribute, "reason").next().is_some();
                if allows || (expects && !reasoned) {
                    let line = line_of(&code, at);
                    findings.push(format!("{}:{line} {start}…) wants a reason", file.path));
                }
            }
        }
    }
    findings
}

#[test]
fn every_lint_exception_has_a_reason() {
    let caught = [
        ("src/a.rs", "#[expect(dead_code)]\nfn f() {}"),
        ("src/b.rs", "#![allow(dead_code, reason = \"none\")]"),
        ("src/c.rs", "#[cfg_attr(test, expect(unused))]"),
    ];
    assert_eq!(lint_exceptions(&fixture(&caught)).len(), 3);
    let clean = "#[expect(\n    dead_code,\n    reason = \"read by x\"\n)]\n// #[allow(dead_code)]";
    assert_clean(lint_exceptions(&fixture(&[("src/a.rs", clean)])));
    assert_clean(lint_exceptions(&tree(&["src", "tests", "benches", "examples"], RUST)));
}

// ---------------------------------------------------------------------------------------------
// Field kinds
// ---------------------------------------------------------------------------------------------

/// The words of `FIELD_KINDS`, the files of `schema/fields/` and the dashboard's folders agree.
fn field_kinds(files: &[Source]) -> Findings {
    let table = files.iter().find(|file| file.path == "src/schema/fields/mod.rs");
    let list = table.and_then(|file| file.text.split_once("FIELD_KINDS: &[&str] = &["));
    let Some((list, _)) = list.and_then(|(_, rest)| rest.split_once("];")) else {
        return vec!["src/schema/fields/mod.rs has no FIELD_KINDS".into()];
    };
    let kinds: BTreeSet<&str> = list.split('"').skip(1).step_by(2).collect();
    let within = |dir: &str| -> BTreeSet<String> {
        let inside = files.iter().filter_map(|file| file.path.strip_prefix(dir));
        inside.map(|path| path.split('/').next().unwrap_or(path).to_owned()).collect()
    };
    let sources = within("src/schema/fields/");
    let folders = within("admin-ui/src/fields/");
    let mut findings = Vec::new();
    for kind in &kinds {
        let file = format!("{}.rs", snake_case(kind));
        if !sources.contains(&file) {
            findings.push(format!("{kind} has no src/schema/fields/{file}"));
        }
        if !folders.contains(*kind) {
            findings.push(format!("{kind} has no folder admin-ui/src/fields/{kind}"));
        }
    }
    for folder in folders.iter().filter(|name| !name.contains('.')) {
        if !kinds.contains(folder.as_str()) {
            findings.push(format!("admin-ui/src/fields/{folder} is no field kind"));
        }
    }
    findings
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

#[test]
fn every_field_kind_has_its_file_and_its_folder() {
    let table = "pub const FIELD_KINDS: &[&str] = &[\"text\", \"geoPoint\"];";
    let files = [
        ("src/schema/fields/mod.rs", table),
        ("src/schema/fields/text.rs", ""),
        ("src/schema/fields/geo_point.rs", ""),
        ("admin-ui/src/fields/registry.ts", ""),
        ("admin-ui/src/fields/text/index.ts", ""),
        ("admin-ui/src/fields/geoPoint/index.ts", ""),
    ];
    assert_clean(field_kinds(&fixture(&files)));
    for missing in [0, 1, 2, 4, 5] {
        let mut fewer = fixture(&files);
        fewer.remove(missing);
        assert_eq!(field_kinds(&fewer).len(), 1, "not caught: {}", files[missing].0);
    }
    let mut more = fixture(&files);
    more.extend(fixture(&[("admin-ui/src/fields/map/index.ts", "")]));
    assert_eq!(field_kinds(&more).len(), 1);
    assert_clean(field_kinds(&tree(&["src/schema/fields", "admin-ui/src/fields"], WRITTEN)));
}

// ---------------------------------------------------------------------------------------------
// Migrations
// ---------------------------------------------------------------------------------------------

/// `migrations/<engine>/<database>/NNNN_name.sql`: no gaps, the same numbers in each engine.
fn migration_numbers(files: &[Source]) -> Findings {
    let mut findings = Vec::new();
    let mut numbers: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for file in files {
        let parts: Vec<&str> = file.path.split('/').collect();
        let number = parts.last().and_then(|name| name.split_once('_')).map(|(digits, _)| digits);
        match (parts.as_slice(), number.filter(|digits| digits.len() == 4).map(str::parse)) {
            ([_, engine, database, _], Some(Ok(number))) => {
                numbers.entry((*database, *engine)).or_default().push(number);
            }
            _ => findings.push(format!("{} is not …/engine/database/NNNN_name.sql", file.path)),
        }
    }
    let mut longest: BTreeMap<&str, usize> = BTreeMap::new();
    for ((database, engine), found) in &mut numbers {
        found.sort_unstable();
        if found.iter().enumerate().any(|(at, number)| at + 1 != *number) {
            findings.push(format!("{engine}/{database} has a gap or a double: {found:?}"));
        }
        let seen = longest.entry(database).or_insert(found.len());
        if *seen != found.len() {
            findings.push(format!("{engine}/{database} and another engine differ in number"));
        }
    }
    findings
}

#[test]
fn migrations_are_numbered_without_gaps() {
    let gap =
        [("migrations/sqlite/main/0001_a.sql", ""), ("migrations/sqlite/main/0003_b.sql", "")];
    let named = [("migrations/sqlite/main/init.sql", "")];
    let uneven = [
        ("migrations/sqlite/main/0001_a.sql", ""),
        ("migrations/sqlite/main/0002_b.sql", ""),
        ("migrations/postgres/main/0001_a.sql", ""),
    ];
    for caught in [&gap[..], &named[..], &uneven[..]] {
        assert_eq!(migration_numbers(&fixture(caught)).len(), 1);
    }
    assert_clean(migration_numbers(&fixture(&[uneven[0], uneven[2]])));
    assert_clean(migration_numbers(&tree(&["migrations"], &["sql"])));
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "a check's answer is handed over as it comes")]
fn assert_clean(findings: Findings) {
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}
