-- People who work in an account. Its root user is its first owner and has a row here, too, made with the account.
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

-- The root users there are already; the id is as good as any other, and is no secret.
INSERT INTO memberships (id, account_id, user_id, role, created_at)
SELECT 'mem_' || substr(users.id, 5), accounts.id, users.id, 'owner', accounts.created_at
FROM accounts JOIN users ON users.id = accounts.root_user_id
WHERE users.erased_at IS NULL;

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
-- One that is open for each address; the next one takes its place.
CREATE UNIQUE INDEX invitations_open ON invitations (account_id, email) WHERE accepted_at IS NULL AND revoked_at IS NULL;
CREATE INDEX invitations_by_account ON invitations (account_id, created_at);
CREATE INDEX invitations_by_inviter ON invitations (invited_by);
CREATE INDEX invitations_by_email ON invitations (email);
CREATE INDEX invitations_by_expiry ON invitations (expires_at);
