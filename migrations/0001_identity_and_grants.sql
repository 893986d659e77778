-- Portable between SQLite and PostgreSQL: ids TEXT, instants BIGINT (microseconds since the epoch), digests and sealed
-- values BYTEA, structured values as JSON in TEXT. A flag is a nullable instant.

CREATE TABLE users (
    id                TEXT   NOT NULL PRIMARY KEY,
    username          TEXT   UNIQUE,
    email             TEXT   NOT NULL UNIQUE,
    email_verified_at BIGINT,
    role              TEXT   NOT NULL,
    password_hash     TEXT,
    profile           TEXT   NOT NULL,
    disabled_at       BIGINT,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL
);

-- One row per sign-in. The cookie is the only copy of the secret.
CREATE TABLE sessions (
    id               TEXT   NOT NULL PRIMARY KEY,
    user_id          TEXT   NOT NULL REFERENCES users (id),
    secret_digest    BYTEA  NOT NULL UNIQUE,
    authenticated_at BIGINT NOT NULL,
    amr              TEXT   NOT NULL,
    acr              TEXT   NOT NULL,
    address          TEXT,
    user_agent       TEXT,
    created_at       BIGINT NOT NULL,
    last_seen_at     BIGINT NOT NULL,
    idle_expires_at  BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    ended_at         BIGINT
);
CREATE INDEX sessions_by_user ON sessions (user_id, created_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE clients (
    id         TEXT   NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    source     TEXT   NOT NULL,
    settings   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);

CREATE TABLE client_secrets (
    client_id  TEXT   NOT NULL REFERENCES clients (id),
    digest     BYTEA  NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (client_id, digest)
);

-- Identifiers of client assertions already taken (RFC 7523 section 3, jti): each works once, on any replica.
CREATE TABLE client_assertions (
    client_id  TEXT   NOT NULL,
    jti_digest BYTEA  NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (client_id, jti_digest)
);
CREATE INDEX client_assertions_by_expiry ON client_assertions (expires_at);

CREATE TABLE consents (
    user_id    TEXT   NOT NULL REFERENCES users (id),
    client_id  TEXT   NOT NULL REFERENCES clients (id),
    scopes     TEXT   NOT NULL,
    granted_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, client_id)
);

-- A grant is one authorization of a client by a user: the family of a code, its refresh tokens and their access tokens.
CREATE TABLE grants (
    id               TEXT   NOT NULL PRIMARY KEY,
    user_id          TEXT   NOT NULL REFERENCES users (id),
    client_id        TEXT   NOT NULL REFERENCES clients (id),
    session_id       TEXT   NOT NULL REFERENCES sessions (id),
    offline          BIGINT NOT NULL,
    scopes           TEXT   NOT NULL,
    resources        TEXT   NOT NULL,
    claims           TEXT,
    nonce            TEXT,
    authenticated_at BIGINT NOT NULL,
    amr              TEXT   NOT NULL,
    acr              TEXT   NOT NULL,
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    ended_at         BIGINT,
    end_reason       TEXT
);
CREATE INDEX grants_by_session ON grants (session_id);
CREATE INDEX grants_by_user ON grants (user_id, client_id);
CREATE INDEX grants_by_client ON grants (client_id);
CREATE INDEX grants_by_expiry ON grants (expires_at);

CREATE TABLE authorization_codes (
    digest         BYTEA  NOT NULL PRIMARY KEY,
    grant_id       TEXT   NOT NULL REFERENCES grants (id),
    client_id      TEXT   NOT NULL,
    redirect_uri   TEXT   NOT NULL,
    code_challenge TEXT,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    consumed_at    BIGINT
);
CREATE INDEX authorization_codes_by_expiry ON authorization_codes (expires_at);

-- A chain per grant. `successor_sealed` lets the same predecessor receive the same successor within the grace window.
CREATE TABLE refresh_tokens (
    digest           BYTEA  NOT NULL PRIMARY KEY,
    grant_id         TEXT   NOT NULL REFERENCES grants (id),
    generation       BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    rotated_at       BIGINT,
    successor_digest BYTEA,
    successor_sealed BYTEA,
    UNIQUE (grant_id, generation)
);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

-- Opaque access tokens only; JWTs leave no row.
CREATE TABLE access_tokens (
    digest     BYTEA  NOT NULL PRIMARY KEY,
    id         TEXT   NOT NULL UNIQUE,
    client_id  TEXT   NOT NULL,
    grant_id   TEXT,
    session_id TEXT,
    user_id    TEXT,
    scopes     TEXT   NOT NULL,
    audience   TEXT   NOT NULL,
    issued_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at);

CREATE TABLE signing_keys (
    kid            TEXT   NOT NULL PRIMARY KEY,
    algorithm      TEXT   NOT NULL,
    public_jwk     TEXT   NOT NULL,
    private_sealed BYTEA  NOT NULL,
    created_at     BIGINT NOT NULL,
    activates_at   BIGINT NOT NULL,
    retired_at     BIGINT,
    remove_at      BIGINT
);
CREATE INDEX signing_keys_by_algorithm ON signing_keys (algorithm, activates_at);

-- The revocation log. Positions are taken from the one counter row inside the ending transaction, so they are gap-free
-- in commit order: a reader that has seen n has seen all up to n.
CREATE TABLE revocation_head (
    id       BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    position BIGINT NOT NULL
);
INSERT INTO revocation_head (id, position) VALUES (1, 0);

CREATE TABLE revocations (
    position      BIGINT NOT NULL PRIMARY KEY,
    kind          TEXT   NOT NULL,
    target        TEXT   NOT NULL,
    issued_before BIGINT,
    until         BIGINT NOT NULL,
    created_at    BIGINT NOT NULL
);
CREATE INDEX revocations_by_target ON revocations (kind, target);
CREATE INDEX revocations_by_until ON revocations (until);

-- Attempts are counted before a password is looked at, so parallel guesses can't outrun the counter.
CREATE TABLE login_throttles (
    subject           TEXT   NOT NULL PRIMARY KEY,
    attempts          BIGINT NOT NULL,
    window_started_at BIGINT NOT NULL,
    blocked_until     BIGINT NOT NULL
);
CREATE INDEX login_throttles_by_window ON login_throttles (window_started_at);

CREATE TABLE setup_links (
    digest      BYTEA  NOT NULL PRIMARY KEY,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    consumed_at BIGINT
);

CREATE TABLE audit_events (
    id         TEXT   NOT NULL PRIMARY KEY,
    at         BIGINT NOT NULL,
    actor_kind TEXT   NOT NULL,
    actor_id   TEXT,
    action     TEXT   NOT NULL,
    target     TEXT,
    detail     TEXT   NOT NULL,
    address    TEXT,
    user_agent TEXT,
    request_id TEXT
);
CREATE INDEX audit_events_by_time ON audit_events (at, id);
CREATE INDEX audit_events_by_actor ON audit_events (actor_id, at);
