-- Ids of runs begin with their time, so what is in their order is written at its end; with the address before them it was
-- written in as many places as there are addresses. Whose runs are wanted finds them by `events_by_address`, and looks through
-- all that are open, of which there are never many.
DROP INDEX events_by_run;
CREATE UNIQUE INDEX events_by_run ON events (run);
DROP INDEX events_by_address;
CREATE INDEX events_by_address ON events (address, sequence, run);

CREATE TABLE open_runs_by_time (
    run BLOB PRIMARY KEY,
    address BLOB NOT NULL,
    command TEXT NOT NULL,
    text TEXT NOT NULL,
    opened_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO open_runs_by_time SELECT run, address, command, text, opened_at FROM open_runs;
DROP TABLE open_runs;
ALTER TABLE open_runs_by_time RENAME TO open_runs;

-- Signed requests that were admitted: each nonce is good for one. A signature is worth nothing once its nonce has died, in
-- seconds since 1970, so the row goes then; what `purged_through` says is the latest death of all that are gone. No index finds
-- a nonce: which there are is known in memory, and rows in the order of time are written at the end.
CREATE TABLE nonces (
    number INTEGER PRIMARY KEY,
    address BLOB NOT NULL,
    nonce TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    run BLOB,
    dies_at INTEGER NOT NULL
) STRICT;

CREATE INDEX nonces_by_death ON nonces (dies_at);

INSERT INTO meta (key, value) VALUES ('purged_through', 0);
