-- Ids of runs begin with their time, so the index by them alone is written at its end; with the address before them it was
-- written in as many places as there are addresses. Whose runs are wanted finds them by `events_by_address`.
DROP INDEX events_by_run;
CREATE UNIQUE INDEX events_by_run ON events (run);
DROP INDEX events_by_address;
CREATE INDEX events_by_address ON events (address, sequence, run);

-- Signed requests that were admitted: each nonce is good for one. A signature is worth nothing once its nonce has died, in
-- seconds since 1970, so the row goes then; what `purged_through` says is the latest death of all that are gone.
CREATE TABLE nonces (
    address BLOB NOT NULL,
    nonce TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    run BLOB,
    dies_at INTEGER NOT NULL,
    PRIMARY KEY (address, nonce)
) STRICT, WITHOUT ROWID;

CREATE INDEX nonces_by_death ON nonces (dies_at);

INSERT INTO meta (key, value) VALUES ('purged_through', 0);
