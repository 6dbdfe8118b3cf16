-- Runs that were admitted and have not ended. What is still in here when a process starts was left by one that died.
CREATE TABLE open_runs (
    address BLOB NOT NULL,
    run BLOB NOT NULL,
    command TEXT NOT NULL,
    text TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    PRIMARY KEY (address, run)
) STRICT, WITHOUT ROWID;

-- Which run a request with a key has led to. A key means nothing once it has expired.
CREATE TABLE idempotency_keys (
    address BLOB NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    run BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (address, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);

-- The log now knows the run behind each result. Times are in milliseconds. The newest row must stay, whatever is trimmed:
-- SQLite gives a new row the largest sequence there is plus one, and a sequence is never used again.
CREATE TABLE results (
    sequence INTEGER PRIMARY KEY,
    address BLOB NOT NULL,
    run BLOB NOT NULL,
    command TEXT NOT NULL,
    status TEXT NOT NULL,
    code TEXT,
    opened_at INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    data TEXT NOT NULL
) STRICT;

-- Of older results it is known when they were recorded, and what was sent, of which the first word names the command.
INSERT INTO results
SELECT
    sequence,
    address,
    unhex(json_extract(data, '$.run_id'), '-'),
    '/' || ltrim(lower(substr(trim(json_extract(data, '$.command')), 1,
                              instr(trim(json_extract(data, '$.command')) || ' ', ' ') - 1)), '/'),
    json_extract(data, '$.result.status'),
    json_extract(data, '$.result.code'),
    recorded_at * 1000,
    recorded_at * 1000,
    data
FROM events;

DROP TABLE events;
ALTER TABLE results RENAME TO events;
CREATE INDEX events_by_address ON events (address, sequence);
CREATE UNIQUE INDEX events_by_run ON events (address, run);

-- Up to which event the log of a key was trimmed: an older place cannot be gone on from without a gap. What `forgotten`
-- says holds for every key that has no row any more.
CREATE TABLE trimmed (
    address BLOB PRIMARY KEY,
    through INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX trimmed_by_sequence ON trimmed (through);

INSERT INTO meta (key, value) VALUES ('forgotten', 0);
