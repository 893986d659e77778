-- For the address of a download, where a browser can send no header. Gone with its use.
CREATE TABLE download_tokens (
    digest     BYTEA  NOT NULL PRIMARY KEY,
    user_id    TEXT   NOT NULL REFERENCES users (id),
    session_id TEXT   NOT NULL,
    path       TEXT,
    expires_at BIGINT NOT NULL
);
CREATE INDEX download_tokens_by_expiry ON download_tokens (expires_at);
