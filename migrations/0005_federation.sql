-- Accounts at other providers that sign a user in, known by the provider's own name for them, never by an address.
CREATE TABLE linked_accounts (
    provider     TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    user_id      TEXT   NOT NULL REFERENCES users (id),
    login        TEXT,
    name         TEXT,
    avatar       TEXT,
    email        TEXT,
    -- The one of its provider that is used where one has to be chosen.
    active_since BIGINT,
    -- Sealed.
    tokens       BYTEA,
    linked_at    BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (provider, subject)
);
CREATE INDEX linked_accounts_by_user ON linked_accounts (user_id, provider);

-- A visit to another provider that has begun, for the one browser that began it. Gone when it comes back.
CREATE TABLE federation_states (
    digest     BYTEA  NOT NULL PRIMARY KEY,
    browser    BYTEA  NOT NULL,
    -- Sealed.
    payload    BYTEA  NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX federation_states_by_expiry ON federation_states (expires_at);
