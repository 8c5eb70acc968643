//! A stored file as an answer: headers, conditions, ranges, and the bytes piece by piece.

use std::collections::VecDeque;
use std::io::{self, SeekFrom};
use std::time::SystemTime;

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT, ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HttpDate, IF_MATCH,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, LAST_MODIFIED, LOCATION,
    RANGE, VARY,
};
use actix_web::{HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use futures_util::stream;

use crate::crypto::random_id;
use crate::error::{Error, Result};
use crate::files::s3::limits::LINK;
use crate::files::{Attributes, Content, Opened, s3};
use crate::http::headers::Framable;
use crate::http::ranges::{self, ByteRange, RangeError};
use crate::http::reply::Reply;

/// Bytes that are read at a time.
const PIECE: u64 = 256 << 10;
const CACHE: &str = "max-age=2592000, stale-while-revalidate=86400";
/// For what stands in: the next request may get what was asked for.
const NO_CACHE: &str = "no-cache";
const POLICY: &str = "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox";
/// What a browser shows or plays by itself without running anything.
const INLINE: [&str; 24] = [
    "image/png",
    "image/jpg",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/x-icon",
    "image/bmp",
    "video/webm",
    "video/mp4",
    "video/3gpp",
    "video/quicktime",
    "video/x-ms-wmv",
    "audio/basic",
    "audio/aiff",
    "audio/mpeg",
    "audio/midi",
    "audio/mp3",
    "audio/wave",
    "audio/wav",
    "audio/x-wav",
    "audio/x-mpeg",
    "audio/x-m4a",
    "audio/aac",
    "application/pdf",
];
/// What content alone does not tell well enough.
const BY_ENDING: [(&str, &str); 7] = [
    (".svg", "image/svg+xml"),
    (".css", "text/css"),
    (".js", "text/javascript"),
    (".mjs", "text/javascript"),
    (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
];

/// A file, and how it goes out.
pub struct Served {
    /// What it is called.
    pub name: String,
    /// Its content.
    pub file: Opened,
    /// Whether it is to be saved, not shown.
    pub is_download: bool,
    /// Whether another `Accept` would have got another kind.
    pub is_negotiated: bool,
    /// Whether it stands in for what cannot be had just now.
    pub is_passing: bool,
}

/// True when a client names WebP among what it takes. A wildcard does not: who sends only that
/// gets what the file is.
pub fn takes_webp(asked: &HeaderMap) -> bool {
    let lists = asked.get_all(ACCEPT).filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_webp = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("image/webp"));
        let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        is_webp && weight.is_none_or(|q| q.trim().parse::<f32>().is_ok_and(|q| q > 0.0))
    })
}

/// The answer to a request with these headers.
///
/// # Errors
/// The disk fails.
pub async fn answer(asked: &HeaderMap, served: Served) -> Result<Reply> {
    let shown = Shown::of(&served);
    let file = served.file;
    let text = |name: HeaderName| asked.get(name).and_then(|value| value.to_str().ok());
    if let Some(status) = condition(&text, &shown) {
        return Ok(shown.finish(HttpResponse::build(status), None, |mut r| r.finish()));
    }
    let wanted = text(RANGE).filter(|_| text(IF_RANGE).is_none_or(|tag| shown.is_same(tag)));
    let parts = match wanted.map(|header| ranges::parse(header, file.length)) {
        None => Vec::new(),
        Some(Ok(parts)) => parts,
        Some(Err(error)) => return Ok(unsatisfiable(error, file.length)),
    };
    let size = file.length;
    let (status, kind, segments) = match parts.as_slice() {
        [] => {
            let whole = ByteRange { start: 0, length: size };
            (StatusCode::OK, shown.kind.clone(), vec![Segment::Part(whole)])
        }
        [one] => (StatusCode::PARTIAL_CONTENT, shown.kind.clone(), vec![Segment::Part(*one)]),
        many => {
            let boundary = random_id();
            let kind = format!("multipart/byteranges; boundary={boundary}");
            (StatusCode::PARTIAL_CONTENT, kind, several(many, &boundary, &shown.kind, size))
        }
    };
    let mut response = HttpResponse::build(status);
    if let [one] = parts.as_slice() {
        response.insert_header((CONTENT_RANGE, content_range(one, size)));
    }
    let length = segments.iter().map(Segment::length).sum();
    let body = Body { file: file.content, segments: segments.into() };
    if length <= PIECE {
        let bytes = body.collect().await?;
        return Ok(shown.finish(response, Some(&kind), |mut r| r.body(bytes)));
    }
    let body = SizedStream::new(length, body.stream());
    Ok(shown.finish(response, Some(&kind), |mut r| r.body(body)))
}

