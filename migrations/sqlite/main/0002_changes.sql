-- What happened to records, in the order of the commits. `before` is the row that a delete took, as
-- JSON, so that rules can still be asked about it.
CREATE TABLE _gr_changes (
    seq INTEGER PRIMARY KEY NOT NULL,
    collection TEXT NOT NULL,
    record TEXT NOT NULL,
    action INTEGER NOT NULL,
    at INTEGER NOT NULL,
    before TEXT DEFAULT NULL
);
