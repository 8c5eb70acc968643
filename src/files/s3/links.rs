//! [`Links`]: which objects are known to be there, so that a link to one costs no request.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::files::s3::Bucket;
use crate::files::s3::limits::MAX_KNOWN;
use crate::files::s3::storage::object;
use crate::files::{Attributes, FileKey};

/// What was seen of objects. Names are never used again, so what is known stays true until the
/// object goes; then the service answers that it is gone.
#[derive(Default)]
pub struct Links(Mutex<Option<Known>>);

/// The bucket that was looked into, and what is there.
type Known = (Arc<Bucket>, HashMap<FileKey, Attributes>);

impl Links {
    /// A link to a file, if it is in the bucket; `shown` tells its kind and disposition.
    pub fn to(
        &self,
        bucket: &Arc<Bucket>,
        key: &FileKey,
        shown: impl Fn(&Attributes) -> (String, String),
    ) -> io::Result<Option<String>> {
        let known = match &*self.0.lock() {
            Some((of, all)) if Arc::ptr_eq(of, bucket) => all.get(key).cloned(),
            _ => None,
        };
        let attributes = match known {
            Some(attributes) => attributes,
            None => {
                let Some(attributes) = bucket.labels(&object(key))? else { return Ok(None) };
                self.keep(bucket, key, &attributes);
                attributes
            }
        };
        let (kind, disposition) = shown(&attributes);
        bucket.link(&object(key), &kind, &disposition).map(Some)
    }

    fn keep(&self, bucket: &Arc<Bucket>, key: &FileKey, attributes: &Attributes) {
        let mut known = self.0.lock();
        // Another bucket has other objects.
        let is_same = known
            .as_ref()
            .is_some_and(|(of, all)| Arc::ptr_eq(of, bucket) && all.len() < MAX_KNOWN);
        if !is_same {
            *known = Some((Arc::clone(bucket), HashMap::new()));
        }
        if let Some((_, all)) = &mut *known {
            all.insert(key.clone(), attributes.clone());
        }
    }
}
