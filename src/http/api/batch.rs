//! `POST /api/batch`: several record writes in one transaction (contract §3.5).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::codes::Code;
use crate::error::{Error, FieldErrors, Issue, Kind, Result};
use crate::files::Upload;
use crate::http::limits::{BodyLimits, DEFAULT_BATCH_BODY, MAX_BATCH_URL};
use crate::http::reply::Reply;
use crate::http::request::{Query, Request, decode_segment, snake};
use crate::http::{dispatch, error};
use crate::query::{Expand, Projection, RequestContext};
use crate::records::{self, Action, BatchError, Input, Operation};

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const INVALID: &str = "Invalid batch request data.";

/// One request of a batch, as it was sent.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Part {
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
    body: Map<String, Value>,
    #[serde(skip)]
    uploads: Vec<Upload>,
}

/// The names of a [`Part`]; they match in any case.
const NAMES: [&str; 4] = ["method", "url", "headers", "body"];

/// Runs all, or none.
pub async fn run(mut request: Request) -> Result<Reply> {
    let settings = request.app.settings.load();
    let limits = &settings.batch;
    if !limits.enabled {
        return Err(Error::forbidden("Batch requests are not allowed."));
    }
    let max_body = usize::try_from(limits.max_body_size).ok().filter(|&max| max > 0);
    let room = BodyLimits::all(max_body.unwrap_or(DEFAULT_BATCH_BODY));
    let sent = request.record_body(room).await.map_err(|error| match error.kind() {
        Kind::BadRequest => loading().with_source(error),
        _ => error,
    })?;
    let max_requests = usize::try_from(limits.max_requests).unwrap_or(0);
    let (mut parts, astray) = parts(sent, max_requests)?;
    request.notes.ignored_files(astray);
    let outer = request.context("POST").within("batch");
    let mut operations: Vec<Result<Operation>> = Vec::with_capacity(parts.len());
    for part in &mut parts {
        let operation = match operation(&request, &outer, part) {
            Ok(operation) => counted(&request, operation, &part.url).await,
            refused => refused,
        };
        operations.push(operation);
        if operations.last().is_some_and(Result::is_err) {
            // What follows will not happen, and so it is not counted.
            break;
        }
    }
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

/// The requests with their files, and the keys of the files that belong to none of them.
fn parts(sent: Input, max: usize) -> Result<(Vec<Part>, Vec<String>)> {
    let is_named = |key: &str| key.eq_ignore_ascii_case("requests");
    let requests = match sent.values.into_iter().find(|(key, _)| is_named(key)) {
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
    let mut parts: Vec<Part> = requests.into_iter().map(part).collect::<Result<_>>()?;
    check(&parts)?;
    let mut astray = Vec::new();
    for mut upload in sent.uploads {
        let target = target(&upload.key).filter(|(index, _)| *index < parts.len());
        match target {
            Some((index, key)) => {
                upload.key = key;
                parts[index].uploads.push(upload);
            }
            None => astray.push(upload.key.clone()),
        }
    }
    Ok((parts, astray))
}

fn part(sent: Value) -> Result<Part> {
    let Value::Object(sent) = sent else { return Err(loading()) };
    let sent = sent.into_iter().filter(|(_, value)| !value.is_null()).collect();
    let read = crate::json::from_folded(sent, &NAMES);
    read.map_err(|e| loading().with_source(crate::json::without_value(&e)))
}

/// The request and the field of `requests.N.field` or `requests[N].field`.
fn target(key: &str) -> Option<(usize, String)> {
    let rest = key.strip_prefix("requests")?;
    let (index, field) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once("].")?,
        None => rest.strip_prefix('.')?.split_once('.')?,
    };
    let number: usize = index.parse().ok()?;
    (number.to_string() == index).then(|| (number, field.to_owned()))
}

fn loading() -> Error {
    Error::bad_request("Failed to read the submitted batch data.")
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
    let collection = request.schema.find(&name).cloned().ok_or_else(Error::missing_collection)?;
    let query = Query::parse(query_of(&part.url));
    // A write must not happen and then be answered with an error.
    Projection::parse(query.text("fields")).map_err(|_| Error::invalid_request())?;
    let expand = query.get("expand").map(Expand::parse).unwrap_or_default();
    let mut cx = outer.clone();
    cx.method = method;
    cx.query = query.0;
    for (name, value) in &part.headers {
        let name = snake(name);
        if name != "authorization" {
            cx.headers.retain(|(key, _)| *key != name);
            cx.headers.push((name, value.clone()));
        }
    }
    let body = std::mem::take(&mut part.body);
    let uploads = std::mem::take(&mut part.uploads);
    request.notes.ignored_files(records::ignored_files(&collection, &uploads));
    Ok(Operation { action, collection, body, uploads, expand, cx })
}

/// The operation, if there were not too many like it.
async fn counted(request: &Request, operation: Operation, url: &str) -> Result<Operation> {
    if !request.app.settings.load().rate_limits.enabled {
        return Ok(operation);
    }
    let records = &request.app.records;
    let (tag, method) = match &operation.action {
        Action::Create => ("create", "POST"),
        Action::Update(_) => ("update", "PATCH"),
        Action::Delete(_) => ("delete", "DELETE"),
        Action::Upsert => match operation.body.get("id").and_then(Value::as_str) {
            Some(id) if records.is_there(&operation.collection, id).await? => ("update", "PATCH"),
            _ => ("create", "POST"),
        },
    };
    let path = url.split('?').next().unwrap_or_default();
    request.limit_write(&operation.collection, tag, method, path)?;
    Ok(operation)
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
