-- Answers to requests with an Idempotency-Key, so that a repetition gets the answer and not the effect.
CREATE TABLE idempotency_keys (
    -- Of the caller, the route and the key.
    digest       BYTEA  NOT NULL PRIMARY KEY,
    -- The id of whoever called, or the network of somebody unknown.
    caller       TEXT   NOT NULL,
    -- Of the whole request: the same key with another one is a mistake of the caller.
    request      BYTEA  NOT NULL,
    -- Of whoever works on it; another attempt may begin when the lease has ended without an answer.
    lease        BYTEA  NOT NULL,
    leased_until BIGINT NOT NULL,
    -- Status, kind and body; they may hold a secret that is shown once.
    answer_sealed BYTEA,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
CREATE INDEX idempotency_keys_by_caller ON idempotency_keys (caller);
