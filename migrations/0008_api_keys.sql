-- Keys that people make for programs. The text is shown once; its SHA-256 is kept, also where it is a JWT. `scopes` are in
-- the order of asking; what of them counts is judged at each use against what the maker may do then.
CREATE TABLE api_keys (
    id            TEXT   NOT NULL PRIMARY KEY,
    kind          TEXT   NOT NULL,
    user_id       TEXT   NOT NULL REFERENCES users (id),
    secret_digest BYTEA  NOT NULL UNIQUE,
    -- The first characters of the text.
    prefix        TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    scopes        TEXT   NOT NULL,
    repositories  TEXT   NOT NULL,
    -- Networks it may be used from; all when there are none.
    addresses     TEXT   NOT NULL,
    rate_limit    BIGINT,
    -- The key that signed it, which stays published as long as this one lives.
    signing_kid   TEXT,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    last_used_at  BIGINT,
    replaced_by   TEXT,
    revoked_at    BIGINT,
    revoke_reason TEXT,
    -- How many days before its end its owner was told last.
    told_days     BIGINT
);
CREATE INDEX api_keys_by_user ON api_keys (user_id, created_at);
CREATE INDEX api_keys_by_expiry ON api_keys (expires_at);
CREATE INDEX api_keys_by_signing_kid ON api_keys (signing_kid);
CREATE INDEX api_keys_by_revocation ON api_keys (revoked_at);
