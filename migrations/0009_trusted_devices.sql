-- A browser in which a user needs no second step until it expires: a secret of its own, good for this user and this mark.
CREATE TABLE trusted_devices (
    id            TEXT   NOT NULL PRIMARY KEY,
    user_id       TEXT   NOT NULL REFERENCES users (id),
    secret_digest BYTEA  NOT NULL UNIQUE,
    -- Of the browser's mark.
    browser       BYTEA  NOT NULL,
    address       TEXT,
    user_agent    TEXT,
    created_at    BIGINT NOT NULL,
    last_used_at  BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL
);
CREATE INDEX trusted_devices_by_user ON trusted_devices (user_id, browser);
CREATE INDEX trusted_devices_by_expiry ON trusted_devices (expires_at);

-- Whom a job is about, so that what it holds goes when they are erased. No reference: jobs come and go at once.
ALTER TABLE jobs ADD COLUMN user_id TEXT;
CREATE INDEX jobs_by_user ON jobs (user_id);
