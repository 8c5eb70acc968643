//! [`Bucket`]: objects in, out, listed and removed. Every call waits for the network.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::ops::Range;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::signer::{SignedUrlOptions, Signer as _};
use object_store::{
    BackoffConfig, GetOptions, GetRange, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt as _, PutMultipartOptions, PutOptions, PutPayload, RetryConfig,
};
use parking_lot::Mutex;
use reqwest::Method;
use url::Url;

use crate::clock::Stopwatch;
use crate::files::s3::connector::Connector;
use crate::files::s3::content::{Incoming, Ranged};
use crate::files::s3::driver::Driver;
use crate::files::s3::limits::{
    FIRST_PIECE, LINK, MAX_PARTS, MEMORY, OPEN_PART, PART, PATIENCE, PAUSES, REMOVALS, RETRIES,
    RETRY_LIMIT, SILENCE, SLOWEST, WHOLE,
};
use crate::files::s3::{labels, trouble};
use crate::files::{Attributes, Opened};
use crate::settings::S3;

/// A bucket that requests can be made to.
pub struct Bucket {
    store: AmazonS3,
    driver: Arc<Driver>,
    /// Since the service did not answer.
    silence: Mutex<Option<Stopwatch>>,
}

/// An object, as a list tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its whole name.
    pub key: String,
    /// Its bytes.
    pub size: u64,
    /// When it was stored.
    pub modified: SystemTime,
}

/// The bucket of the settings, made anew when they change.
#[derive(Default)]
pub struct Buckets(Mutex<Option<(S3, Arc<Bucket>)>>);

impl Buckets {
    /// The bucket that these settings name.
    pub fn get(&self, settings: &S3, driver: &Arc<Driver>) -> io::Result<Arc<Bucket>> {
        let mut known = self.0.lock();
        if let Some((of, bucket)) = &*known
            && of == settings
        {
            return Ok(Arc::clone(bucket));
        }
        let bucket = Arc::new(Bucket::new(settings, driver)?);
        *known = Some((settings.clone(), Arc::clone(&bucket)));
        Ok(bucket)
    }
}

impl Bucket {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// The settings lead to no address.
    pub fn new(settings: &S3, driver: &Arc<Driver>) -> io::Result<Self> {
        let refused = |words: &str| trouble::outage(ErrorKind::InvalidInput, words);
        let endpoint = address(settings).ok_or_else(|| refused("the endpoint is no address"))?;
        let client = driver.outgoing().client_for(&endpoint);
        let client = client.map_err(|error| refused(&error.to_string()))?;
        let (pause, longest) = PAUSES;
        let retries = RetryConfig {
            backoff: BackoffConfig { init_backoff: pause, max_backoff: longest, base: 2.0 },
            max_retries: RETRIES,
            retry_timeout: RETRY_LIMIT,
        };
        let store = AmazonS3Builder::new()
            .with_endpoint(endpoint)
            .with_virtual_hosted_style_request(!settings.force_path_style)
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_access_key_id(&settings.access_key)
            .with_secret_access_key(settings.secret.reveal())
            .with_allow_http(true)
            .with_disable_bulk_delete(true)
            .with_disable_tagging(true)
            .with_retry(retries)
            .with_http_connector(Connector(client))
            .build()
            .map_err(|error| trouble::of(&error))?;
        Ok(Self { store, driver: Arc::clone(driver), silence: Mutex::default() })
    }

    /// Waits for a request, unless the last one showed just now that nobody answers: then all who
    /// come learn it at once.
    pub(super) fn wait<T>(
        &self,
        limit: Duration,
        request: impl Future<Output = object_store::Result<T>>,
    ) -> io::Result<object_store::Result<T>> {
        if self.silence.lock().as_ref().is_some_and(|since| since.elapsed() < SILENCE) {
            return Err(trouble::outage(ErrorKind::NotConnected, "the service does not answer"));
        }
        let answer = self.driver.wait(limit, request);
        let is_silent = match &answer {
            Err(_) => true,
            Ok(Err(error)) => trouble::of(error).kind() == ErrorKind::NotConnected,
            Ok(Ok(_)) => false,
        };
        if is_silent {
            *self.silence.lock() = Some(Stopwatch::start());
        }
        answer
    }

    /// As [`Bucket::wait`], with the errors of the service among the others.
    fn settle<T>(
        &self,
        limit: Duration,
        request: impl Future<Output = object_store::Result<T>>,
    ) -> io::Result<T> {
        self.wait(limit, request)?.map_err(|error| trouble::of(&error))
    }

    /// Stores a file that is complete, and removes it.
    pub fn put_file(&self, key: &str, from: &FilePath, labels: &Attributes) -> io::Result<()> {
        let mut file = File::open(from)?;
        let length = file.metadata()?.len();
        self.put_sized(key, &mut file, length, labels)?;
        fs::remove_file(from)
    }

