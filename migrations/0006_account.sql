-- A browser in which a user has signed in before, by the digest of its mark.
CREATE TABLE known_devices (
    user_id       TEXT   NOT NULL REFERENCES users (id),
    digest        BYTEA  NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at  BIGINT NOT NULL,
    PRIMARY KEY (user_id, digest)
);
CREATE INDEX known_devices_by_use ON known_devices (last_seen_at);

-- An account that is to be erased, until it is or until that was cancelled.
CREATE TABLE account_deletions (
    user_id       TEXT   NOT NULL PRIMARY KEY REFERENCES users (id),
    -- Of the link that cancels it.
    secret_digest BYTEA  NOT NULL UNIQUE,
    requested_at  BIGINT NOT NULL,
    scheduled_for BIGINT NOT NULL
);

-- The row stays when everything personal in it is gone, so that its id is never given to anybody else.
ALTER TABLE users ADD COLUMN erased_at BIGINT;

CREATE INDEX audit_events_by_target ON audit_events (target, at);
