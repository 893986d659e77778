-- WebAuthn credentials, several per user. `data` holds the public key, the signature counter and the backup flags as JSON.
CREATE TABLE passkeys (
    id            TEXT   NOT NULL PRIMARY KEY,
    user_id       TEXT   NOT NULL REFERENCES users (id),
    credential_id BYTEA  NOT NULL UNIQUE,
    name          TEXT   NOT NULL,
    data          TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    last_used_at  BIGINT
);
CREATE INDEX passkeys_by_user ON passkeys (user_id);

-- A challenge travels sealed in the page; its digest is here once it was answered, so that it is answered once.
CREATE TABLE used_ceremonies (
    digest     BYTEA  NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX used_ceremonies_by_expiry ON used_ceremonies (expires_at);
