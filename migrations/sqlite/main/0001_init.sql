-- The tables every data folder starts with, in the form PocketBase 0.40 reads and writes.

CREATE TABLE _migrations (
    file VARCHAR(255) PRIMARY KEY NOT NULL,
    applied INTEGER NOT NULL
);

CREATE TABLE _params (
    id TEXT PRIMARY KEY DEFAULT ('r' || lower(hex(randomblob(7)))) NOT NULL,
    value JSON DEFAULT NULL,
    created TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL,
    updated TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL
);

CREATE TABLE _collections (
    id TEXT PRIMARY KEY DEFAULT ('r' || lower(hex(randomblob(7)))) NOT NULL,
    system BOOLEAN DEFAULT FALSE NOT NULL,
    type TEXT DEFAULT 'base' NOT NULL,
    name TEXT UNIQUE NOT NULL,
    fields JSON DEFAULT '[]' NOT NULL,
    indexes JSON DEFAULT '[]' NOT NULL,
    listRule TEXT DEFAULT NULL,
    viewRule TEXT DEFAULT NULL,
    createRule TEXT DEFAULT NULL,
    updateRule TEXT DEFAULT NULL,
    deleteRule TEXT DEFAULT NULL,
    options JSON DEFAULT '{}' NOT NULL,
    created TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL,
    updated TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL
);

CREATE INDEX idx__collections_type ON _collections (type);

-- So that PocketBase, opening this folder, finds nothing left to do.
INSERT INTO _migrations (file, applied)
SELECT file, CAST(unixepoch('now', 'subsec') * 1000000 AS INTEGER)
FROM (
    SELECT '1640988000_aux_init.go' AS file
    UNION ALL SELECT '1640988000_init.go'
    UNION ALL SELECT '1717233556_v0.23_migrate.go'
    UNION ALL SELECT '1717233557_v0.23_migrate2.go'
    UNION ALL SELECT '1717233558_v0.23_migrate3.go'
    UNION ALL SELECT '1717233559_v0.23_migrate4.go'
    UNION ALL SELECT '1763020353_update_default_auth_alert_templates.go'
    UNION ALL SELECT '1778828400_normalize_indexes.go'
);
