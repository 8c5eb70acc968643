-- What webhooks were answered: one row an attempt, the newest of them kept.
CREATE TABLE _gr_deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    webhook TEXT NOT NULL,
    message TEXT NOT NULL,
    job INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    status INTEGER NOT NULL,
    took_ms INTEGER NOT NULL,
    error TEXT NOT NULL,
    answer TEXT NOT NULL,
    at INTEGER NOT NULL
);

CREATE INDEX _gr_deliveries_webhook ON _gr_deliveries (webhook, id);
