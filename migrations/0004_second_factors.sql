-- One authenticator app per user. The seed must be read back, so it is sealed. Each time step is taken once.
CREATE TABLE totp_factors (
    user_id       TEXT   NOT NULL PRIMARY KEY REFERENCES users (id),
    secret_sealed BYTEA  NOT NULL,
    last_step     BIGINT NOT NULL,
    confirmed_at  BIGINT NOT NULL
);

-- A seed that was shown and not yet proven; the factor before it stays until it is.
CREATE TABLE totp_setups (
    user_id       TEXT   NOT NULL PRIMARY KEY REFERENCES users (id),
    secret_sealed BYTEA  NOT NULL,
    created_at    BIGINT NOT NULL
);

-- Codes to get in without the app. Sixty random bits under a keyed hash whose key is not in the database.
CREATE TABLE backup_codes (
    user_id    TEXT   NOT NULL REFERENCES users (id),
    tag        BYTEA  NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (user_id, tag)
);

-- A sign-in that has proven one factor and waits for the second.
CREATE TABLE pending_logins (
    secret_digest BYTEA  NOT NULL PRIMARY KEY,
    user_id       TEXT   NOT NULL REFERENCES users (id),
    amr           TEXT   NOT NULL,
    attempts      BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    consumed_at   BIGINT
);
CREATE INDEX pending_logins_by_expiry ON pending_logins (expires_at);
