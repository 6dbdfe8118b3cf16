-- Commands that were registered while the server ran. A secret is kept as it is, because it signs. Times are in milliseconds.
CREATE TABLE commands (
    name TEXT PRIMARY KEY,
    definition TEXT NOT NULL,
    url TEXT NOT NULL,
    secret TEXT,
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX commands_by_end ON commands (expires_at);
