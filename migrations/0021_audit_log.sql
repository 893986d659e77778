-- The audit log: one entry per state-changing request, in a chain per account; `-` is the chain of what concerns no account.
-- Rows are only added. What is personal in them can be taken out, and what is old is removed from the front.
CREATE TABLE audit_entries (
    account_id TEXT   NOT NULL,
    seq        BIGINT NOT NULL,
    id         TEXT   NOT NULL UNIQUE,
    at         BIGINT NOT NULL,
    actor_type TEXT   NOT NULL,
    actor      TEXT,
    service    TEXT   NOT NULL,
    method     TEXT   NOT NULL,
    path       TEXT   NOT NULL,
    status     BIGINT NOT NULL,
    request_id TEXT,
    resource   TEXT,
    actions    TEXT   NOT NULL,
    reporter   TEXT,
    prev_hash  BYTEA  NOT NULL,
    commitment BYTEA  NOT NULL,
    hash       BYTEA  NOT NULL,
    -- What the commitment is about; all of it goes when it is erased.
    salt       BYTEA,
    actor_name TEXT,
    ip         TEXT,
    user_agent TEXT,
    details    TEXT,
    PRIMARY KEY (account_id, seq)
);
CREATE INDEX audit_entries_by_time ON audit_entries (account_id, at);
CREATE INDEX audit_entries_by_actor ON audit_entries (actor);
CREATE INDEX audit_entries_by_resource ON audit_entries (resource);

-- How far each chain has come. The row is locked by whoever adds to the chain.
CREATE TABLE audit_chains (
    account_id     TEXT   NOT NULL PRIMARY KEY,
    seq            BIGINT NOT NULL,
    hash           BYTEA  NOT NULL,
    at             BIGINT NOT NULL,
    -- The first entry that is kept, and the hash before it; a signature vouches for it once something was removed.
    first_seq      BIGINT NOT NULL,
    first_hash     BYTEA  NOT NULL,
    pruned         TEXT,
    pruned_times   BIGINT NOT NULL,
    -- Entries without their personal parts.
    erased         BIGINT NOT NULL,
    -- The number of the last checkpoint, and what it is about.
    checkpoint     BIGINT NOT NULL,
    checkpoint_seq BIGINT NOT NULL
);
CREATE INDEX audit_chains_unsigned ON audit_chains (account_id) WHERE seq > checkpoint_seq;

CREATE TABLE audit_checkpoints (
    account_id TEXT   NOT NULL,
    number     BIGINT NOT NULL,
    seq        BIGINT NOT NULL,
    jws        TEXT   NOT NULL,
    PRIMARY KEY (account_id, number)
);
CREATE INDEX audit_checkpoints_by_seq ON audit_checkpoints (account_id, seq);

-- The public halves of keys that have signed checkpoints, sealed so that only the server can add one; kept when the signing
-- key itself is long gone.
CREATE TABLE audit_keys (
    kid        TEXT  NOT NULL PRIMARY KEY,
    jwk_sealed BYTEA NOT NULL
);
