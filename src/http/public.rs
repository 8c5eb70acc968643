//! Files of the public folder, at every path that no route knows.
//!
//! Small files are kept in memory and checked against the disk by time and size; larger ones,
//! ranges and conditions go through actix's own file answer.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fs::Metadata;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use actix_files::NamedFile;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    HeaderMap, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    IF_UNMODIFIED_SINCE, LOCATION, RANGE,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use parking_lot::RwLock;
use percent_encoding::percent_decode_str;

use crate::http::ui::content_type;
use crate::watch::Watch;

/// Largest file that is kept in memory.
const MAX_KEPT: u64 = 256 << 10;
/// Most bytes kept for all files; past it all are forgotten, the busy ones to return at once.
const MAX_KEPT_TOTAL: u64 = 64 << 20;
/// Headers that make an answer depend on more than the path.
const CONDITIONS: [HeaderName; 6] =
    [RANGE, IF_RANGE, IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE];

/// The public folder.
pub struct Public {
    root: PathBuf,
    index_fallback: bool,
    kept: RwLock<Kept>,
}

#[derive(Default)]
struct Kept {
    files: HashMap<PathBuf, Arc<KeptFile>>,
    bytes: u64,
}

struct KeptFile {
    modified: Option<SystemTime>,
    headers: HeaderMap,
    body: Bytes,
}

/// What lies at a path.
enum Found {
    File(PathBuf, Metadata),
    Moved(String),
}

impl Public {
    /// Serves `root`, which may be absent and may come later.
    pub fn new(root: PathBuf, index_fallback: bool) -> Self {
        Self { root, index_fallback, kept: RwLock::default() }
    }

    /// Forgets what is kept whenever something changes on disk, for as long as the answer lives.
    pub fn follow(self: &Arc<Self>) -> Option<Watch> {
        if !self.root.is_dir() {
            return None;
        }
        let public = Arc::downgrade(self);
        let forget = move || {
            if let Some(public) = public.upgrade() {
                *public.kept.write() = Kept::default();
            }
        };
        let told = |error: &_| tracing::debug!(%error, "the public folder is not watched");
        Watch::tree(&self.root, forget).inspect_err(told).ok()
    }

    /// Answers `GET` of the request's path; `None` when there is no such file.
    pub fn serve(&self, http: &HttpRequest) -> Option<HttpResponse> {
        let path = http.uri().path();
        let found = self.find(path).or_else(|| {
            let index = self.root.join("index.html");
            if self.index_fallback { file(index) } else { None }
        })?;
        match found {
            Found::File(path, metadata) => self.send(http, &path, &metadata),
            Found::Moved(target) => {
                let query = http.uri().query().map(|q| format!("?{q}")).unwrap_or_default();
                let mut response = HttpResponse::build(StatusCode::MOVED_PERMANENTLY);
                Some(response.insert_header((LOCATION, target + &query)).finish())
            }
        }
    }

    /// A folder is its index page and ends with a slash; nothing else does.
    fn find(&self, path: &str) -> Option<Found> {
        let decoded = percent_decode_str(path).decode_utf8().ok()?;
        let inside = inside(&decoded)?;
        let full = self.root.join(&inside);
        let metadata = std::fs::metadata(&full).ok()?;
        let has_slash = path.ends_with('/');
        if metadata.is_dir() {
            return match has_slash {
                true => file(full.join("index.html")),
                false => Some(Found::Moved(format!("{path}/"))),
            };
        }
        if !metadata.is_file() {
            return None;
        }
        if has_slash {
            return Some(Found::Moved(path.trim_end_matches('/').to_owned()));
        }
        match path.strip_suffix("/index.html") {
            Some(folder) => Some(Found::Moved(format!("{folder}/"))),
            None => Some(Found::File(full, metadata)),
        }
    }

    fn send(&self, http: &HttpRequest, path: &Path, metadata: &Metadata) -> Option<HttpResponse> {
        let is_plain = !CONDITIONS.iter().any(|name| http.headers().contains_key(name));
        if is_plain
            && metadata.len() <= MAX_KEPT
            && let Some(kept) = self.kept_file(http, path, metadata)
        {
            let mut response = HttpResponse::with_body(StatusCode::OK, kept.body.clone());
            for (name, value) in &kept.headers {
                response.headers_mut().insert(name.clone(), value.clone());
            }
            return Some(response.map_into_boxed_body());
        }
        Some(named(path)?.into_response(http))
    }

    fn kept_file(
        &self,
        http: &HttpRequest,
        path: &Path,
        metadata: &Metadata,
    ) -> Option<Arc<KeptFile>> {
        let modified = metadata.modified().ok();
        if let Some(kept) = self.kept.read().files.get(path)
            && kept.modified == modified
            && kept.body.len() as u64 == metadata.len()
        {
            return Some(Arc::clone(kept));
        }
        let named = named(path)?;
        let mut body = Vec::new();
        named.file().take(MAX_KEPT + 1).read_to_end(&mut body).ok()?;
        // Written to this very moment: let the disk answer.
        if body.len() as u64 != metadata.len() || named.metadata().modified().ok() != modified {
            return None;
        }
        let headers = named.into_response(http).headers().clone();
        let file = Arc::new(KeptFile { modified, headers, body: Bytes::from(body) });
        self.kept.write().put(path.to_owned(), &file);
        Some(file)
    }
}

impl Kept {
    fn put(&mut self, path: PathBuf, file: &Arc<KeptFile>) {
        let size = file.body.len() as u64;
        if self.bytes + size > MAX_KEPT_TOTAL {
            *self = Self::default();
        }
        let old = self.files.insert(path, Arc::clone(file));
        self.bytes = self.bytes + size - old.map_or(0, |old| old.body.len() as u64);
    }
}

fn file(path: PathBuf) -> Option<Found> {
    let metadata = std::fs::metadata(&path).ok().filter(Metadata::is_file)?;
    Some(Found::File(path, metadata))
}

/// The path below the folder; `None` for one that leads out of it or to a hidden file, such as
/// `.env` or `.git/config`. What lies in `.well-known` is meant to be seen.
fn inside(path: &str) -> Option<PathBuf> {
    if path.contains(['\0', '\\']) {
        return None;
    }
    let relative = Path::new(path.trim_start_matches('/'));
    let is_shown = |part: Component<'_>| match part {
        Component::Normal(name) => {
            !name.as_encoded_bytes().starts_with(b".") || name == ".well-known"
        }
        _ => false,
    };
    relative.components().all(is_shown).then(|| relative.components().collect())
}

fn named(path: &Path) -> Option<NamedFile> {
    let named = NamedFile::open(path).ok()?.disable_content_disposition();
    Some(match content_type(path) {
        Some(kind) => named.set_content_type(kind),
        None if is_text(named.file()) => named.set_content_type(mime_guess::mime::TEXT_PLAIN_UTF_8),
        None => named.set_content_type(mime_guess::mime::APPLICATION_OCTET_STREAM),
    })
}

/// Whether a file without a telling name begins as text does.
fn is_text(mut file: &std::fs::File) -> bool {
    use std::io::{Seek as _, SeekFrom};
    let mut head = [0; 512];
    let length = file.read(&mut head).unwrap_or(0);
    let is_rewound = file.seek(SeekFrom::Start(0)).is_ok();
    let text = match std::str::from_utf8(&head[..length]) {
        Ok(text) => text,
        // The end may cut a character in two.
        Err(error) if error.error_len().is_none() => "",
        Err(_) => return false,
    };
    is_rewound && !text.chars().any(|c| c.is_control() && !c.is_whitespace())
}