    /// Stores what is read, of which the length is known.
    pub fn put_sized(
        &self,
        key: &str,
        content: &mut dyn Read,
        length: u64,
        labels: &Attributes,
    ) -> io::Result<u64> {
        let part = PART.max(length.div_ceil(MAX_PARTS - 1)).min(MEMORY);
        // One byte more than there is: then the end is seen at once, and no parts are needed.
        self.send(key, content, part.min(length + 1), labels)
    }

    /// Stores what is read up to its end, and tells how many bytes that were.
    pub fn put(&self, key: &str, content: &mut dyn Read, labels: &Attributes) -> io::Result<u64> {
        self.send(key, content, OPEN_PART, labels)
    }

    fn send(
        &self,
        key: &str,
        content: &mut dyn Read,
        part: u64,
        labels: &Attributes,
    ) -> io::Result<u64> {
        let key = path(key)?;
        let too_large = || trouble::outage(ErrorKind::FileTooLarge, "it is too large for a bucket");
        let room = self.driver.memory.take(part).ok_or_else(too_large)?;
        let first = next_part(content, part)?;
        let length = first.len() as u64;
        if length < part {
            let options = PutOptions { attributes: labels::headers(labels), ..Default::default() };
            let request = self.store.put_opts(&key, first.into(), options);
            self.settle(WHOLE + time_for(length), request)?;
            return Ok(length);
        }
        let attributes = labels::headers(labels);
        let options = PutMultipartOptions { attributes, ..Default::default() };
        let begin = self.store.put_multipart_opts(&key, options);
        let mut upload = self.settle(WHOLE, begin)?;
        let sent = self.send_parts(&mut *upload, first, content, part);
        drop(room);
        sent.inspect_err(|_| {
            // Parts that stay behind cost their owner money.
            if let Err(error) = self.settle(WHOLE, upload.abort()) {
                tracing::warn!(%error, "an upload to a bucket that failed was not taken back");
            }
        })
    }

    fn send_parts(
        &self,
        upload: &mut dyn MultipartUpload,
        first: Vec<u8>,
        content: &mut dyn Read,
        part: u64,
    ) -> io::Result<u64> {
        let (mut bytes, mut sent, mut count) = (first, 0, 0);
        while !bytes.is_empty() {
            count += 1;
            if count > MAX_PARTS {
                return Err(trouble::outage(ErrorKind::FileTooLarge, "it is too large"));
            }
            let length = bytes.len() as u64;
            let request = upload.put_part(PutPayload::from(Bytes::from(bytes)));
            self.settle(WHOLE + time_for(length), request)?;
            sent += length;
            bytes = if length < part { Vec::new() } else { next_part(content, part)? };
        }
        self.settle(WHOLE, upload.complete())?;
        Ok(sent)
    }

    /// An object, ready to be read; `None` when there is none.
    pub fn open(self: &Arc<Self>, key: &str) -> io::Result<Option<Opened>> {
        let key = path(key)?;
        let range = Some(GetRange::Bounded(0..FIRST_PIECE));
        let options = GetOptions { range, ..Default::default() };
        let got = match self.wait(WHOLE, self.store.get_opts(&key, options))? {
            Err(error) if trouble::is_missing(&error) => return Ok(None),
            Err(error) if trouble::is_about_range(&error) => {
                self.settle(WHOLE, self.store.get_opts(&key, GetOptions::default()))?
            }
            Err(error) => return Err(trouble::of(&error)),
            Ok(got) => got,
        };
        let (length, tag) = (got.meta.size, got.meta.e_tag.clone());
        let modified = SystemTime::from(got.meta.last_modified);
        let attributes = labels::attributes(&got.attributes, &got.meta);
        let end = got.range.end;
        let first = (length > 0).then(|| (got.into_stream(), end));
        let content = Ranged::new(Arc::clone(self), key, tag, length, first);
        Ok(Some(Opened { content: Box::new(content), length, modified, attributes }))
    }

    /// Some bytes of an object that has not changed.
    pub(super) fn range(
        &self,
        key: &Path,
        if_match: Option<String>,
        range: Range<u64>,
    ) -> io::Result<Incoming> {
        let range = Some(GetRange::Bounded(range));
        let options = GetOptions { range, if_match, ..Default::default() };
        let got = self.settle(WHOLE, self.store.get_opts(key, options))?;
        Ok(got.into_stream())
    }

