//! `POST /api/batch`: several record writes in one transaction (contract §3.5).

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::codes::Code;
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::files::Upload;
use crate::http::limits::{BodyLimits, DEFAULT_BATCH_BODY, MAX_BATCH_URL};
use crate::http::reply::Reply;
use crate::http::request::{Query, Request, decode_segment, snake};
use crate::http::{dispatch, error};
use crate::query::{Expand, RequestContext};
use crate::records::{Action, BatchError, Input, Operation};

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const INVALID: &str = "Invalid batch request data.";

/// One request of a batch, as it was sent.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Part {
    method: String,
    url: String,
    headers: Map<String, Value>,
    body: Option<Map<String, Value>>,
    #[serde(skip)]
    uploads: Vec<Upload>,
}

/// Runs all, or none.
pub async fn run(mut request: Request) -> Result<Reply> {
    let settings = request.app.settings.load();
    let limits = &settings.batch;
    if !limits.enabled {
        return Err(Error::forbidden("Batch requests are not allowed."));
    }
    let max_body = usize::try_from(limits.max_body_size).ok().filter(|&max| max > 0);
    let room = BodyLimits::all(max_body.unwrap_or(DEFAULT_BATCH_BODY));
    let sent = request.record_body(room).await?;
    let mut parts = parts(sent, usize::try_from(limits.max_requests).unwrap_or(0))?;
    let outer = request.context("POST").within("batch");
    let operations =
        parts.iter_mut().map(|part| operation(&request, &outer, part)).collect::<Vec<_>>();
    let timeout = Duration::from_secs(u64::try_from(limits.timeout).unwrap_or(0).max(1));
    let schema = Arc::clone(&request.schema);
    let answers = request.app.records.batch(schema, operations, timeout).await.map_err(failed)?;
    let mut out = vec![b'['];
    for (i, (answer, part)) in answers.into_iter().zip(&parts).enumerate() {
        if i > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"body\":");
        let status = if answer.is_some() { 200 } else { 204 };
        out.extend_from_slice(&match answer {
            Some(body) => dispatch::pick(body, Query::parse(query_of(&part.url)).text("fields"))?,
            None => b"null".to_vec(),
        });
        out.extend_from_slice(format!(",\"status\":{status}}}").as_bytes());
    }
    out.push(b']');
    Ok(Reply::json(out))
}

fn parts(sent: Input, max: usize) -> Result<Vec<Part>> {
    let requests = match sent.values.into_iter().find(|(key, _)| key == "requests") {
        Some((_, Value::Array(requests))) => requests,
        None | Some((_, Value::Null)) => Vec::new(),
        Some(_) => return Err(loading()),
    };
    let issue = if requests.is_empty() {
        Some(Issue::new(Code::Required))
    } else if requests.len() > max {
        let message = format!("The length must be no more than {max}.");
        let issue = Issue::with_message(Code::LengthTooLong, message);
        Some(issue.param("max", max).param("min", 0))
    } else {
        None
    };
    if let Some(issue) = issue {
        return Err(Error::invalid(INVALID, FieldErrors::one("requests", issue)));
    }
    let mut parts: Vec<Part> = requests
        .into_iter()
        .map(|part| {
            let read = serde_json::from_value(part);
            read.map_err(|e| loading().with_source(crate::json::without_value(&e)))
        })
        .collect::<Result<_>>()?;
    check(&parts)?;
    for mut upload in sent.uploads {
        let Some((index, key)) = target(&upload.key) else { continue };
        if let Some(part) = parts.get_mut(index) {
            upload.key = key;
            part.uploads.push(upload);
        }
    }
    Ok(parts)
}

/// The request and the field of `requests.N.field` or `requests[N].field`.
fn target(key: &str) -> Option<(usize, String)> {
    let rest = key.strip_prefix("requests")?;
    let (index, field) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once("].")?,
        None => rest.strip_prefix('.')?.split_once('.')?,
    };
    Some((index.parse().ok()?, field.to_owned()))
}