/// The kind and the disposition with which a file goes out.
pub fn looks(name: &str, attributes: &Attributes, is_download: bool) -> (String, String) {
    let by_ending = BY_ENDING.iter().find(|(ending, _)| name.ends_with(ending));
    let kind = match by_ending {
        Some((_, kind)) => (*kind).to_owned(),
        None if attributes.content_type.is_empty() => "application/octet-stream".to_owned(),
        None => attributes.content_type.clone(),
    };
    let essence = kind.split(';').next().unwrap_or_default();
    let way = if INLINE.contains(&essence) && !is_download { "inline" } else { "attachment" };
    // Stored names hold nothing that must be quoted; files of others may.
    let name: String = name.chars().filter(|c| !c.is_control() && !"\"\\".contains(*c)).collect();
    (kind, format!("{way}; filename=\"{name}\""))
}

/// Sends a client on to where the file can be fetched for a while.
pub fn link(to: &str) -> Reply {
    let cache = format!("max-age={}", LINK.1.as_secs());
    let mut response = HttpResponse::build(StatusCode::FOUND);
    response.insert_header((LOCATION, to)).insert_header((CACHE_CONTROL, cache));
    Reply::File(Box::new(response.finish()))
}

/// What the headers say of a file.
struct Shown {
    kind: String,
    disposition: String,
    modified: SystemTime,
    etag: Option<String>,
    cache: &'static str,
    is_negotiated: bool,
}

impl Shown {
    fn of(served: &Served) -> Self {
        let Served { name, file, is_download, .. } = served;
        let attributes = &file.attributes;
        let (kind, disposition) = looks(name, attributes, *is_download);
        let is_tag =
            !attributes.md5.is_empty() && attributes.md5.bytes().all(|b| b.is_ascii_graphic());
        let etag = is_tag.then(|| format!("\"{}\"", attributes.md5));
        let cache = if served.is_passing { NO_CACHE } else { CACHE };
        let is_negotiated = served.is_negotiated;
        Self { kind, disposition, modified: file.modified, etag, cache, is_negotiated }
    }

    /// Puts the headers on; `kind` is left out where there is no body.
    fn finish(
        &self,
        mut response: HttpResponseBuilder,
        kind: Option<&str>,
        end: impl FnOnce(HttpResponseBuilder) -> HttpResponse,
    ) -> Reply {
        response
            .insert_header((ACCEPT_RANGES, "bytes"))
            .insert_header((CACHE_CONTROL, self.cache))
            .insert_header((CONTENT_DISPOSITION, self.disposition.as_str()))
            .insert_header((CONTENT_SECURITY_POLICY, POLICY))
            .insert_header((LAST_MODIFIED, HttpDate::from(self.modified).to_string()));
        if let Some(kind) = kind {
            response.insert_header((CONTENT_TYPE, kind));
        }
        if self.is_negotiated {
            response.insert_header((VARY, "Accept"));
        }
        if let Some(etag) = &self.etag {
            response.insert_header((ETAG, etag.as_str()));
        }
        let mut response = end(response);
        response.extensions_mut().insert(Framable);
        Reply::File(Box::new(response))
    }

    /// True for the tag or the date of this very content.
    fn is_same(&self, tag: &str) -> bool {
        self.has_tag(tag) || tag == HttpDate::from(self.modified).to_string()
    }

    /// True for the tag of these very bytes; a weak one does not promise them.
    fn has_tag(&self, tag: &str) -> bool {
        self.etag.as_deref() == Some(tag.trim())
    }

    /// True for a tag of this content, a weak one too.
    fn has_some_tag(&self, tag: &str) -> bool {
        let tag = tag.trim();
        self.has_tag(tag.strip_prefix("W/").unwrap_or(tag))
    }

