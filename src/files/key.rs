//! Where a file lies: collection, record, name.

/// The longest part of a path, in bytes, with room for what stands around a name.
const MAX_PART: usize = 200;
/// Ends the names of the sidecars.
pub(super) const SIDECAR: &str = ".attrs";
/// Begins the names of the folders of what was made from a file.
pub(super) const THUMBS: &str = "thumbs_";

/// Names a stored file. Each part is a plain name, so that no key leads out of the storage.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileKey {
    collection: String,
    record: String,
    name: String,
    /// Of a thumb, the file it was made from.
    original: Option<String>,
}

impl FileKey {
    /// The key of a file; `None` when a part is no plain name, or the name is a sidecar's.
    pub fn new(collection: &str, record: &str, name: &str) -> Option<Self> {
        let is_safe = [collection, record, name].into_iter().all(is_plain);
        (is_safe && !name.ends_with(SIDECAR)).then(|| Self {
            collection: collection.to_owned(),
            record: record.to_owned(),
            name: name.to_owned(),
            original: None,
        })
    }

    /// The collection's id.
    pub fn collection(&self) -> &str {
        &self.collection
    }

    /// The record's id.
    pub fn record(&self) -> &str {
        &self.record
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder within the record's, if the file lies in one: thumbs do.
    pub fn folder(&self) -> Option<String> {
        self.original.as_deref().map(thumbs_of)
    }

    /// The key of this file's thumb of a size.
    pub(super) fn thumb(&self, size: &str, ending: &str) -> Self {
        let name = format!("{size}_{}{ending}", self.name);
        Self { name, original: Some(self.name.clone()), ..self.clone() }
    }
}

/// The folder of the thumbs of a file.
pub(super) fn thumbs_of(name: &str) -> String {
    format!("{THUMBS}{name}")
}

/// True for text that is one part of a path on every system.
pub(super) fn is_plain(part: &str) -> bool {
    let is_dots = part.bytes().all(|byte| byte == b'.');
    !is_dots && part.len() <= MAX_PART && !part.contains(['/', '\\', '\0', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lead_nowhere_else() {
        assert!(FileKey::new("pbc_1", "abc", "a_b.tar.gz").is_some());
        for bad in ["", ".", "..", "...", "a/b", "a\\b", "a\0", "c:x", &"x".repeat(201)] {
            assert!(FileKey::new(bad, "abc", "a.txt").is_none(), "{bad}");
            assert!(FileKey::new("c", bad, "a.txt").is_none(), "{bad}");
            assert!(FileKey::new("c", "abc", bad).is_none(), "{bad}");
        }
        assert!(FileKey::new("c", "abc", "a.txt.attrs").is_none());
    }
}
