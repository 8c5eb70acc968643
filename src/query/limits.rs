//! How much a client may ask at once. All limits of the language stand here (contract §1.10, §2).

/// Bytes of a client's filter; rules have no such limit.
pub const CLIENT_FILTER_BYTES: usize = 3500;
/// Comparisons of one filter or rule.
pub const LEAVES: usize = 200;
/// Calls within calls, the outermost counted.
pub const CALL_LEVELS: usize = 3;
/// Joins of one identifier.
pub const RELATION_HOPS: usize = 6;
/// Terms of a sort.
pub const SORT_TERMS: usize = 8;
/// Tables that one filter, rule or sort may join; engines join a limited number (SQLite 64).
pub const JOINED_TABLES: usize = 30;
/// Bytes of one sort term's name.
pub const SORT_NAME_BYTES: usize = 255;
/// Relations within relations of an expand.
pub const EXPAND_LEVELS: usize = 6;
/// Relations of one expand parameter, at all levels.
pub const EXPAND_NODES: usize = 200;
/// Levels of a path of `fields`; JSON documents are no deeper.
pub const PROJECTION_LEVELS: usize = 128;
/// Records of a page.
pub const PER_PAGE: u64 = 1000;
/// Records of a page when the client does not say.
pub const DEFAULT_PER_PAGE: u64 = 30;