    /// Whole seconds: the header knows no others.
    fn is_after(&self, date: HttpDate) -> bool {
        let seconds = |time: SystemTime| {
            time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
        };
        seconds(self.modified) > seconds(date.into())
    }
}

/// The status with which the conditions of a request end it.
fn condition<'h>(
    text: &impl Fn(HeaderName) -> Option<&'h str>,
    shown: &Shown,
) -> Option<StatusCode> {
    let date = |name: HeaderName| text(name)?.parse::<HttpDate>().ok();
    let any = |list: &str, fits: fn(&Shown, &str) -> bool| {
        list.trim() == "*" || list.split(',').any(|tag| fits(shown, tag))
    };
    let has_changed = match text(IF_MATCH) {
        Some(list) => !any(list, Shown::has_tag),
        None => date(IF_UNMODIFIED_SINCE).is_some_and(|date| shown.is_after(date)),
    };
    if has_changed {
        return Some(StatusCode::PRECONDITION_FAILED);
    }
    let is_known = match text(IF_NONE_MATCH) {
        Some(list) => any(list, Shown::has_some_tag),
        None => date(IF_MODIFIED_SINCE).is_some_and(|date| !shown.is_after(date)),
    };
    is_known.then_some(StatusCode::NOT_MODIFIED)
}

fn unsatisfiable(error: RangeError, size: u64) -> Reply {
    let mut response = HttpResponse::build(StatusCode::RANGE_NOT_SATISFIABLE);
    if error == RangeError::NoOverlap {
        response.insert_header((CONTENT_RANGE, format!("bytes */{size}")));
    }
    Reply::File(Box::new(
        response.content_type("text/plain; charset=utf-8").body("invalid range\n"),
    ))
}

fn content_range(range: &ByteRange, size: u64) -> String {
    let end = (range.start + range.length) as i128 - 1;
    format!("bytes {}-{end}/{size}", range.start)
}

fn several(ranges: &[ByteRange], boundary: &str, kind: &str, size: u64) -> Vec<Segment> {
    let mut segments = Vec::with_capacity(ranges.len() * 2 + 1);
    for (i, range) in ranges.iter().enumerate() {
        let line = if i == 0 { "" } else { "\r\n" };
        let shown = content_range(range, size);
        let head =
            format!("{line}--{boundary}\r\nContent-Range: {shown}\r\nContent-Type: {kind}\r\n\r\n");
        segments.push(Segment::Text(head.into()));
        segments.push(Segment::Part(*range));
    }
    segments.push(Segment::Text(format!("\r\n--{boundary}--\r\n").into()));
    segments
}

/// A stretch of the body.
enum Segment {
    Text(Bytes),
    Part(ByteRange),
}

impl Segment {
    fn length(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Part(range) => range.length,
        }
    }
}

/// What is still to be sent.
struct Body {
    file: Box<dyn Content>,
    segments: VecDeque<Segment>,
}

impl Body {
    /// The next piece, never an empty one.
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        while let Some(segment) = self.segments.pop_front() {
            match segment {
                Segment::Text(text) => return Ok(Some(text)),
                Segment::Part(ByteRange { length: 0, .. }) => {}
                Segment::Part(ByteRange { start, length }) => {
                    let now = length.min(PIECE);
                    let mut piece = vec![0; usize::try_from(now).unwrap_or(0)];
                    self.file.seek(SeekFrom::Start(start))?;
                    self.file.read_exact(&mut piece)?;
                    let rest = ByteRange { start: start + now, length: length - now };
                    self.segments.push_front(Segment::Part(rest));
                    return Ok(Some(piece.into()));
                }
            }
        }
        Ok(None)
    }

    async fn collect(mut self) -> Result<Vec<u8>> {
        let read = move || -> io::Result<Vec<u8>> {
            let mut bytes = Vec::new();
            while let Some(piece) = self.next()? {
                bytes.extend_from_slice(&piece);
            }
            Ok(bytes)
        };
        let read = tokio::task::spawn_blocking(read).await.map_err(Error::internal)?;
        read.map_err(s3::told)
    }

    fn stream(self) -> impl stream::Stream<Item = io::Result<Bytes>> {
        stream::try_unfold(self, |mut body| async move {
            let read = move || body.next().map(|piece| piece.map(|piece| (piece, body)));
            tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
        })
    }
}
