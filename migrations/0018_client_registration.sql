-- With what registered clients look after their registration; replaced with each change.
CREATE TABLE client_registrations (
    client_id TEXT  NOT NULL PRIMARY KEY REFERENCES clients (id),
    digest    BYTEA NOT NULL
);
-- What an operator gives to those who may register clients.
CREATE TABLE initial_access_tokens (
    digest     BYTEA  NOT NULL PRIMARY KEY,
    uses_left  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
-- How long what a client publishes about itself may be used before it is fetched again.
CREATE TABLE client_documents (
    client_id   TEXT   NOT NULL PRIMARY KEY REFERENCES clients (id),
    fresh_until BIGINT NOT NULL
);