fn loading() -> Error {
    Error::bad_request("An error occurred while loading the submitted data.")
}

fn check(parts: &[Part]) -> Result<()> {
    let mut all = FieldErrors::default();
    for (i, part) in parts.iter().enumerate() {
        let mut errors = FieldErrors::default();
        if part.method.is_empty() {
            errors.add("method", Issue::new(Code::Required));
        } else if !METHODS.contains(&part.method.as_str()) {
            errors.add("method", Issue::new(Code::InInvalid));
        }
        if part.url.is_empty() {
            errors.add("url", Issue::new(Code::Required));
        } else if part.url.chars().count() > MAX_BATCH_URL {
            let message = format!("The length must be no more than {MAX_BATCH_URL}.");
            let issue = Issue::with_message(Code::LengthTooLong, message);
            errors.add("url", issue.param("max", MAX_BATCH_URL).param("min", 0));
        }
        all.nest(i.to_string(), errors);
    }
    let mut data = FieldErrors::default();
    data.nest("requests", all);
    data.into_result(INVALID)
}

fn query_of(url: &str) -> &str {
    url.split_once('?').map_or("", |(_, query)| query)
}

/// What a part asks for; an error when it is no write of a record.
fn operation(request: &Request, outer: &RequestContext, part: &mut Part) -> Result<Operation> {
    let path = part.url.split('?').next().unwrap_or_default();
    let rest = path.strip_prefix("/api/collections/").ok_or_else(Error::invalid_request)?;
    let segments: Vec<&str> = rest.split('/').collect();
    let (name, id) = match segments.as_slice() {
        [name, "records"] => (*name, None),
        [name, "records", id] if !id.is_empty() => {
            (*name, Some(decode_segment(id).ok_or_else(Error::invalid_request)?))
        }
        _ => return Err(Error::invalid_request()),
    };
    let (action, method) = match (part.method.as_str(), id) {
        ("POST", None) => (Action::Create, "POST"),
        ("PUT", None) => (Action::Upsert, "PUT"),
        ("PATCH", Some(id)) => (Action::Update(id), "PATCH"),
        ("DELETE", Some(id)) => (Action::Delete(id), "DELETE"),
        _ => return Err(Error::invalid_request()),
    };
    let name = decode_segment(name).ok_or_else(Error::invalid_request)?;
    let collection =
        request.schema.find(&name).cloned().ok_or_else(Error::missing_or_invalid_collection)?;
    let query = Query::parse(query_of(&part.url));
    let expand = query.get("expand").map(Expand::parse).unwrap_or_default();
    let mut cx = outer.clone();
    cx.method = method;
    cx.query = query.0;
    for (name, value) in &part.headers {
        let name = snake(name);
        if let Some(value) = value.as_str().filter(|_| name != "authorization") {
            cx.headers.retain(|(key, _)| *key != name);
            cx.headers.push((name, value.to_owned()));
        }
    }
    let body = part.body.take().unwrap_or_default();
    let uploads = std::mem::take(&mut part.uploads);
    Ok(Operation { action, collection, body, uploads, expand, cx })
}

fn failed(failure: BatchError) -> Error {
    let BatchError { index, error } = failure;
    let Some(index) = index else { return error };
    let status = error::status(error.kind());
    if status.is_server_error() {
        return error;
    }
    let response = json!({
        "data": error.data(),
        "message": crate::error::sentence(error.message()),
        "status": status.as_u16(),
    });
    let mut requests = FieldErrors::default();
    let code = Code::BatchRequestFailed;
    requests.json(
        index.to_string(),
        json!({"code": code.as_str(), "message": code.default_message(), "response": response}),
    );
    let mut data = FieldErrors::default();
    data.nest("requests", requests);
    Error::invalid("Batch transaction failed.", data).with_source(error)
}
