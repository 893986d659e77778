-- Work that is done outside of requests: written with what asked for it, done once, tried again when it fails.
CREATE TABLE jobs (
    id           TEXT   NOT NULL PRIMARY KEY,
    kind         TEXT   NOT NULL,
    -- Sealed, because it may hold addresses and links.
    payload      BYTEA  NOT NULL,
    created_at   BIGINT NOT NULL,
    run_at       BIGINT NOT NULL,
    attempts     BIGINT NOT NULL,
    leased_until BIGINT,
    last_error   TEXT,
    -- Given up: it waits for an operator.
    failed_at    BIGINT
);
CREATE INDEX jobs_by_time ON jobs (run_at);

-- A mail that asks its reader to prove that the mailbox is theirs, by a link or by a code of six digits.
CREATE TABLE mail_challenges (
    id            TEXT   NOT NULL PRIMARY KEY,
    purpose       TEXT   NOT NULL,
    user_id       TEXT   NOT NULL REFERENCES users (id),
    -- The mailbox; for a change of address the new one.
    email         TEXT   NOT NULL,
    secret_digest BYTEA  NOT NULL UNIQUE,
    -- The browser that asked, and the authorization request it was on the way of.
    browser       BYTEA,
    flow          TEXT,
    attempts      BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    consumed_at   BIGINT
);
CREATE INDEX mail_challenges_by_user ON mail_challenges (user_id, purpose);
CREATE INDEX mail_challenges_by_expiry ON mail_challenges (expires_at);
