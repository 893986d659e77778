-- People who work in an account besides its root user, who is its first owner and has a row here, too, once others have.
CREATE TABLE memberships (
    id         TEXT   NOT NULL PRIMARY KEY,
    account_id TEXT   NOT NULL REFERENCES accounts (id),
    user_id    TEXT   NOT NULL REFERENCES users (id),
    role       TEXT   NOT NULL,
    invited_by TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (account_id, user_id)
);
CREATE INDEX memberships_by_user ON memberships (user_id);

-- The link goes out by mail; only its digest is kept.
CREATE TABLE invitations (
    id          TEXT   NOT NULL PRIMARY KEY,
    digest      BYTEA  NOT NULL UNIQUE,
    account_id  TEXT   NOT NULL REFERENCES accounts (id),
    email       TEXT   NOT NULL,
    role        TEXT   NOT NULL,
    invited_by  TEXT   NOT NULL REFERENCES users (id),
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    accepted_at BIGINT,
    revoked_at  BIGINT
);
CREATE INDEX invitations_by_account ON invitations (account_id, created_at);
CREATE INDEX invitations_by_expiry ON invitations (expires_at);