    /// What is known of an object; `None` when there is none.
    pub fn labels(&self, key: &str) -> io::Result<Option<Attributes>> {
        let options = GetOptions { head: true, ..Default::default() };
        match self.wait(WHOLE, self.store.get_opts(&path(key)?, options))? {
            Ok(got) => Ok(Some(labels::attributes(&got.attributes, &got.meta))),
            Err(error) if trouble::is_missing(&error) => Ok(None),
            Err(error) => Err(trouble::of(&error)),
        }
    }

    /// A link with which anybody can fetch an object, shown as `kind` and in the way of
    /// `disposition`. No request is made for it.
    pub fn link(&self, key: &str, kind: &str, disposition: &str) -> io::Result<String> {
        let shown =
            [("response-content-type", kind), ("response-content-disposition", disposition)];
        let options = SignedUrlOptions::default().with_query(shown);
        let key = path(key)?;
        let signed = self.store.signed_url_opts(Method::GET, &key, LINK.0, &options);
        self.driver.wait(WHOLE, signed)?.map(String::from).map_err(|error| trouble::of(&error))
    }

    /// The objects below a folder, as they are read. Names that are none of ours are left out.
    pub fn list(self: &Arc<Self>, folder: &str) -> io::Result<Listing> {
        let stream = self.store.list(Some(&path(folder)?));
        Ok(Listing { stream, bucket: Arc::clone(self), is_over: false })
    }

    /// The objects that lie in no folder.
    pub fn list_top(&self) -> io::Result<Vec<Found>> {
        let listed = self.settle(WHOLE, self.store.list_with_delimiter(None))?;
        Ok(listed.objects.iter().map(found).collect())
    }

    /// The size of an object; `None` when there is none.
    pub fn head(&self, key: &str) -> io::Result<Option<Found>> {
        match self.wait(WHOLE, self.store.head(&path(key)?))? {
            Ok(meta) => Ok(Some(found(&meta))),
            Err(error) if trouble::is_missing(&error) => Ok(None),
            Err(error) => Err(trouble::of(&error)),
        }
    }

    /// Removes objects; one that is not there is removed already.
    pub fn remove(&self, keys: &[String]) -> io::Result<()> {
        let keys: Vec<Path> = keys.iter().map(|key| path(key)).collect::<io::Result<_>>()?;
        let rounds = u32::try_from(keys.len().div_ceil(REMOVALS)).unwrap_or(u32::MAX);
        let limit = WHOLE.saturating_add(PATIENCE.saturating_mul(rounds));
        let mut requests = stream::iter(keys)
            .map(|key| async move { self.store.delete(&key).await })
            .buffer_unordered(REMOVALS);
        let mut failed = None;
        self.settle(limit, async {
            while let Some(removed) = requests.next().await {
                match removed {
                    Err(error) if !trouble::is_missing(&error) => failed = Some(error),
                    _ => {}
                }
            }
            failed.map_or(Ok(()), Err)
        })
    }
}

/// The objects of a folder.
pub struct Listing {
    stream: BoxStream<'static, object_store::Result<ObjectMeta>>,
    bucket: Arc<Bucket>,
    is_over: bool,
}

impl Iterator for Listing {
    type Item = io::Result<Found>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let stream = &mut self.stream;
        let next = self.bucket.wait(WHOLE, async { stream.next().await.transpose() });
        let next = match next {
            Ok(next) => next.transpose()?.map_err(|error| trouble::of(&error)),
            Err(late) => Err(late),
        };
        // A list that broke off does not go on behind the gap.
        self.is_over = next.is_err();
        Some(next.map(|meta| found(&meta)))
    }
}

fn found(meta: &ObjectMeta) -> Found {
    let modified = SystemTime::from(meta.last_modified);
    Found { key: meta.location.to_string(), size: meta.size, modified }
}

fn path(key: &str) -> io::Result<Path> {
    Path::parse(key).map_err(|_| io::Error::new(ErrorKind::InvalidInput, "no name of an object"))
}

fn time_for(length: u64) -> Duration {
    Duration::from_secs(length / SLOWEST * (RETRIES as u64 + 1))
}

/// The next bytes, as many as a part has, or what is left.
fn next_part(content: &mut dyn Read, part: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(part).unwrap_or(0));
    content.take(part).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Where requests go: the endpoint, and the bucket in its host unless it stands in the path.
fn address(settings: &S3) -> Option<String> {
    let endpoint = settings.endpoint.trim_end_matches('/');
    let with_scheme =
        if endpoint.contains("://") { endpoint.to_owned() } else { format!("https://{endpoint}") };
    if settings.force_path_style {
        return Url::parse(&with_scheme).is_ok().then_some(with_scheme);
    }
    let (scheme, rest) = with_scheme.split_once("://")?;
    let hosted = format!("{scheme}://{}.{rest}", settings.bucket);
    Url::parse(&hosted).is_ok().then_some(hosted)
}
