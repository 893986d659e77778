-- What is billed and what IAM users live in. Made with its root user; twelve digits, never given to anybody else.
CREATE TABLE accounts (
    id           TEXT   NOT NULL PRIMARY KEY,
    root_user_id TEXT   NOT NULL UNIQUE REFERENCES users (id),
    created_at   BIGINT NOT NULL
);
