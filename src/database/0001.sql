-- What a file knows of itself: `epoch` names this life of the log, `checked_at` is what a health check writes.
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO meta (key, value) VALUES ('epoch', random()), ('checked_at', 0);

-- The log. SQLite gives a new row the largest sequence there is plus one, so the newest row must stay, whatever is
-- trimmed: a sequence is never used again.
CREATE TABLE events (
    sequence INTEGER PRIMARY KEY,
    address BLOB NOT NULL,
    name TEXT NOT NULL,
    data TEXT NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;

CREATE INDEX events_by_address ON events (address, sequence);

CREATE TABLE identities (
    address BLOB PRIMARY KEY,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Outlives the record: an address in here takes no signature that can be replayed any more.
CREATE TABLE deleted_identities (
    address BLOB PRIMARY KEY,
    deleted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
