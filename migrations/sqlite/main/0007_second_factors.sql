-- Authenticator apps. The secret is sealed where the settings are. `last_step` is the newest time
-- step whose code was accepted; `recovery` is a JSON list of hashes.
CREATE TABLE _gr_totp (
    "collectionRef" TEXT NOT NULL,
    "recordRef" TEXT NOT NULL,
    secret TEXT NOT NULL,
    created TEXT NOT NULL,
    confirmed TEXT NOT NULL DEFAULT '',
    last_step INTEGER NOT NULL DEFAULT 0,
    recovery TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY ("collectionRef", "recordRef")
) WITHOUT ROWID;

-- One-time codes of addresses that nobody has: they fit nothing, and cost what true ones cost.
CREATE TABLE _gr_decoys (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    "collectionRef" TEXT NOT NULL,
    "recordRef" TEXT NOT NULL,
    password TEXT NOT NULL,
    created TEXT NOT NULL
);
CREATE INDEX _gr_decoys_owner ON _gr_decoys ("collectionRef", "recordRef");
