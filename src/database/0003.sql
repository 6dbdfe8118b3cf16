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
