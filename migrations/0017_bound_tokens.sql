-- Tokens bound to a key of their client: `dpop_jkt` is a thumbprint, `cnf` the member of that name (RFC 7800), as JSON.
ALTER TABLE authorization_codes ADD COLUMN dpop_jkt TEXT;
ALTER TABLE refresh_tokens ADD COLUMN cnf TEXT;
ALTER TABLE access_tokens ADD COLUMN cnf TEXT;

-- Proofs of possession already taken (RFC 9449 section 11.1): digests of key and jti. Each works once, on any replica.
CREATE TABLE dpop_proofs (
    digest     BYTEA  NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX dpop_proofs_by_expiry ON dpop_proofs (expires_at);
