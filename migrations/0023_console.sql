-- Clients that may do nothing until they are let in again. Whoever looks for clients finds none of them.
ALTER TABLE clients ADD COLUMN disabled_at BIGINT;

-- Proxies that poll the revocation log, as the replicas that answered them saw them last. Written in batches, outside of polls.
CREATE TABLE proxies_seen (
    client_id  TEXT   NOT NULL,
    -- What the proxy calls itself, else where it asked from.
    instance   TEXT   NOT NULL,
    address    TEXT,
    version    TEXT,
    -- How far it had read the log when it asked.
    position   BIGINT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    PRIMARY KEY (client_id, instance)
);
CREATE INDEX proxies_seen_by_time ON proxies_seen (seen_at);

-- What the console searches by.
CREATE INDEX users_disabled ON users (number) WHERE disabled_at IS NOT NULL;
CREATE INDEX users_unconfirmed ON users (number) WHERE email_verified_at IS NULL;
CREATE INDEX sessions_by_address ON sessions (address, created_at);
CREATE INDEX api_keys_by_prefix ON api_keys (prefix);
