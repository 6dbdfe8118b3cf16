-- What only this server can know: by it, it recognises what it has given out and not kept.
INSERT INTO meta (key, value) VALUES ('secret', randomblob(32));

-- Of a token the hash is kept. Times are in milliseconds.
CREATE TABLE sessions (
    id BLOB PRIMARY KEY,
    address BLOB NOT NULL,
    hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_address ON sessions (address, created_at);
CREATE INDEX sessions_by_use ON sessions (used_at);

-- A ticket is good until `connect_by`, which moves on while a stream uses it. The newest connection that uses it has the
-- largest number.
CREATE TABLE tickets (
    id BLOB PRIMARY KEY,
    address BLOB NOT NULL,
    hash BLOB NOT NULL,
    session BLOB,
    created_at INTEGER NOT NULL,
    connect_by INTEGER NOT NULL,
    connection INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX tickets_by_address ON tickets (address, created_at);
CREATE INDEX tickets_by_time ON tickets (connect_by);
